/** Tables for people: a header, a rule, rows; folded to the terminal, and a list where that is too narrow. */
import { bareTable } from './bare-table.js';
import { fold, longestWord, widthOf } from './fold.js';

/** Between two columns: ` │ `. */
const GAP = 3;
const PADDING = 1;
/** A column narrower than this is hard to read: then every row becomes a list of its own. */
const LEAST_COLUMN = 9;

/**
 * Lays out a table.
 *
 * @param rows - the first is the header
 * @param columns - of the terminal
 */
export function tableLines(rows: readonly (readonly string[])[], columns: number): string[] {
  const widths = widthsWithin(rows, columns);
  if (widths === undefined) return asLists(rows, columns);
  const folded = rows.map((row) => widths.map((width, at) => fold(row[at] ?? '', width)));
  const isTight = folded.every((row) => row.every((cell) => cell.length === 1));
  const rule = ruleOf(widths);
  return folded.flatMap((row, index) => {
    const lines = rowLines(
      row.map((cell) => cell.join('\n')),
      widths,
    );
    // Rows of several lines need to be told apart; the header always.
    const isRuled = index === 0 || (!isTight && index < folded.length - 1);
    return isRuled ? [...lines, rule] : lines;
  });
}

/** One row of folded cells, each line without blanks at its end. */
export function rowLines(cells: readonly string[], widths: readonly number[]): string[] {
  return bareTable([cells], { middle: '│', padding: PADDING, widths }).map((line) =>
    line.trimEnd(),
  );
}

/** `────┼────`, below a row of these widths. */
export function ruleOf(widths: readonly number[]): string {
  return widths.map((width) => '─'.repeat(width + 2 * PADDING)).join('┼');
}

/** What is left for the cells of a row with so many columns. */
export function roomIn(columns: number, cells: number): number {
  return columns - 2 * PADDING - GAP * (cells - 1);
}

/**
 * As wide as needed if that fits; else the widest give way, those first that can without cutting a word. `undefined`: too
 * narrow for so many.
 */
function widthsWithin(rows: readonly (readonly string[])[], columns: number): number[] | undefined {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widestOf = (measure: (cell: string) => number) =>
    Array.from({ length: count }, (_, at) =>
      Math.max(1, ...rows.map((row) => measure(row[at] ?? ''))),
    );
  const widths = widestOf((cell) => Math.max(...cell.split('\n').map(widthOf)));
  const words = widestOf(longestWord);
  const room = roomIn(columns, count);
  let sum = widths.reduce((total, width) => total + width, 0);
  while (sum > room) {
    const at = widest(widths, words) ?? widest(widths, words.fill(0));
    if (at === undefined) return undefined;
    widths[at] = (widths[at] ?? 0) - 1;
    sum -= 1;
  }
  return widths;
}

/** Which column is the widest of those that may become narrower, if any. */
function widest(widths: readonly number[], least: readonly number[]): number | undefined {
  let found: number | undefined;
  widths.forEach((width, at) => {
    if (width <= Math.max(LEAST_COLUMN, least[at] ?? 0)) return;
    if (found === undefined || width > (widths[found] ?? 0)) found = at;
  });
  return found;
}

function asLists([head = [], ...rows]: readonly (readonly string[])[], columns: number): string[] {
  return rows.flatMap((row, index) => [
    ...(index === 0 ? [] : ['']),
    ...row.flatMap((cell, at) => indented(`${head[at] ?? ''}: ${cell}`, columns)),
  ]);
}

/** Folded text whose second and further lines stand a little to the right. */
export function indented(text: string, columns: number, indent = 2): string[] {
  return fold(text, columns - indent).map((line, at) =>
    at === 0 ? line : `${' '.repeat(indent)}${line}`,
  );
}
