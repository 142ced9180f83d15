/**
 * Where a task was handed over: the lines that go below those of where its error was thrown.
 *
 * HOT: recording a stack costs about 2 µs, as much as all else that `addTask` does together (bench/tasks.bench.ts). So there
 * is a budget: a program that adds tasks faster has them recorded for the first of every tenth of a second.
 */

/** A stack that is only turned into text when it is asked for. */
export interface HandOver {
  readonly stack?: string;
}

const SPAN_MS = 100;
const RECORDED_PER_SPAN = 500;

const NOT_RECORDED: HandOver = {
  stack: `Error\n    at … (which line is not recorded above ${RECORDED_PER_SPAN} tasks in ${SPAN_MS} ms)`,
};

let spanEnd = 0;
let recorded = 0;

/**
 * Records the stack of the program's call.
 *
 * @param entry - the public method that was called; its own line and those of its callees are left out
 */
export function recordHandOver(entry: (...args: never[]) => unknown): HandOver {
  if (recorded >= RECORDED_PER_SPAN) {
    const now = performance.now();
    if (now < spanEnd) return NOT_RECORDED;
    spanEnd = now + SPAN_MS;
    recorded = 0;
  }
  recorded++;
  const handOver: HandOver = {};
  Error.captureStackTrace(handOver, entry);
  return handOver;
}
