/**
 * From samples of pools to tables. No process, no clock in here.
 */
import { align, withSpread } from '../report.js';
import { ratioOf, type Spread, spreadOf } from '../statistics.js';
import { BURST_TARGET, type Cell, FLOOR, isPeer, OURS } from './cells.js';

/** One row in one round of one cell. */
export interface Sample {
  readonly row: string;
  readonly round: number;
  /** In the cell's unit. */
  readonly figure: number;
  /** Of the whole process, for each task. */
  readonly cpuUs: number;
  readonly operations: number;
  /** What the thread with the fewest tasks ran, of its share: 1 when all ran as many. */
  readonly leastShare: number;
}

export interface Summary {
  readonly cell: Cell;
  readonly threads: number;
  readonly bestPeer: string | undefined;
  readonly rows: readonly RowSummary[];
}

export interface RowSummary {
  readonly row: string;
  readonly figure: Spread;
  readonly cpuUs: Spread;
  readonly leastShare: Spread;
  readonly toPeer: Spread | undefined;
  readonly cpuToPeer: Spread | undefined;
  readonly toFloor: Spread | undefined;
}

/** Half its share must each thread have run, in the middle of all rounds: in one, the machine may have taken it away. */
const LEAST_SHARE = 0.5;

/** Whether threads stood by while others worked: such a row is not compared with. */
export function isUneven({ leastShare }: Pick<RowSummary, 'leastShare'>): boolean {
  return leastShare.median < LEAST_SHARE;
}

/** Each row has one sample in each round. */
export function summarise(cell: Cell, threads: number, samples: readonly Sample[]): Summary {
  const names = [...new Set(samples.map(({ row }) => row))];
  const column = (row: string, pick: (sample: Sample) => number) =>
    samples
      .filter((sample) => sample.row === row)
      .sort((a, b) => a.round - b.round)
      .map(pick);
  const isRate = cell.unit === 'tasks/s';
  const shareOf = (row: string) => spreadOf(column(row, (sample) => sample.leastShare));
  const peers = names
    .filter(isPeer)
    .filter((row) => !cell.isShared || !isUneven({ leastShare: shareOf(row) }));
  const bestBy = (pick: (sample: Sample) => number, isMore: boolean) =>
    peers.toSorted((a, b) => {
      const difference = spreadOf(column(a, pick)).median - spreadOf(column(b, pick)).median;
      return isMore ? -difference : difference;
    })[0];
  const bestPeer = bestBy(figureOf, isRate);
  // Whoever is fastest need not be the one that costs least.
  const thriftiest = bestBy(cpuOf, false);
  const ratio = (row: string, to: string | undefined, pick: (sample: Sample) => number) =>
    to !== undefined && names.includes(to)
      ? ratioOf(column(row, pick), column(to, pick))
      : undefined;
  const rows = names.map((row) => ({
    row,
    figure: spreadOf(column(row, figureOf)),
    cpuUs: spreadOf(column(row, cpuOf)),
    leastShare: shareOf(row),
    toPeer: ratio(row, bestPeer, figureOf),
    cpuToPeer: ratio(row, thriftiest, cpuOf),
    toFloor: ratio(row, FLOOR, figureOf),
  }));
  return { cell, threads, bestPeer, rows };
}

const figureOf = (sample: Sample) => sample.figure;
const cpuOf = (sample: Sample) => sample.cpuUs;

/** One cell as a Markdown table. */
export function table({ cell, threads, bestPeer, rows }: Summary): string {
  const hasCpu = cell.unit === 'tasks/s';
  const digits = cell.unit === 'tasks/s' ? 0 : 1;
  const head = [
    `${cell.name}, ${threads} threads`,
    cell.unit,
    `÷ ${bestPeer ?? 'best peer'}`,
    '÷ native',
    ...(hasCpu ? ['CPU µs/task', '÷ least peer'] : []),
    ...(cell.isShared ? ['least share'] : []),
  ];
  const body = rows.map((row) => [
    row.row,
    withSpread(row.figure, digits),
    withSpread(row.toPeer, 2),
    withSpread(row.toFloor, 2),
    ...(hasCpu ? [withSpread(row.cpuUs, 1), withSpread(row.cpuToPeer, 2)] : []),
    ...(cell.isShared ? [`${(row.leastShare.median * 100).toFixed(0)} %`] : []),
  ]);
  return align([head, ...body]);
}

/** Ours beside what is to be reached, one line for each cell that has such a figure. */
export function targets(summaries: readonly Summary[]): string {
  const lines: string[][] = [['cell', 'threads', 'reached', 'to reach', '']];
  for (const { cell, threads, rows, bestPeer } of summaries) {
    const ours = rows.find(({ row }) => row === OURS);
    if (ours === undefined) continue;
    const isRate = cell.unit === 'tasks/s';
    const add = (what: string, got: Spread | undefined, target: number, isMore: boolean) => {
      if (got === undefined) return;
      const isReached = isMore ? got.median >= target : got.median <= target;
      const bound = `${isMore ? '≥' : '≤'} ${target.toFixed(2)}`;
      lines.push([what, `${threads}`, withSpread(got, 2), bound, isReached ? 'yes' : 'no']);
    };
    if (cell.target !== undefined) {
      add(`${cell.name} ÷ ${bestPeer}`, ours.toPeer, cell.target, isRate);
    }
    if (cell.cpuTarget !== undefined) {
      add(`${cell.name}: CPU ÷ least peer`, ours.cpuToPeer, cell.cpuTarget, false);
    }
    if (cell.name === 'empty' && threads === 2) add('empty ÷ native', ours.toFloor, 1, true);
    if (cell.name === 'burst') add('burst, %', ours.figure, BURST_TARGET, false);
  }
  return align(lines);
}
