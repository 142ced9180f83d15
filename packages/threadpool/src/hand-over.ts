/**
 * Where a task was handed over: the lines that go below those of where its error was thrown.
 *
 * HOT: recording a stack costs about 2 µs, as much as all else that `addTask` does together (bench/tasks.bench.ts). So there
 * is a budget: the first tasks of a burst are recorded, and of a steady stream so many in a second.
 */

/** A stack that is only turned into text when it is asked for. */
export interface HandOver {
  readonly stack?: string;
}

const RECORDED_AT_ONCE = 500;
const RECORDED_PER_SECOND = 1000;
/** The clock is looked at once for so many that are not recorded. */
const LOOK_EVERY = 16;

const NOT_RECORDED: HandOver = {
  stack: `Error\n    at … (which line is not recorded above ${RECORDED_AT_ONCE} tasks at once or ${RECORDED_PER_SECOND} in a second)`,
};

let left = RECORDED_AT_ONCE;
let lastRefill = performance.now();
let notRecorded = 0;

/**
 * Records the stack of the program's call.
 *
 * @param entry - the public method that was called; its own line and those of its callees are left out
 */
export function recordHandOver(entry: (...args: never[]) => unknown): HandOver {
  if (left < 1) {
    if (notRecorded++ % LOOK_EVERY > 0) return NOT_RECORDED;
    const now = performance.now();
    left = Math.min(RECORDED_AT_ONCE, ((now - lastRefill) * RECORDED_PER_SECOND) / 1000);
    if (left < 1) return NOT_RECORDED;
    lastRefill = now;
  }
  left--;
  const handOver: HandOver = {};
  Error.captureStackTrace(handOver, entry);
  return handOver;
}
