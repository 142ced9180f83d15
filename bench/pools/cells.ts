/**
 * What is measured of pools: the cells with what is to be reached in each, and the rows.
 */

export const OURS = 'netloom';
export const FLOOR = 'native';

export interface Cell {
  readonly name: string;
  readonly what: string;
  /** The line the program is sent; undefined: read from the answer to another. */
  command(ms: number): string;
  /** In a new process each time: what is cold stays cold. */
  readonly isFresh: boolean;
  readonly unit: 'tasks/s' | 'µs' | 'ms' | '%' | 'MB';
  /** Each thread must have run at least half its share of the tasks. */
  readonly isShared: boolean;
  /** What ours is to reach beside the best peer: a rate times this, or a time or size at most times this. */
  readonly target: number | undefined;
  /** CPU time of a task beside the best peer's. */
  readonly cpuTarget?: number;
  /** Rows it is not measured for. */
  readonly without?: readonly string[];
}

/** Within noise, as the README has it. */
const PARITY = 1.15;
const BURST = 1000;
const LONG_MS = 50;
const COLD = 20_000;

export const CELLS: readonly Cell[] = [
  {
    ...load('empty', 'empty tasks, 64 in flight, warm'),
    target: 8,
    cpuTarget: 0.2,
  },
  {
    name: 'cold',
    what: `the first ${COLD} empty tasks of a process, 64 in flight`,
    command: () => `cold ${COLD}`,
    isFresh: true,
    unit: 'tasks/s',
    isShared: true,
    target: 4,
  },
  { ...load('address', 'an address of 16 bytes and a descriptor, 64 in flight, warm'), target: 6 },
  { ...load('object', 'an object of 1 kB, 64 in flight, warm'), target: 2 },
  {
    name: 'alone',
    what: 'one empty task after the other: from call to result, median',
    command: (ms) => `alone ${ms}`,
    isFresh: false,
    unit: 'µs',
    isShared: false,
    target: 0.75,
  },
  {
    name: 'burst',
    what: `${BURST} empty tasks right after one of ${LONG_MS} ms: how long the last waited, of its length`,
    command: () => `burst ${BURST} ${LONG_MS}`,
    isFresh: false,
    unit: '%',
    isShared: false,
    target: undefined,
  },
  { ...load('fib', 'fib(25), 64 in flight, warm'), target: 1 / PARITY },
  {
    name: 'start-up',
    what: 'from the constructor until every thread has answered',
    command: () => 'fresh',
    isFresh: true,
    unit: 'ms',
    isShared: false,
    target: PARITY,
  },
  {
    name: 'memory',
    what: 'resident memory for each thread, when every thread has answered',
    command: () => 'fresh',
    isFresh: true,
    unit: 'MB',
    isShared: false,
    target: PARITY,
  },
  {
    name: 'close',
    what: 'closing a pool that has worked and is idle',
    command: () => 'close',
    isFresh: true,
    unit: 'ms',
    isShared: false,
    target: PARITY,
  },
];

/** The last of a burst waits so long at most, in per cent of the long task; a target of its own, beside no peer. */
export const BURST_TARGET = 20;

export interface Row {
  readonly name: string;
  readonly what: string;
}

export const ROWS: readonly Row[] = [
  { name: OURS, what: '@netloom/threadpool, all defaults' },
  { name: 'piscina', what: 'piscina 5.3.2, atomics: sync, one task per thread' },
  { name: 'piscina-several', what: 'the same, concurrentTasksPerWorker: 64 / threads' },
  { name: 'tinypool', what: 'tinypool 2.2.0, useAtomics, isolateWorkers: false' },
  { name: 'tinypool-several', what: 'the same, concurrentTasksPerWorker: 64 / threads' },
  { name: 'workerpool', what: 'workerpool 10.0.3, script of its own, workerType: thread' },
  { name: 'poolifier', what: 'poolifier 5.3.2, FixedThreadPool, round robin, no queue' },
  { name: 'poolifier-queue', what: 'the same, least used, with a queue for each thread' },
  { name: FLOOR, what: 'C++: mutex, condition variable, deque: the floor' },
];

export function isPeer(row: string): boolean {
  return row !== OURS && row !== FLOOR;
}

function load(name: string, what: string): Omit<Cell, 'target'> {
  const isInJavaScriptOnly = name === 'address' || name === 'object';
  return {
    name,
    what,
    command: (ms) => `${name} ${ms}`,
    isFresh: false,
    unit: 'tasks/s',
    isShared: true,
    without: isInJavaScriptOnly ? [FLOOR] : [],
  };
}
