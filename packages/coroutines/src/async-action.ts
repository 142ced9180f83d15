/**
 * What calling a coroutine gives: something that runs already, can be waited for any number of times, and stopped.
 *
 * Here is what all kinds have in common; how a body is driven lives in generator-run.ts and async-run.ts, a launch in
 * launch.ts. What few coroutines ever need (handlers, a stop, clean-ups) hangs on one field: a million that wait pay
 * for one pointer.
 */
import { ActionExtras } from './action-extras.js';
import type {
  AsyncStatus,
  CancelOptions,
  CompletedHandler,
  IAsyncOperation,
  ProgressHandler,
} from './async-info.js';
import { CanceledError, isCanceledError, toCanceledError } from './cancellation.js';
import type { Cleanup } from './clean-up.js';
import { mayCompleteAtOnce } from './fairness.js';
import { Join } from './join.js';
import type { Operation, Suspension } from './operation.js';
import { runNow, throwLater } from './run-queue.js';
import { type Identity, thread } from './thread-state.js';
import { addToStack, rememberStart } from './tracing.js';

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

/** In the place of a result that `close()` has let go of. */
const CLOSED = Symbol('closed');

/** State, waiters and the fate of errors. Subclasses say how to stop the work, and call `end`. @internal */
export abstract class AsyncActionBase<T> implements IAsyncOperation<T> {
  // HOT: a field less is a million fields less; no private methods, which would be one more.
  readonly identity: Identity;
  #status: AsyncStatus = 'Started';
  #outcome: unknown = undefined;
  /** One wait, or several. */
  #joins: Join<T> | Join<T>[] | undefined;
  #owner: ActionOwner | undefined;
  #extras: ActionExtras | undefined;

  constructor(identity: Identity) {
    this.identity = identity;
  }

  /** What it waits for, as far as that is known. For dumps. @internal */
  abstract readonly waitsFor: readonly Operation<unknown>[];
  /** @internal */
  abstract readonly liveState: LiveState;

  /** Passes a stop on to the work: once, and once more with a reason that {@link isFinal}. */
  protected abstract requestStop(reason: CanceledError): void;

  get status(): AsyncStatus {
    return this.#status;
  }

  get errorCode(): unknown {
    if (this.#status === 'Started' || this.#status === 'Completed') return undefined;
    this.#extras?.markObserved();
    return this.#outcome === CLOSED ? undefined : this.#outcome;
  }

  /** Whether `cancel()` has been called while it ran. @internal */
  get isCancelRequested(): boolean {
    return this.#extras?.stopReason !== undefined;
  }

  /** What few need; made when first asked for. @internal */
  get extras(): ActionExtras {
    this.#extras ??= new ActionExtras();
    return this.#extras;
  }

  /** Its own clean-ups; see ensure.ts. @internal */
  protected get cleanups(): Cleanup[] | undefined {
    return this.#extras?.cleanups;
  }

  get completed(): CompletedHandler<this> | undefined {
    return this.#extras?.completed;
  }

  set completed(handler: CompletedHandler<this> | undefined) {
    if (this.#extras?.completed !== undefined) {
      throw new TypeError(
        'completed is already set: it can be set once, await the action elsewhere',
      );
    }
    if (handler === undefined) return;
    // SAFETY: it is called with this action alone.
    this.extras.completed = handler as CompletedHandler<unknown>;
    if (this.#status === 'Started') return;
    this.extras.markObserved();
    call(() => handler(this, this.#status));
  }

  get progress(): ProgressHandler<this, unknown> | undefined {
    return this.#extras?.progress;
  }

  set progress(handler: ProgressHandler<this, unknown> | undefined) {
    // SAFETY: it is called with this action alone.
    this.extras.progress = handler as ProgressHandler<unknown, unknown> | undefined;
    const { latest } = this.extras;
    if (handler !== undefined && latest !== undefined) call(() => handler(this, latest.progress));
  }

  /** Tells the handler how far it is. @internal */
  reportProgress(progress: unknown): void {
    if (this.#status !== 'Started') return;
    this.extras.latest = { progress };
    const handler = this.extras.progress;
    if (handler !== undefined) call(() => handler(this, progress));
  }

  getResults(): T {
    if (this.#status === 'Started') {
      throw new TypeError('getResults() was called while the coroutine runs: await it first');
    }
    if (this.#outcome === CLOSED) throw closedError();
    this.#extras?.markObserved();
    if (this.#status !== 'Completed') throw this.#outcome;
    // SAFETY: end('Completed', …) is called with the body's result.
    return this.#outcome as T;
  }

  cancel(reason?: unknown, options?: CancelOptions): void {
    if (this.#status !== 'Started') return;
    const { extras } = this;
    if (options?.graceMs !== undefined) {
      extras.startGrace(options.graceMs, (over) => this.cancel(over));
    }
    if (!extras.accepts(reason)) return;
    const stop = toCanceledError(reason);
    extras.stopsWith(stop, throwLater);
    // By the run queue, because a stop goes down through all that are nested, however deep.
    runNow({ runSlice: () => this.requestStop(stop) });
  }

  close(): void {
    if (this.#status === 'Started') {
      throw new TypeError(
        'close() was called while the coroutine runs: cancel() and await it first',
      );
    }
    this.#outcome = CLOSED;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // It has ended, and whoever closed it did not want to know how.
    if (this.#outcome === CLOSED) return;
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
    if (this.#status === 'Completed' && this.#outcome !== CLOSED && mayCompleteAtOnce()) {
      // SAFETY: end('Completed', …) is called with the body's result.
      return Promise.resolve(this.#outcome as T).then(onCompleted, onFailed);
    }
    return this.join().then(onCompleted, onFailed);
  }

  [Symbol.iterator](): Iterator<Suspension, T, undefined> {
    if (this.#status === 'Completed' && this.#outcome !== CLOSED && mayCompleteAtOnce()) {
      // SAFETY: it has an iterator's next() and its result's two fields, below.
      return this as unknown as Iterator<Suspension, T, undefined>;
    }
    return this.join()[Symbol.iterator]();
  }

  /** HOT: one that has completed is its own iterator and its own iterator result. Not for users. @internal */
  next(): this {
    return this;
  }

  /** @internal */
  get done(): boolean {
    return this.#status !== 'Started';
  }

  /** @internal */
  get value(): unknown {
    return this.#outcome;
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
    const isUnobserved = this.#extras?.markObserved() ?? false;
    owner.childEnded(this, isUnobserved ? { error: this.#outcome } : undefined);
  }

  /** Recognised by this, not by its class: it may come from another copy of the package. @internal */
  get [BRAND](): true {
    return true;
  }

  /** For Join alone. @internal */
  addJoin(join: Join<T>): void {
    const joins = this.#joins;
    if (joins === undefined) this.#joins = join;
    else if (Array.isArray(joins)) joins.push(join);
    else this.#joins = [joins, join];
  }

  /** For Join alone: takes a wait back, unless it is the only one. @internal */
  leave(join: Join<T>): boolean {
    const joins = this.#joins;
    if (!Array.isArray(joins) || joins.length < 2) return false;
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
    this.#joins = undefined;
    if (Array.isArray(joins)) for (const join of joins) join.actionEnded(status, outcome);
    else joins?.actionEnded(status, outcome);
    const extras = this.#extras;
    extras?.grace?.end();
    const handler = extras?.completed;
    if (handler !== undefined) call(() => handler(this, status));
    if (status !== 'Error' && this.#owner === undefined) return;
    const isUnobserved = status === 'Error' && joins === undefined && handler === undefined;
    if (this.#owner !== undefined) {
      this.#owner.childEnded(this, isUnobserved ? { error: outcome } : undefined);
    } else if (isUnobserved) {
      // Node tells the program when this turn's microtasks are done and nobody has asked: as for a promise.
      this.extras.unhandled = Promise.reject(outcome);
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
}

/** Whether a value is a started coroutine, of whichever copy of the package. */
export function isAction(value: unknown): value is AsyncActionBase<unknown> {
  return typeof value === 'object' && value !== null && BRAND in value;
}

/** An error in a handler is the program's, not the coroutine's. */
function call(handler: () => void): void {
  try {
    handler();
  } catch (error) {
    throwLater(error);
  }
}

function closedError(): TypeError {
  return new TypeError('the result is gone: close() was called on this action');
}
