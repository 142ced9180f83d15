/** A deadline around one wait: Kotlin's `withTimeout`, Trio's `fail_after`. Around several it is `scope()`'s option. */
import { AroundUntil } from './around.js';
import { type Awaitable, toOperation } from './from-promise.js';
import type { Operation } from './operation.js';
import { type DeadlineOptions, deadlineOf, deadlinePassed } from './scope-options.js';

class WithTimeout<T> extends AroundUntil<T, T> {
  override toString(): string {
    return 'withTimeout';
  }

  protected reasonOfTime(): DOMException {
    return deadlinePassed(String(this.part));
  }

  operationEnded(part: Operation<unknown>): void {
    const isTimeUp = this.endedByTime();
    // SAFETY: the outcome of an Operation<T> that has completed.
    if (!part.hasFailed) this.complete(part.outcome as T);
    else this.fail(isTimeUp && part.outcome instanceof Error ? part.outcome.cause : part.outcome);
  }
}

/**
 * Waits, and no longer than that: then it is stopped, its end is waited for, and a `TimeoutError` is thrown (a
 * `DOMException`, as of `AbortSignal.timeout()`). A result that came all the same is kept.
 *
 * The time counts from this call. Deadlines nest: one further out stops this wait too, as every stop does.
 *
 * @param awaitable - an operation (started here), an action or a promise, which cannot be stopped and is left alone
 * @throws {RangeError} a time that is none
 *
 * @example
 * ```ts
 * import { coroutine, resumeAfter, withTimeout } from '@netloom/coroutines';
 *
 * const sleeps = coroutine(function* slow() {
 *   try {
 *     yield* resumeAfter(60_000);
 *   } finally {
 *     console.log('stopped');
 *   }
 * });
 *
 * try {
 *   await withTimeout(sleeps(), { timeoutMs: 5 });
 * } catch (error) {
 *   console.log(String(error));
 * }
 * ```
 *
 * ```text
 * stopped
 * TimeoutError: coroutine slow had not ended by its deadline
 * ```
 */
export function withTimeout<T>(awaitable: Awaitable<T>, options: DeadlineOptions): Operation<T> {
  return new WithTimeout(toOperation(awaitable), deadlineOf('withTimeout()', options));
}
