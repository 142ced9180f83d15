/**
 * `AbortSignal`, in and out. In: every wait takes one as `signal`, and {@link untilAborted} waits for one. Out:
 * {@link withSignal} gives one to functions that know nothing of coroutines.
 */
import { isFinal, toCanceledError } from '../cancellation.js';
import { Operation } from '../operation.js';
import { TimedOperation, type WaitOptions } from './wait.js';

/**
 * Waits until a signal aborts; at once if it has.
 *
 * @returns the signal's reason
 */
export function untilAborted(signal: AbortSignal, options?: WaitOptions): Operation<unknown> {
  return new UntilAborted(signal, options);
}

class UntilAborted extends TimedOperation<unknown> {
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal, options: WaitOptions | undefined) {
    super(options);
    this.#signal = signal;
  }

  override toString(): string {
    return 'untilAborted()';
  }

  protected start(): void {
    if (this.#signal.aborted) this.complete(this.#signal.reason);
    else if (this.beginsWaiting()) this.#signal.addEventListener('abort', this.#onAbort);
  }

  protected override stop(reason: unknown): boolean {
    this.#signal.removeEventListener('abort', this.#onAbort);
    return super.stop(reason);
  }

  readonly #onAbort = (): void => {
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.complete(this.#signal.reason);
  };
}

/**
 * Calls a function with a signal that aborts when this wait is stopped, and waits for what it promises:
 * `yield* withSignal((signal) => fetch(url, { signal }))`.
 *
 * A stop waits for the promise to settle: what it holds is let go when the coroutine goes on; the end of a grace does
 * not wait for it. One that ignores the
 * signal and has a result all the same gives it, and the stop arrives at the next wait.
 *
 * @throws what the function throws or its promise is rejected with; once stopped, the `CanceledError`
 *
 * @example
 * ```ts
 * import { setTimeout as sleep } from 'node:timers/promises';
 * import { coroutine, withSignal } from '@netloom/coroutines';
 *
 * const action = coroutine(function* () {
 *   yield* withSignal((signal) => sleep(60_000, undefined, { signal }));
 * })();
 * action.cancel();
 * await action.then(undefined, (error) => console.log(String(error)));
 * ```
 *
 * ```text
 * CanceledError: canceled
 * ```
 */
export function withSignal<T>(call: (signal: AbortSignal) => PromiseLike<T>): Operation<T> {
  return new WithSignal<T>(call);
}

class WithSignal<T> extends Operation<T> {
  readonly #call: (signal: AbortSignal) => PromiseLike<T>;
  readonly #controller = new AbortController();
  #stopped: { readonly reason: unknown } | undefined;

  constructor(call: (signal: AbortSignal) => PromiseLike<T>) {
    super();
    this.#call = call;
  }

  override toString(): string {
    return 'withSignal()';
  }

  protected start(): void {
    this.#call(this.#controller.signal).then(
      (value) => this.complete(value),
      (error) => this.fail(this.#stopped === undefined ? error : this.#stopped.reason),
    );
  }

  protected stop(reason: unknown): boolean {
    this.#stopped ??= { reason };
    this.#controller.abort(toCanceledError(reason));
    return isFinal(reason);
  }
}
