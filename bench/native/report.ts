/**
 * From figures to tables. No process, no clock in here.
 */
import { FLOOR } from '../cells.js';
import { align, withSpread } from '../report.js';
import { differenceOf, ratioOf, type Spread, spreadOf } from '../statistics.js';
import { allOf, type CallCount, COLUMNS } from './calls.js';
import { C, type NativeCell, type NativeRow } from './rows.js';

/** Of one row: nanoseconds an operation, round by round. */
export type Figures = ReadonlyMap<string, readonly number[]>;

/**
 * One cell as a Markdown table: each row beside C, and beside Node's own where there is such a row.
 *
 * @param isJudged - whether it says which promises are kept: figures of a smoke test say nothing about them
 */
export function callTable(cell: NativeCell, figures: Figures, isJudged: boolean): string {
  const floor = figuresOf(figures, C);
  const other = cell.rows.map(({ promise }) => promise).find((one) => one && 'than' in one);
  const than = other !== undefined && 'than' in other ? other.than : undefined;
  const head = [cell.name, 'CPU ns', 'above C, ns', '÷ C', ...(than ? [`${than} ÷ it`] : [])];
  const body = cell.rows.map((row) => {
    const own = figuresOf(figures, row.name);
    const isFloor = row.name === C;
    const times = than === undefined ? [] : [ratioOf(figuresOf(figures, than), own)];
    return [
      row.name,
      withSpread(spreadOf(own), 0),
      isFloor ? '–' : aboveText(own, floor),
      isFloor ? '–' : withSpread(ratioOf(own, floor), 2),
      ...times.map((ratio) => (row.name === than ? '–' : withSpread(ratio, 1))),
    ];
  });
  const promises = (isJudged ? cell.rows : []).flatMap((row) => {
    const text = promiseText(row, figures, floor);
    return text === undefined ? [] : [text];
  });
  return [align([head, ...body]), ...promises].join('\n');
}

/** The difference of the medians, with what it was from round to round. */
function aboveText(own: readonly number[], floor: readonly number[]): string {
  const byRound: Spread = differenceOf(own, floor);
  const median = medianAbove(own, floor).toFixed(0);
  return byRound.n === 1
    ? median
    : `${median} (${byRound.min.toFixed(0)}–${byRound.max.toFixed(0)})`;
}

function medianAbove(own: readonly number[], floor: readonly number[]): number {
  return spreadOf(own).median - spreadOf(floor).median;
}

function promiseText(
  { name, promise }: NativeRow,
  figures: Figures,
  floor: readonly number[],
): string | undefined {
  if (promise === undefined) return undefined;
  const own = figuresOf(figures, name);
  if ('aboveC' in promise) {
    const isKept = medianAbove(own, floor) <= promise.aboveC;
    return `${name}: promised at most ${promise.aboveC} ns above C: ${isKept ? 'kept' : 'not kept'}`;
  }
  const times = ratioOf(figuresOf(figures, promise.than), own).median;
  const verdict = times >= promise.times ? 'kept' : 'not kept';
  return `${name}: promised at least ${promise.times} times ${promise.than}: ${verdict}`;
}

function figuresOf(figures: Figures, row: string): readonly number[] {
  const own = figures.get(row);
  if (own === undefined) throw new RangeError(`there are no figures of ${row}`);
  return own;
}

/** System calls for one operation, row by row. */
export function countTable(cell: string, counts: readonly CallCount[], isJudged: boolean): string {
  const head = [`${cell}: calls`, 'all', ...COLUMNS, 'other', 'operations'];
  const body = counts.map(({ row, operations, perOperation }) => [
    row,
    allOf(perOperation).toFixed(2),
    ...[...COLUMNS, 'other'].map((name) => perOperation.get(name)?.toFixed(2) ?? '–'),
    String(operations),
  ]);
  return [align([head, ...body]), ...(isJudged ? countPromise(counts) : [])].join('\n');
}

/** Of the row that has one thread, as C has. */
function countPromise(counts: readonly CallCount[]): readonly string[] {
  const all = (row: string) => counts.find((count) => count.row === row)?.perOperation;
  const [floor, own] = [all(FLOOR), all('coroutine')];
  if (floor === undefined || own === undefined) return [];
  const isKept = Math.round(allOf(own) * 100) <= Math.round(allOf(floor) * 100);
  return [`coroutine: promised no more calls than C: ${isKept ? 'kept' : 'not kept'}`];
}
