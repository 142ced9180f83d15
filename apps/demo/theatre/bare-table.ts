/** The one door to cli-table3: cells in columns without a frame, the widths of all characters its affair. */
import Table from 'cli-table3';

export interface BareTableOptions {
  /** Between columns. */
  readonly middle: string;
  /** Blanks on both sides of a cell. */
  readonly padding: number;
  /** Without the padding; absent: as wide as the cells need. */
  readonly widths?: readonly number[];
}

const NO_FRAME = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
};

/** The lines of a table, blanks at their ends included. Cells must fit; see `fold`. */
export function bareTable(
  rows: readonly (readonly string[])[],
  { middle, padding, widths }: BareTableOptions,
): string[] {
  const table = new Table({
    chars: { ...NO_FRAME, middle },
    style: { 'padding-left': padding, 'padding-right': padding, head: [], border: [] },
    ...(widths === undefined ? {} : { colWidths: widths.map((width) => width + 2 * padding) }),
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString().split('\n');
}
