/**
 * One clock for all threads of the process: `performance.now()` counts from the start of each thread.
 */

const OFFSET_MS = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** From this thread's `performance.now()` to the clock that all threads share. */
export function toSharedMs(nowMs: number): number {
  return nowMs + OFFSET_MS;
}

/** Now, in milliseconds on the clock that all threads share. */
export function sharedNowMs(): number {
  return performance.now() + OFFSET_MS;
}
