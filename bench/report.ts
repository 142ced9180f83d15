/**
 * From samples to the tables that are read. No process, no clock in here.
 */
import { BASELINE, type Cell, FLOOR, type Row } from './cells.js';
import { type Conditions, conditionsLines } from './conditions.js';
import { ratioOf, type Spread, spreadOf } from './statistics.js';

/** One row in one round of one cell. */
export interface Sample {
  readonly row: string;
  readonly round: number;
  readonly operations: number;
  readonly perSecond: number;
  /** CPU time of the server. */
  readonly cpuUsPerOperation: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Share of its core that the load generator used; near 1 it is the client that limits the rate. */
  readonly clientLoad: number;
}

export interface RowSummary {
  readonly row: string;
  readonly perSecond: Spread;
  readonly cpuUsPerOperation: Spread;
  readonly p50Us: Spread;
  readonly p99Us: Spread;
  readonly clientLoad: Spread;
  /** Within the round; absent where that row was not measured. */
  readonly cpuToFloor: Spread | undefined;
  readonly cpuToBaseline: Spread | undefined;
  readonly rateToFloor: Spread | undefined;
  readonly rateToBaseline: Spread | undefined;
}

export interface CellSummary {
  readonly cell: Cell;
  readonly rows: readonly RowSummary[];
}

/** Summarises one cell; samples come in any order, each row has one in each round. */
export function summarise(cell: Cell, samples: readonly Sample[]): CellSummary {
  const names = [...new Set(samples.map(({ row }) => row))];
  const column = (row: string, pick: (sample: Sample) => number) =>
    samples
      .filter((sample) => sample.row === row)
      .sort((a, b) => a.round - b.round)
      .map(pick);
  const rows = names.map((row): RowSummary => {
    const ratio = (to: string, pick: (sample: Sample) => number) =>
      names.includes(to) ? ratioOf(column(row, pick), column(to, pick)) : undefined;
    const spread = (pick: (sample: Sample) => number) => spreadOf(column(row, pick));
    return {
      row,
      perSecond: spread(rateOf),
      cpuUsPerOperation: spread(cpuOf),
      p50Us: spread((sample) => sample.p50Us),
      p99Us: spread((sample) => sample.p99Us),
      clientLoad: spread((sample) => sample.clientLoad),
      cpuToFloor: ratio(FLOOR, cpuOf),
      cpuToBaseline: ratio(BASELINE, cpuOf),
      rateToFloor: ratio(FLOOR, rateOf),
      rateToBaseline: ratio(BASELINE, rateOf),
    };
  });
  return { cell, rows };
}

const rateOf = (sample: Sample) => sample.perSecond;
const cpuOf = (sample: Sample) => sample.cpuUsPerOperation;

/** One cell as a Markdown table. */
export function table({ cell, rows }: CellSummary): string {
  const head = [
    cell.name,
    'CPU µs/op',
    '÷ C',
    '÷ node:net',
    'rate /s',
    '÷ C',
    '÷ node:net',
    'p50 µs',
    'p99 µs',
    'client busy',
  ];
  const body = rows.map((row) => [
    row.row,
    withSpread(row.cpuUsPerOperation, 2),
    withSpread(row.cpuToFloor, 2),
    withSpread(row.cpuToBaseline, 2),
    withSpread(row.perSecond, 0),
    withSpread(row.rateToFloor, 2),
    withSpread(row.rateToBaseline, 2),
    row.p50Us.median.toFixed(0),
    row.p99Us.median.toFixed(0),
    `${(row.clientLoad.median * 100).toFixed(0)} %`,
  ]);
  return align([head, ...body]);
}

/** Median, and what it swung between. */
export function withSpread(spread: Spread | undefined, digits: number): string {
  if (spread === undefined) return '–';
  const [median, min, max] = [spread.median, spread.min, spread.max].map((value) =>
    value.toFixed(digits),
  );
  return spread.n === 1 ? `${median}` : `${median} (${min}–${max})`;
}

export function align(lines: readonly (readonly string[])[]): string {
  const columns = lines[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const text = lines.map(
    (line) => `| ${line.map((field, column) => field.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  );
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [text[0], rule, ...text.slice(1)].join('\n');
}

export function conditionsText(conditions: Conditions, rounds: number, seconds?: number): string {
  return [
    ...conditionsLines(conditions),
    `${rounds} interleaved rounds${seconds === undefined ? '' : ` of ${seconds} s each`}; median (min–max); ratios are taken within a round`,
  ].join('\n');
}

export function legend(rows: readonly Pick<Row, 'name' | 'what'>[]): string {
  return rows.map(({ name, what }) => `${name}: ${what}`).join('\n');
}
