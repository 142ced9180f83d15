/**
 * From samples of coroutines to tables. No process, no clock in here.
 */
import { align, withSpread } from '../report.js';
import { ratioOf, type Spread, spreadOf } from '../statistics.js';
import type { Sample } from './programs/measure.js';
import type { Figures } from './programs/million.js';

export interface Cell {
  readonly name: string;
  readonly what: string;
  /** By row: what ours may cost of it at most. */
  readonly targets: Readonly<Record<string, number>>;
  /** Ours allocates nothing beside what the other row does: the object that each next() returns. */
  readonly isFree: boolean;
}

export const OURS = 'netloom';

export const CELLS: readonly Cell[] = [
  {
    name: 'acquire',
    what: 'a free permit of a semaphore, in a coroutine, beside next() of a bare generator',
    targets: { 'next()': 3 },
    isFree: true,
  },
  {
    name: 'recv',
    what: 'conn.recv() of bytes that wait, beside next() of a generator that makes the same call',
    targets: { 'next()': 3 },
    isFree: true,
  },
  {
    name: 'empty',
    what: 'start of one that does nothing, and waiting for its end',
    targets: { 'async function': 2, effection: 1 / 5 },
    isFree: false,
  },
  {
    name: 'launch',
    what: 'to a thread of a pool and back, 64 in flight, beside pool.addTask()',
    targets: { addTask: 1.3 },
    isFree: false,
  },
];

/** V8's smallest object has 12 to 16: below, not each of them allocates one. */
const NOTHING_BYTES = 8;
const WAITING_BYTES = 600;
const TIMER_US = 1;

const column = (samples: readonly Sample[], row: string, pick: (sample: Sample) => number) =>
  samples.filter((sample) => sample.row === row).map(pick);
const cpu = ({ cpuNs }: Sample) => cpuNs;

/** One cell as a Markdown table. */
export function table(cell: Cell, samples: readonly Sample[]): string {
  const rows = [...new Set(samples.map(({ row }) => row))];
  return align([
    [cell.name, 'CPU ns', 'netloom ÷ this', 'ns', 'bytes allocated'],
    ...rows.map((row) => [
      row,
      withSpread(spreadOf(column(samples, row, cpu)), 0),
      withSpread(ratioTo(samples, row), 2),
      spreadOf(column(samples, row, ({ wallNs }) => wallNs)).median.toFixed(0),
      spreadOf(column(samples, row, ({ bytes }) => bytes)).median.toFixed(1),
    ]),
  ]);
}

/** Ours beside what is to be reached. */
export function targets(
  measured: ReadonlyMap<Cell, readonly Sample[]>,
  many: Figures | undefined,
): string {
  const lines: string[][] = [['cell', 'reached', 'to reach', '']];
  const add = (what: string, reached: string, value: number, most: number) =>
    lines.push([what, reached, `≤ ${Number(most.toFixed(2))}`, value <= most ? 'yes' : 'no']);
  for (const [cell, samples] of measured) {
    for (const [row, most] of Object.entries(cell.targets)) {
      const ratio = ratioTo(samples, row);
      add(`${cell.name} ÷ ${row}`, withSpread(ratio, 2), ratio.median, most);
    }
    if (cell.isFree) {
      const bytesOf = (row: string) => spreadOf(column(samples, row, ({ bytes }) => bytes)).median;
      const more = bytesOf(OURS) - bytesOf('next()');
      add(`${cell.name}: bytes allocated beside next()`, more.toFixed(1), more, NOTHING_BYTES);
    }
  }
  if (many !== undefined) {
    const bytes = (what: string, value: number) =>
      add(what, value.toFixed(0), value, WAITING_BYTES);
    bytes('a waiting coroutine, bytes', many.waitingBytes);
    bytes('one that waits for a time, bytes', many.sleepingBytes);
    bytes('a timer, bytes', many.timerBytes);
    add('insert a timer, CPU µs', many.insertUs.toFixed(2), many.insertUs, TIMER_US);
    add('cancel a timer, CPU µs', many.cancelUs.toFixed(2), many.cancelUs, TIMER_US);
  }
  return align(lines);
}

function ratioTo(samples: readonly Sample[], row: string): Spread {
  return ratioOf(column(samples, OURS, cpu), column(samples, row, cpu));
}
