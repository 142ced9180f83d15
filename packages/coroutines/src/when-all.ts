/** Waits for all of several: C++/WinRT's `when_all`, with their results. */
import { CanceledError } from './cancellation.js';
import { Combined } from './combined.js';
import { type Awaitable, toOperation } from './from-promise.js';
import type { Operation } from './operation.js';
import { asOne } from './suppressed.js';

/** The results of several awaitables, place by place. */
export type Results<T extends readonly unknown[]> = { -readonly [K in keyof T]: Awaited<T[K]> };

class WhenAll extends Combined<unknown[]> {
  /** In the order in which they came; a stop is one. */
  readonly #failures: unknown[] = [];

  override toString(): string {
    return `whenAll of ${this.parts.length}`;
  }

  protected partEnded(part: Operation<unknown>): void {
    if (!part.hasFailed) return;
    this.#failures.push(part.outcome);
    if (this.#failures.length > 1) return;
    this.stopParts(new CanceledError(part.outcome, 'canceled: another of whenAll() failed'));
  }

  protected allEnded(): void {
    if (this.#failures.length > 0) this.fail(asOne(this.#failures));
    else this.complete(this.parts.map((part) => part.outcome));
  }

  protected stopped(reason: unknown): void {
    if (this.#failures.length === 0) this.#failures.push(reason);
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
