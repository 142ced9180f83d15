/** A clean-up for the coroutine that asks: effection's `ensure`, Go's `defer`, without a block around the rest. */
import { runningBody } from './cancellation-token.js';
import type { Cleanup } from './clean-up.js';

/**
 * Remembers a clean-up of the calling coroutine: it runs when the body has ended, however it ended, the last one first,
 * and before anybody hears of that end. A stop does not disturb it, the end of a grace does.
 *
 * @param cleanup - may be a generator function, or return an operation, an action or a promise, which is waited for;
 *   what it throws is the coroutine's error, or attached to it as `suppressed`
 * @throws {TypeError} no coroutine is running
 *
 * @example
 * ```ts
 * import { coroutine, ensure, resumeAfter } from '@netloom/coroutines';
 *
 * const work = coroutine(function* work() {
 *   ensure(() => console.log('first opened, last closed'));
 *   ensure(function* () {
 *     yield* resumeAfter(1);
 *     console.log('closed');
 *   });
 *   return 'done';
 * });
 * console.log(await work());
 * ```
 *
 * ```text
 * closed
 * first opened, last closed
 * done
 * ```
 */
export function ensure(cleanup: Cleanup): void {
  const { extras } = runningBody('ensure()');
  extras.cleanups ??= [];
  extras.cleanups.push(cleanup);
}
