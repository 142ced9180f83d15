/**
 * How a body asks about its own stop: C++/WinRT's `get_cancellation_token`, agave's too.
 *
 * The token belongs to the coroutine that asked for it, and may be handed on: to a callback, to `fetch`.
 */
import type { AsyncActionBase } from './async-action.js';
import type { CanceledError } from './cancellation.js';
import { currentOwner } from './current-owner.js';
import type { Suspension } from './operation.js';
import { Run } from './run.js';

/** Says whether, and why, one coroutine was asked to stop. Made by {@link getCancellationToken}. */
export class CancellationToken {
  readonly #run: Run<unknown>;
  #controller: AbortController | undefined;

  /** @internal */
  constructor(run: Run<unknown>) {
    this.#run = run;
  }

  /** Whether `cancel()` has been called on the coroutine. */
  get isCanceled(): boolean {
    return this.#run.isCancelRequested;
  }

  /** What arrives at its wait; undefined while nobody has asked it to stop. */
  get reason(): CanceledError | undefined {
    return this.#run.isCancelRequested ? this.#run.extras.stopReason : undefined;
  }

  /** Aborts, with {@link reason}, when the coroutine is asked to stop: for `fetch`, `events.on`, child processes. */
  get signal(): AbortSignal {
    const controller = this.#controller ?? new AbortController();
    if (this.#controller === undefined) {
      this.#controller = controller;
      this.callback((reason) => controller.abort(reason));
    }
    return controller.signal;
  }

  /**
   * Calls back once, when the coroutine is asked to stop and before that arrives at its wait; at once if it has been.
   *
   * @param onCancel - what it throws is the program's error, not the coroutine's
   */
  callback(onCancel: (reason: CanceledError) => void): void {
    this.#run.extras.onStop(onCancel);
  }

  /**
   * Says whether a stop arrives at the waits of the coroutine, and by that at what it calls. In C++/WinRT it does not
   * unless asked for; here it does unless taken away: then only the token tells, until it is put back. The end of a
   * grace (`cancel(reason, { graceMs })`) arrives all the same.
   *
   * @param isOn - default: true
   * @returns whether it did before
   */
  enablePropagation(isOn = true): boolean {
    return this.#run.enablePropagation(isOn);
  }

  /** So that `yield* getCancellationToken()` reads as in C++; gives the token, and does not wait. */
  [Symbol.iterator](): Iterator<Suspension, CancellationToken, undefined> {
    return { next: () => ({ done: true, value: this }) };
  }
}

const tokens = /* @__PURE__ */ new WeakMap<AsyncActionBase<unknown>, CancellationToken>();

/**
 * The token of the coroutine that asks: the same one however often.
 *
 * In an async body it needs `AsyncLocalStorage`, which browsers have not.
 *
 * @throws {TypeError} no coroutine is running
 *
 * @example
 * ```ts
 * import { coroutine, getCancellationToken, resumeAfter } from '@netloom/coroutines';
 *
 * const search = coroutine(function* search() {
 *   const token = yield* getCancellationToken();
 *   token.callback(() => console.log('asked to stop'));
 *   for (let n = 0; ; n += 1) {
 *     if (token.isCanceled) return `got as far as ${n}`;
 *     token.enablePropagation(false); // this wait is not disturbed
 *     yield* resumeAfter(1);
 *   }
 * });
 *
 * const action = search();
 * action.cancel();
 * console.log(await action);
 * ```
 *
 * ```text
 * asked to stop
 * got as far as 1
 * ```
 */
export function getCancellationToken(): CancellationToken {
  const run = runningBody('getCancellationToken()');
  let token = tokens.get(run);
  if (token === undefined) {
    token = new CancellationToken(run);
    tokens.set(run, token);
  }
  return token;
}

/** The coroutine whose body calls. @internal */
export function runningBody(call: string): Run<unknown> {
  const owner = currentOwner();
  if (owner instanceof Run) return owner;
  throw new TypeError(`${call} was called outside of a coroutine: call it in its body`);
}
