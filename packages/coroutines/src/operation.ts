/**
 * What can be waited for: `await` it in an async function, `yield*` it in a coroutine. Written once, for both.
 *
 * An operation is lazy (nothing starts until somebody waits) and single-use (a second wait throws).
 * One that completes while it starts does not suspend a coroutine at all: the operation is its own iterator
 * and its own iterator result, so that this path allocates nothing. Who runs next is `run-queue.ts`'s affair.
 */
import { asyncOwner } from './current-owner.js';
import { countCompletion, mayCompleteAtOnce, yieldTurn } from './fairness.js';
import { listen, unlisten } from './shared-signal.js';
import { thread } from './thread-state.js';

export interface OperationOptions {
  /** Stops the wait when it aborts; the operation then fails with the signal's own reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What a coroutine's generator yields: the operation it waits for. */
export type Suspension = Operation<unknown>;

/** Who is told when a pending operation has ended. @internal */
export interface Waiter {
  operationEnded(operation: Operation<unknown>): void;
}

const BRAND = Symbol.for('netloom.operation');

const UNUSED = 0;
const PENDING = 1;
/** Ended, but the budget is spent: goes on in the next turn of the event loop. */
const COMPLETED_AWAITS_TURN = 2;
const FAILED_AWAITS_TURN = 3;
/** From here on its waiter may go on. */
const COMPLETED = 4;
const FAILED = 5;
/** From a state of ending to that with its turn. */
const TURN = COMPLETED - COMPLETED_AWAITS_TURN;

/**
 * The base of everything that can be waited for.
 *
 * A subclass says in {@link start} how to begin and calls {@link complete} or {@link fail} once, at once or
 * later; in {@link stop} it takes back what it had begun.
 */
export abstract class Operation<T> implements PromiseLike<T> {
  // HOT: four fields, and no private methods, which would be a fifth in each operation: static ones are not.
  #state = UNUSED;
  #outcome: unknown = undefined;
  #waiter: Waiter | undefined;
  readonly #signal: AbortSignal | undefined;

  constructor(options?: OperationOptions) {
    this.#signal = options?.signal;
  }

  /** Begins. Calls `complete` or `fail`, now or later; what it throws fails the operation. */
  protected abstract start(): void;

  /**
   * As `start`, while a stop is on its way that follows at once: takes hold of what runs already, begins nothing else.
   *
   * @internal
   */
  protected startStopping(): void {
    this.start();
  }

  /**
   * Takes back what `start` began, because the waiter was cancelled or the signal aborted.
   *
   * @returns true when the operation ends here, with `reason`; false when it will settle by itself soon, as a
   *   child that still has to run its `finally`
   */
  protected abstract stop(reason: unknown): boolean;

  /**
   * Whether work has begun before the wait has, as when an action is waited for. A cancellation that is due then
   * has to reach that work; any other operation is simply not started.
   */
  protected get holdsStartedWork(): boolean {
    return false;
  }

  /** How dumps call it: as its class is called, unless a subclass says more. */
  toString(): string {
    const { name } = this.constructor;
    return name.charAt(0).toLowerCase() + name.slice(1);
  }

  /** The operations that it waits for in turn. For dumps. @internal */
  get parts(): readonly Operation<unknown>[] {
    return [];
  }

  /** The coroutine whose end it waits for. For dumps. @internal */
  get coroutine(): object | undefined {
    return undefined;
  }

  /** Ends the operation with a result. Ignored once it has ended. */
  protected complete(value: T): void {
    Operation.#settle(this, COMPLETED, value);
  }

  /** Ends the operation with an error. Ignored once it has ended. */
  protected fail(error: unknown): void {
    Operation.#settle(this, FAILED, error);
  }

  /** Whether somebody waits for it and it has not ended. */
  get isPending(): boolean {
    return this.#state === PENDING;
  }

  /** Stops a pending wait: `stop(reason)`, then fails with `reason`. Does nothing before and after. */
  interrupt(reason: unknown): void {
    if (this.#state !== PENDING) return;
    try {
      if (this.stop(reason)) Operation.#settle(this, FAILED, reason);
    } catch (error) {
      Operation.#settle(this, FAILED, error);
    }
  }

  /** As {@link holdsStartedWork}, for those who combine operations. @internal */
  get isHot(): boolean {
    return this.holdsStartedWork;
  }

  /** Whether its waiter may go on: it has ended, and had its turn of the event loop where it needs one. @internal */
  get isSettled(): boolean {
    return this.#state >= COMPLETED;
  }

  /** Whether it ended with an error. @internal */
  get hasFailed(): boolean {
    return this.#state === FAILED || this.#state === FAILED_AWAITS_TURN;
  }

  /** The result or the error of an operation that has ended. @internal */
  get outcome(): unknown {
    return this.#outcome;
  }

  /** Whether somebody waits for it, or has. @internal */
  get isUsed(): boolean {
    return this.#state !== UNUSED;
  }

  /**
   * Makes one that has ended, and whose result `yield*` has read, as new: for those who hand the same object out again
   * instead of making another.
   *
   * @internal
   */
  useAgain(): void {
    this.#state = UNUSED;
    this.#outcome = undefined;
  }

  /**
   * Starts it for somebody who is neither generator nor promise; look at `isSettled` afterwards.
   *
   * It counts for fairness, and takes no turn for it: that is the affair of the operation that it is a part of, whose
   * other parts would otherwise be begun although this one has ended.
   *
   * @param isStopping - the caller interrupts it next, unless it has ended
   * @internal
   */
  beginFor(waiter: Waiter, isStopping = false): void {
    Operation.#begin(this, isStopping);
    if (this.#state === PENDING) this.#waiter = waiter;
    else countCompletion();
  }

  /**
   * Tells the driver of a generator, once, when it may go on.
   *
   * @returns false when nobody can wait here: not started (a plain `yield`), or waited for by another
   * @internal
   */
  tellWhenSettled(waiter: Waiter): boolean {
    if (this.#state === UNUSED || this.isSettled || this.#waiter !== undefined) return false;
    this.#waiter = waiter;
    return true;
  }

  /** Starts the operation for `yield*`. */
  [Symbol.iterator](): Iterator<Suspension, T, undefined> {
    const owner = thread.owner;
    const isStopping = owner?.hasCancellation ?? false;
    if (isStopping && !this.holdsStartedWork) throw owner?.takeCancellation();
    Operation.#begin(this, isStopping);
    if (this.#state !== PENDING && !mayCompleteAtOnce()) Operation.#takeTurn(this);
    // SAFETY: next() below returns this object, whose done and value are an iterator result's.
    return this as unknown as Iterator<Suspension, T, undefined>;
  }

  /** @internal */
  next(): this {
    if (this.#state === FAILED) throw this.#outcome;
    return this;
  }

  /** The iterator result's two; see the header. Not for users. @internal */
  get done(): boolean {
    return this.#state >= COMPLETED;
  }

  /** @internal */
  get value(): unknown {
    return this.#state >= COMPLETED ? this.#outcome : this;
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
    const owner = asyncOwner();
    const isCanceled = owner?.hasCancellation ?? false;
    if (isCanceled && !this.holdsStartedWork) {
      return Promise.reject(owner?.takeCancellation()).then(onCompleted, onFailed);
    }
    Operation.#begin(this, isCanceled);
    if (this.#state !== PENDING && !mayCompleteAtOnce()) Operation.#takeTurn(this);
    const promise = new Promise<T>((resolve, reject) => {
      const settle = () => {
        // SAFETY: complete() takes a T, and nothing else stores an outcome in this state.
        if (this.#state === COMPLETED) resolve(this.#outcome as T);
        else reject(this.#outcome);
      };
      if (this.isSettled) {
        settle();
        return;
      }
      this.#waiter = {
        operationEnded: () => {
          owner?.endsWaiting(this);
          settle();
        },
      };
      // Last, because a cancellation that is due interrupts it at once.
      owner?.beginsWaiting(this);
    });
    return promise.then(onCompleted, onFailed);
  }

  /** Recognised by this, not by its class: it may come from another copy of the package. @internal */
  get [BRAND](): true {
    return true;
  }

  static #begin(operation: Operation<unknown>, isStopping: boolean): void {
    if (operation.#state !== UNUSED) {
      throw new TypeError(
        'this operation has already been waited for: an operation is used once, make a new one',
      );
    }
    operation.#state = PENDING;
    const signal = operation.#signal;
    // What runs already is taken hold of all the same: nobody else would hear of its failure.
    if (signal?.aborted === true && !operation.holdsStartedWork) {
      Operation.#settle(operation, FAILED, signal.reason);
      return;
    }
    try {
      if (isStopping) operation.startStopping();
      else operation.start();
    } catch (error) {
      Operation.#settle(operation, FAILED, error);
    }
    if (signal === undefined || operation.#state !== PENDING) return;
    if (signal.aborted) operation.interrupt(signal.reason);
    else listen(signal, operation);
  }

  /**
   * Gives the event loop its turn before the waiter goes on. The outcome is kept: what has been received is not lost to
   * an interrupt that comes during the detour.
   */
  static #takeTurn(operation: Operation<unknown>): void {
    operation.#state -= TURN;
    yieldTurn(() => {
      operation.#state += TURN;
      Operation.#notify(operation);
    });
  }

  static #settle(operation: Operation<unknown>, state: number, outcome: unknown): void {
    if (operation.#state !== PENDING) return;
    operation.#state = state;
    operation.#outcome = outcome;
    if (operation.#signal !== undefined) unlisten(operation.#signal, operation);
    if (operation.#waiter !== undefined) Operation.#notify(operation);
  }

  static #notify(operation: Operation<unknown>): void {
    const waiter = operation.#waiter;
    operation.#waiter = undefined;
    waiter?.operationEnded(operation);
  }
}

/** Whether a value is an operation, of whichever copy of the package. */
export function isOperation(value: unknown): value is Operation<unknown> {
  return typeof value === 'object' && value !== null && BRAND in value;
}
