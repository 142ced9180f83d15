/** Waits for all of several: C++/WinRT's `when_all`, with their results. */
import { CanceledError, isCanceledError } from './cancellation.js';
import { Combined } from './combined.js';
import { type Awaitable, toOperation } from './from-promise.js';
import type { Operation } from './operation.js';
import { attachSuppressed } from './suppressed.js';

/** The results of several awaitables, place by place. */
export type Results<T extends readonly unknown[]> = { -readonly [K in keyof T]: Awaited<T[K]> };

class WhenAll extends Combined<unknown[]> {
  #failure: { readonly error: unknown } | undefined;
  readonly #others: unknown[] = [];

  override toString(): string {
    return `whenAll of ${this.parts.length}`;
  }

  protected partEnded(part: Operation<unknown>): void {
    if (!part.hasFailed) return;
    const error = part.outcome;
    if (this.#failure === undefined) {
      this.#failure = { error };
      this.stopParts(new CanceledError(error, 'canceled: another of whenAll() failed'));
    } else if (error !== this.#failure.error && !isCanceledError(error)) {
      this.#others.push(error);
    }
  }

  protected allEnded(): void {
    if (this.#failure !== undefined) this.fail(attachSuppressed(this.#failure.error, this.#others));
    else this.complete(this.parts.map((part) => part.outcome));
  }

  protected stopped(reason: unknown): void {
    this.#failure ??= { error: reason };
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
