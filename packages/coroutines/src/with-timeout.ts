/** A deadline around one wait: Kotlin's `withTimeout`, Trio's `fail_after`. Around several it is `scope()`'s option. */
import { CanceledError } from './cancellation.js';
import { clock, type Timer } from './clock.js';
import { type Awaitable, toOperation } from './from-promise.js';
import { Operation, type Waiter } from './operation.js';
import { type DeadlineOptions, deadlineOf, deadlinePassed } from './scope-options.js';

class WithTimeout<T> extends Operation<T> implements Waiter {
  readonly #part: Operation<T>;
  readonly #deadline: number | undefined;
  #timer: Timer | undefined;
  /** What the part is stopped with, once its time is over. */
  #stop: CanceledError | undefined;

  constructor(part: Operation<T>, deadline: number | undefined) {
    super();
    this.#part = part;
    this.#deadline = deadline;
  }

  override toString(): string {
    return 'withTimeout';
  }

  override get parts(): readonly Operation<unknown>[] {
    return [this.#part];
  }

  protected override get holdsStartedWork(): boolean {
    return this.#part.isHot;
  }

  protected start(): void {
    this.#part.beginFor(this);
    if (this.#part.isSettled) {
      this.operationEnded(this.#part);
    } else if (this.#deadline !== undefined) {
      const left = Math.max(0, this.#deadline - clock.now());
      this.#timer = clock.setTimer(left, () => {
        this.#stop = new CanceledError(deadlinePassed(String(this.#part)));
        this.#part.interrupt(this.#stop);
      });
    }
  }

  protected stop(reason: unknown): boolean {
    this.#part.interrupt(reason);
    return false;
  }

  operationEnded(part: Operation<unknown>): void {
    this.#timer?.cancel();
    // SAFETY: the outcome of an Operation<T> that has completed.
    if (!part.hasFailed) this.complete(part.outcome as T);
    else this.fail(part.outcome === this.#stop ? this.#stop?.cause : part.outcome);
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
