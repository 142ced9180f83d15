/** A wait that a stop does not disturb: Trio's and asyncio's `shield`, Kotlin's `NonCancellable`. */
import { Around } from './around.js';
import { isFinal } from './cancellation.js';
import { type Awaitable, toOperation } from './from-promise.js';
import type { Operation } from './operation.js';

class Shield<T> extends Around<T, T> {
  protected override stop(reason: unknown): boolean {
    return isFinal(reason) && super.stop(reason);
  }

  operationEnded(part: Operation<unknown>): void {
    if (part.hasFailed) this.fail(part.outcome);
    // SAFETY: the outcome of an Operation<T> that has completed.
    else this.complete(part.outcome as T);
  }
}

/**
 * Waits to the end, also when the waiting coroutine is stopped meanwhile: that arrives at its next wait.
 *
 * A stop that was asked for before does arrive here, and nothing is begun. The end of a grace
 * (`cancel(reason, { graceMs })`) gets through. To shield several steps, make a coroutine of them: `shield(save(it))`.
 *
 * @param awaitable - an operation (started here), an action or a promise
 *
 * @example
 * ```ts
 * import { coroutine, resumeAfter, shield } from '@netloom/coroutines';
 *
 * const save = coroutine(function* save() {
 *   yield* resumeAfter(2);
 *   console.log('saved');
 * });
 * const work = coroutine(function* work() {
 *   yield* shield(save());
 *   yield* resumeAfter(60_000);
 * });
 *
 * const action = work();
 * action.cancel();
 * await action.then(undefined, (error) => console.log(String(error)));
 * ```
 *
 * ```text
 * saved
 * CanceledError: canceled
 * ```
 */
export function shield<T>(awaitable: Awaitable<T>): Operation<T> {
  return new Shield(toOperation(awaitable));
}
