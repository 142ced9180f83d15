/** Waits for all of several: C++/WinRT's `when_all`, with their results. */
import { CanceledError, isCanceledError } from './cancellation.js';
import { type Awaitable, toOperation } from './from-promise.js';
import { Operation, type Waiter } from './operation.js';
import { attachSuppressed } from './suppressed.js';

/** The results of several awaitables, place by place. */
export type Results<T extends readonly unknown[]> = { -readonly [K in keyof T]: Awaited<T[K]> };

class WhenAll extends Operation<unknown[]> implements Waiter {
  readonly #parts: readonly Operation<unknown>[];
  #running = 0;
  #failure: { readonly error: unknown } | undefined;
  #others: unknown[] = [];
  #isStopping = false;

  constructor(parts: readonly Operation<unknown>[]) {
    super();
    this.#parts = parts;
  }

  protected override get holdsStartedWork(): boolean {
    return true;
  }

  protected start(): void {
    // One more than there are, so that it does not end while it still starts some.
    this.#running = 1;
    for (const part of this.#parts) {
      // After a failure only started work is begun, to be stopped and waited for; what is lazy stays unstarted.
      if (this.#isStopping && !part.isHot) continue;
      this.#running += 1;
      part.beginFor(this);
      if (part.isSettled) this.operationEnded(part);
      else if (this.#isStopping) part.interrupt(this.#stopReason());
    }
    this.#partEnded();
  }

  protected stop(reason: unknown): boolean {
    this.#failure ??= { error: reason };
    this.#stopOthers(reason);
    return false;
  }

  operationEnded(part: Operation<unknown>): void {
    if (part.hasFailed) {
      const error = part.outcome;
      if (this.#failure === undefined) {
        this.#failure = { error };
        this.#stopOthers(this.#stopReason());
      } else if (error !== this.#failure.error && !isCanceledError(error)) {
        this.#others.push(error);
      }
    }
    this.#partEnded();
  }

  #stopReason(): CanceledError {
    return new CanceledError(this.#failure?.error, 'canceled: another of whenAll() failed');
  }

  #stopOthers(reason: unknown): void {
    this.#isStopping = true;
    for (const part of this.#parts) part.interrupt(reason);
  }

  #partEnded(): void {
    this.#running -= 1;
    if (this.#running > 0) return;
    if (this.#failure !== undefined) this.fail(attachSuppressed(this.#failure.error, this.#others));
    else this.complete(this.#parts.map((part) => part.outcome));
  }
}

/**
 * Waits until all have completed; the results stand in the places of their operations.
 *
 * The first failure stops the others, waits for them to end, and is thrown; what fails meanwhile is attached to it
 * as `suppressed`. None: `[]`.
 *
 * @param parts - operations (started here), actions and promises; a promise is left alone when the wait is stopped
 */
export function whenAll<const T extends readonly Awaitable<unknown>[]>(
  parts: T,
): Operation<Results<T>> {
  const operation: Operation<unknown> = new WhenAll(parts.map((part) => toOperation(part)));
  // SAFETY: each place holds the outcome of the operation of the same place.
  return operation as Operation<Results<T>>;
}
