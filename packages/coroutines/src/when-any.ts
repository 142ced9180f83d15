/** Waits for the first of several: C++/WinRT's `when_any`, which also says which one it was. */
import { CanceledError, isCanceledError } from './cancellation.js';
import { Combined } from './combined.js';
import { type Awaitable, toOperation } from './from-promise.js';
import type { Operation } from './operation.js';
import { asOne } from './suppressed.js';

/** Which one came first, and its result: `index` narrows the type of `value`. */
export type Winner<T extends readonly unknown[]> = {
  [K in keyof T]: { readonly index: IndexOf<K>; readonly value: Awaited<T[K]> };
}[number];

type IndexOf<K> = K extends `${infer N extends number}` ? N : number;

class WhenAny extends Combined<{ index: number; value: unknown }> {
  #winner: Operation<unknown> | undefined;
  /** Why there will be no winner. */
  #stopped: { readonly reason: unknown } | undefined;
  /** In the order in which they came, without stops of those that have lost. */
  readonly #failures: unknown[] = [];

  override toString(): string {
    return `whenAny of ${this.parts.length}`;
  }

  protected partEnded(part: Operation<unknown>): void {
    const isFirst = this.#winner === undefined && this.#stopped === undefined;
    if (part.hasFailed && (isFirst || !isCanceledError(part.outcome))) {
      this.#failures.push(part.outcome);
    }
    if (!isFirst) return;
    this.#winner = part;
    this.stopParts(new CanceledError(undefined, 'canceled: another of whenAny() came first'));
  }

  protected allEnded(): void {
    const winner = this.#winner;
    if (this.#failures.length > 0) this.fail(asOne(this.#failures));
    else if (winner === undefined) this.fail(this.#stopped?.reason);
    else this.complete({ index: this.parts.indexOf(winner), value: winner.outcome });
  }

  protected stopped(reason: unknown): void {
    if (this.#winner === undefined) this.#stopped ??= { reason };
  }
}

/**
 * Waits until one has ended, stops the others, waits for them to end too, and gives `{ index, value }`.
 *
 * Ended means completed or failed: a failure that comes first is thrown. Operations after one that completes at once
 * are never started. A loser whose end is a failure of its own (in its `finally`) fails the whole, as nothing else
 * would tell.
 *
 * A loser that completes although it was stopped is dropped with its result: what gives something to be closed, such
 * as a connection, must be an operation that takes itself back when it is stopped, or a coroutine that closes what it
 * has won. So must a promise, which cannot be stopped and whose result is dropped whenever it comes.
 *
 * @param parts - operations (started here), actions and promises; a promise is left alone when it loses
 * @throws {TypeError} there are none: it would never end
 *
 * @example
 * ```ts
 * import { resumeAfter, whenAny } from '@netloom/coroutines';
 *
 * const { index } = await whenAny([resumeAfter(60_000), resumeAfter(1)]); // the first is stopped
 * console.log(index);
 * ```
 *
 * ```text
 * 1
 * ```
 */
export function whenAny<const T extends readonly Awaitable<unknown>[]>(
  parts: T,
): Operation<Winner<T>> {
  if (parts.length === 0) throw new TypeError('whenAny([]) would never end: give it at least one');
  const operation: Operation<unknown> = new WhenAny(parts.map((part) => toOperation(part)));
  // SAFETY: index is the winner's place, and value the outcome of the operation in that place.
  return operation as Operation<Winner<T>>;
}
