/** Waits for the first of several: C++/WinRT's `when_any`, which also says which one it was. */
import { CanceledError, isCanceledError } from './cancellation.js';
import { type Awaitable, toOperation } from './from-promise.js';
import { Operation, type Waiter } from './operation.js';
import { attachSuppressed } from './suppressed.js';

/** Which one came first, and its result: `index` narrows the type of `value`. */
export type Winner<T extends readonly unknown[]> = {
  [K in keyof T]: { readonly index: IndexOf<K>; readonly value: Awaited<T[K]> };
}[number];

type IndexOf<K> = K extends `${infer N extends number}` ? N : number;

class WhenAny extends Operation<{ index: number; value: unknown }> implements Waiter {
  readonly #parts: readonly Operation<unknown>[];
  #running = 0;
  #winner: Operation<unknown> | undefined;
  #stopped: { readonly reason: unknown } | undefined;
  readonly #errors: unknown[] = [];

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
      // After a winner only started work is begun, to be stopped: another operation's result would be lost.
      if (this.#winner !== undefined && !part.isHot) continue;
      this.#running += 1;
      part.beginFor(this);
      if (part.isSettled) this.operationEnded(part);
      else if (this.#winner !== undefined) part.interrupt(lost());
    }
    this.#partEnded();
  }

  protected stop(reason: unknown): boolean {
    if (this.#winner === undefined) this.#stopped ??= { reason };
    this.#stopOthers(reason);
    return false;
  }

  operationEnded(part: Operation<unknown>): void {
    if (this.#winner === undefined && this.#stopped === undefined) {
      this.#winner = part;
      this.#stopOthers(lost());
    } else if (part.hasFailed && part.outcome !== this.#stopped?.reason) {
      if (!isCanceledError(part.outcome)) this.#errors.push(part.outcome);
    }
    this.#partEnded();
  }

  #stopOthers(reason: unknown): void {
    for (const part of this.#parts) part.interrupt(reason);
  }

  #partEnded(): void {
    this.#running -= 1;
    if (this.#running > 0) return;
    const winner = this.#winner;
    if (winner === undefined || winner.hasFailed) {
      const error = winner === undefined ? this.#stopped?.reason : winner.outcome;
      this.fail(attachSuppressed(error, this.#errors));
    } else if (this.#errors.length > 0) {
      this.fail(attachSuppressed(this.#errors[0], this.#errors.slice(1)));
    } else {
      this.complete({ index: this.#parts.indexOf(winner), value: winner.outcome });
    }
  }
}

/**
 * Waits until one has ended, stops the others, waits for them to end too, and gives `{ index, value }`.
 *
 * Ended means completed or failed: a failure that comes first is thrown. Operations after one that completes at once
 * are never started. A loser whose end is a failure of its own (in its `finally`) fails the whole, as nothing else
 * would tell.
 *
 * @param parts - operations (started here), actions and promises; a promise is left alone when it loses
 * @throws {TypeError} there are none: it would never end
 */
export function whenAny<const T extends readonly Awaitable<unknown>[]>(
  parts: T,
): Operation<Winner<T>> {
  if (parts.length === 0) throw new TypeError('whenAny([]) would never end: give it at least one');
  const operation: Operation<unknown> = new WhenAny(parts.map((part) => toOperation(part)));
  // SAFETY: index is the winner's place, and value the outcome of the operation in that place.
  return operation as Operation<Winner<T>>;
}

function lost(): CanceledError {
  return new CanceledError(undefined, 'canceled: another of whenAny() came first');
}
