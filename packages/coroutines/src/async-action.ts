/**
 * What calling a coroutine gives: something that runs already, can be waited for any number of times, and stopped.
 *
 * The names and the state machine are C++/WinRT's (IAsyncAction, IAsyncOperation, IAsyncInfo). Here is what all
 * kinds have in common; how a body is driven lives in generator-run.ts and async-run.ts, a launch in launch.ts.
 *
 *     Started --> Completed | Canceled | Error       once, for good
 */
import { CanceledError, isCanceledError, toCanceledError } from './cancellation.js';
import { Operation, type Suspension } from './operation.js';
import { runNow, throwLater } from './run-queue.js';
import { type Identity, thread } from './thread-state.js';
import { addToStack, rememberStart } from './tracing.js';

/** Where an action stands. `Canceled`: its body ended by a `CanceledError`. */
export type AsyncStatus = 'Started' | 'Completed' | 'Canceled' | 'Error';

/** Called once, when the action has ended. */
export type CompletedHandler<S> = {
  // Written as a method, whose parameters TypeScript compares loosely: an IAsyncOperation<number> shall do where an
  // IAsyncOperation<unknown> is asked for.
  call(sender: S, status: AsyncStatus): void;
}['call'];

/** What every started coroutine can be asked. */
export interface IAsyncInfo {
  readonly status: AsyncStatus;
  /** What it failed with (status `Error`) or was cancelled with (`Canceled`); otherwise undefined. */
  readonly errorCode: unknown;
  /**
   * Asks it to stop: a `CanceledError` arrives at the operation it waits for, or at the next one, once. Its
   * `finally` runs and may wait itself. Does nothing once it has ended, or when called again.
   *
   * @param reason - becomes the `cause` of the `CanceledError`
   */
  cancel(reason?: unknown): void;
  /**
   * Lets go of the result. May be called twice.
   *
   * @throws {TypeError} it still runs: cancel it and wait first
   */
  close(): void;
  /** Cancels it if it still runs, and waits for its end; an end by cancellation is not an error here. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A started coroutine with a result. */
export interface IAsyncOperation<T> extends IAsyncInfo, PromiseLike<T> {
  /** Called once as `(sender, status)` when it has ended, at once if it has. Can be set once. */
  completed: CompletedHandler<this> | undefined;
  /**
   * The result.
   *
   * @throws the error it ended with; {TypeError} it still runs, or `close()` was called
   */
  getResults(): T;
  [Symbol.iterator](): Iterator<Suspension, T, undefined>;
}

/** A started coroutine without a result. */
export interface IAsyncAction extends IAsyncOperation<void> {}

/** Who owns a started coroutine: a scope. @internal */
export interface ActionOwner {
  /** @param unobserved - the error that nobody waited for, boxed */
  childEnded(
    child: AsyncActionBase<unknown>,
    unobserved: { readonly error: unknown } | undefined,
  ): void;
}

/** What a coroutine that has not ended does at this moment. */
export type LiveState =
  /** Has its place in the line, or runs now. */
  | 'runnable'
  /** Waits for operations; an async body perhaps for a promise of its own, which nobody can name. */
  | 'waiting'
  /** Runs on another thread. */
  | 'elsewhere';

const BRAND = Symbol.for('netloom.action');

/** State, waiters and the fate of errors. Subclasses say how to stop the work, and call `end`. @internal */
export abstract class AsyncActionBase<T> implements IAsyncOperation<T> {
  readonly identity: Identity;
  #status: AsyncStatus = 'Started';
  #outcome: unknown = undefined;
  #completed: CompletedHandler<this> | undefined;
  #joins: Join<T>[] | undefined;
  #owner: ActionOwner | undefined;
  /** An error that nobody has seen yet, in Node's own book of such errors. */
  #unhandled: Promise<never> | undefined;
  #isClosed = false;

  constructor(identity: Identity) {
    this.identity = identity;
  }

  /** What it waits for, as far as that is known. For dumps. @internal */
  abstract readonly waitsFor: readonly Operation<unknown>[];
  /** @internal */
  abstract readonly liveState: LiveState;

  /** Passes a stop on to the work. Called at most once. */
  protected abstract requestStop(reason: CanceledError): void;

  #stopReason: CanceledError | undefined;

  get status(): AsyncStatus {
    return this.#status;
  }

  get errorCode(): unknown {
    if (this.#status === 'Started' || this.#status === 'Completed') return undefined;
    this.#markObserved();
    return this.#outcome;
  }

  /** Whether `cancel()` has been called while it ran. @internal */
  get isCancelRequested(): boolean {
    return this.#stopReason !== undefined;
  }

  get completed(): CompletedHandler<this> | undefined {
    return this.#completed;
  }

  set completed(handler: CompletedHandler<this> | undefined) {
    if (this.#completed !== undefined) {
      throw new TypeError(
        'completed is already set: it can be set once, await the action elsewhere',
      );
    }
    this.#completed = handler;
    if (handler === undefined || this.#status === 'Started') return;
    this.#markObserved();
    this.#callCompleted(handler);
  }

  getResults(): T {
    if (this.#status === 'Started') {
      throw new TypeError('getResults() was called while the coroutine runs: await it first');
    }
    if (this.#isClosed) throw closedError();
    this.#markObserved();
    if (this.#status !== 'Completed') throw this.#outcome;
    // SAFETY: end('Completed', …) is called with the body's result.
    return this.#outcome as T;
  }

  cancel(reason?: unknown): void {
    if (this.#status !== 'Started' || this.#stopReason !== undefined) return;
    const stopReason = toCanceledError(reason);
    this.#stopReason = stopReason;
    // By the run queue, because a stop goes down through all that are nested, however deep.
    runNow({ runSlice: () => this.requestStop(stopReason) });
  }

  close(): void {
    if (this.#status === 'Started') {
      throw new TypeError(
        'close() was called while the coroutine runs: cancel() and await it first',
      );
    }
    this.#isClosed = true;
    this.#outcome = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // It has ended, and whoever closed it did not want to know how.
    if (this.#isClosed) return;
    this.cancel(new CanceledError(undefined, 'canceled: its block was left'));
    try {
      await this;
    } catch (error) {
      if (this.#status !== 'Canceled') throw error;
    }
  }

  // biome-ignore lint/suspicious/noThenProperty: an action can be awaited; that is its contract.
  then<R1 = T, R2 = never>(
    onCompleted?: ((value: T) => R1 | PromiseLike<R1>) | null,
    onFailed?: ((error: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    return this.join().then(onCompleted, onFailed);
  }

  [Symbol.iterator](): Iterator<Suspension, T, undefined> {
    return this.join()[Symbol.iterator]();
  }

  /** One more wait for its end. @internal */
  join(): Operation<T> {
    return new Join<T>(this);
  }

  /** Gives it to a scope, which hears of its end. @internal */
  adoptBy(owner: ActionOwner): void {
    if (this.#status === 'Started') {
      this.#owner = owner;
      return;
    }
    const unobserved = this.#unhandled === undefined ? undefined : { error: this.#outcome };
    this.#markObserved();
    owner.childEnded(this, unobserved);
  }

  /** Recognised by this, not by its class: it may come from another copy of the package. @internal */
  get [BRAND](): true {
    return true;
  }

  /** For Join alone. @internal */
  addJoin(join: Join<T>): void {
    if (this.#joins === undefined) this.#joins = [join];
    else this.#joins.push(join);
  }

  /** For Join alone: takes a wait back, unless it is the only one. @internal */
  leave(join: Join<T>): boolean {
    const joins = this.#joins;
    if (joins === undefined || joins.length < 2) return false;
    joins.splice(joins.indexOf(join), 1);
    return true;
  }

  /** Enters it where live coroutines are looked at, once, before its body begins. */
  protected started(parent: object | undefined): void {
    rememberStart(this);
    thread.watcher?.started(this, parent);
  }

  /** Says how it ended. */
  protected end(status: AsyncStatus, outcome: unknown): void {
    this.#status = status;
    this.#outcome = outcome;
    thread.watcher?.ended(this);
    const joins = this.#joins;
    const handler = this.#completed;
    this.#joins = undefined;
    if (joins !== undefined) for (const join of joins) join.actionEnded(status, outcome);
    if (handler !== undefined) this.#callCompleted(handler);
    const isUnobserved = status === 'Error' && joins === undefined && handler === undefined;
    if (this.#owner !== undefined) {
      this.#owner.childEnded(this, isUnobserved ? { error: outcome } : undefined);
    } else if (isUnobserved) {
      // Node tells the program when this turn's microtasks are done and nobody has asked: as for a promise.
      this.#unhandled = Promise.reject(outcome);
    }
  }

  /** Says that the body threw. */
  protected endByThrow(error: unknown): void {
    if (isCanceledError(error)) {
      this.end('Canceled', error);
      return;
    }
    addToStack(error, this.identity, this);
    this.end('Error', error);
  }

  #markObserved(): void {
    this.#unhandled?.catch(() => {});
    this.#unhandled = undefined;
  }

  #callCompleted(handler: CompletedHandler<this>): void {
    try {
      handler(this, this.#status);
    } catch (error) {
      throwLater(error);
    }
  }
}

/** A wait for the end of a started coroutine. Stopping the only wait stops the coroutine, and waits for that. */
class Join<T> extends Operation<T> {
  readonly #action: AsyncActionBase<T>;

  constructor(action: AsyncActionBase<T>) {
    super();
    this.#action = action;
  }

  protected override get holdsStartedWork(): boolean {
    return true;
  }

  override toString(): string {
    return this.#action.identity.label;
  }

  override get coroutine(): object {
    return this.#action;
  }

  protected start(): void {
    if (this.#action.status === 'Started') this.#action.addJoin(this);
    else this.complete(this.#action.getResults());
  }

  protected stop(reason: unknown): boolean {
    if (this.#action.leave(this)) return true;
    this.#action.cancel(reason);
    return false;
  }

  /** Told, not asked for: who hears of it first may close the action. */
  actionEnded(status: AsyncStatus, outcome: unknown): void {
    // SAFETY: an action that has completed ends with its body's result.
    if (status === 'Completed') this.complete(outcome as T);
    else this.fail(outcome);
  }
}

/** Whether a value is a started coroutine, of whichever copy of the package. */
export function isAction(value: unknown): value is AsyncActionBase<unknown> {
  return typeof value === 'object' && value !== null && BRAND in value;
}

function closedError(): TypeError {
  return new TypeError('the result is gone: close() was called on this action');
}
