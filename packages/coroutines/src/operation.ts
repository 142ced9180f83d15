/**
 * What can be waited for: `await` it in an async function, `yield*` it in a coroutine. Written once, for both.
 *
 * An operation is lazy (nothing starts until somebody waits) and single-use (a second wait throws).
 * One that completes while it starts does not suspend a coroutine at all: the operation is its own iterator
 * and its own iterator result, so that this path allocates nothing. Who runs next is `run-queue.ts`'s affair.
 */
import { mayCompleteAtOnce, yieldTurn } from './fairness.js';

export interface OperationOptions {
  /** Stops the wait when it aborts; the operation then fails with the signal's own reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What a coroutine's generator yields: the operation it waits for. */
export type Suspension = Operation<unknown>;

const UNUSED = 0;
const PENDING = 1;
const COMPLETED = 2;
const FAILED = 3;

/**
 * The base of everything that can be waited for.
 *
 * A subclass says in {@link start} how to begin and calls {@link complete} or {@link fail} once, at once or
 * later; in {@link stop} it takes back what it had begun.
 */
export abstract class Operation<T> implements PromiseLike<T> {
  /** The iterator protocol's own two fields; see the header. Not for users. @internal */
  done = false;
  /** @internal */
  value: unknown = undefined;

  #state = UNUSED;
  #outcome: unknown = undefined;
  #settled: (() => void) | undefined;
  #signal: AbortSignal | undefined;
  #onAbort: (() => void) | undefined;
  /** Ended, but the budget is spent: goes on in the next turn of the event loop. */
  #awaitsTurn = false;

  constructor(options?: OperationOptions) {
    this.#signal = options?.signal;
  }

  /** Begins. Calls `complete` or `fail`, now or later; what it throws fails the operation. */
  protected abstract start(): void;

  /**
   * Takes back what `start` began, because the waiter was cancelled or the signal aborted.
   *
   * @returns true when the operation ends here, with `reason`; false when it will settle by itself soon, as a
   *   child that still has to run its `finally`
   */
  protected abstract stop(reason: unknown): boolean;

  /** Ends the operation with a result. Ignored once it has ended. */
  protected complete(value: T): void {
    this.#settle(COMPLETED, value);
  }

  /** Ends the operation with an error. Ignored once it has ended. */
  protected fail(error: unknown): void {
    this.#settle(FAILED, error);
  }

  /** Whether somebody waits for it and it has not ended. */
  get isPending(): boolean {
    return this.#state === PENDING;
  }

  /** Stops a pending wait: `stop(reason)`, then fails with `reason`. Does nothing before and after. */
  interrupt(reason: unknown): void {
    if (this.#state !== PENDING) return;
    if (this.stop(reason)) this.#settle(FAILED, reason);
  }

  /** Calls back once, when the pending operation has ended; for whoever drives a generator. @internal */
  whenSettled(settled: () => void): void {
    this.#settled = settled;
  }

  /** Starts the operation for `yield*`. */
  [Symbol.iterator](): Iterator<Suspension, T, undefined> {
    this.#begin();
    // SAFETY: next() below returns this object, whose done and value are the iterator result's two fields.
    return this as unknown as Iterator<Suspension, T, undefined>;
  }

  /** @internal */
  next(): this {
    const ended = this.#hasEnded() && !this.#awaitsTurn;
    if (ended && this.#state === FAILED) throw this.#outcome;
    this.done = ended;
    this.value = ended ? this.#outcome : this;
    return this;
  }

  /** A generator that is forced to throw or return while it waits here takes the wait back first. @internal */
  throw(error: unknown): never {
    this.interrupt(error);
    throw error;
  }

  /** @internal */
  return(value: unknown): { done: true; value: unknown } {
    this.interrupt(new Error('the generator was closed while it waited'));
    return { done: true, value };
  }

  /** Starts the operation for `await`. */
  // biome-ignore lint/suspicious/noThenProperty: an operation is a thenable on purpose; `await` is half its contract.
  then<R1 = T, R2 = never>(
    onCompleted?: ((value: T) => R1 | PromiseLike<R1>) | null,
    onFailed?: ((error: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    this.#begin();
    const promise = new Promise<T>((resolve, reject) => {
      const settled = () => {
        // SAFETY: complete() takes a T, and nothing else stores an outcome in this state.
        if (this.#state === COMPLETED) resolve(this.#outcome as T);
        else reject(this.#outcome);
      };
      if (this.#hasEnded() && !this.#awaitsTurn) settled();
      else this.#settled = settled;
    });
    return promise.then(onCompleted, onFailed);
  }

  #begin(): void {
    if (this.#state !== UNUSED) {
      throw new TypeError(
        'this operation has already been waited for: an operation is used once, make a new one',
      );
    }
    this.#state = PENDING;
    const signal = this.#signal;
    if (signal !== undefined) {
      if (signal.aborted) {
        this.#settle(FAILED, signal.reason);
        return;
      }
      this.#onAbort = () => this.interrupt(signal.reason);
      signal.addEventListener('abort', this.#onAbort, { once: true });
    }
    try {
      this.start();
    } catch (error) {
      this.#settle(FAILED, error);
    }
    if (this.#hasEnded() && !mayCompleteAtOnce()) {
      // It keeps its outcome: what has been received is not lost to an interrupt that comes during the detour.
      this.#awaitsTurn = true;
      yieldTurn(() => {
        this.#awaitsTurn = false;
        this.#notify();
      });
    }
  }

  #hasEnded(): boolean {
    return this.#state === COMPLETED || this.#state === FAILED;
  }

  #settle(state: number, outcome: unknown): void {
    if (this.#state !== PENDING) return;
    this.#state = state;
    this.#outcome = outcome;
    if (this.#onAbort !== undefined) this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#notify();
  }

  #notify(): void {
    const settled = this.#settled;
    this.#settled = undefined;
    settled?.();
  }
}
