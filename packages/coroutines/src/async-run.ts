/**
 * Follows an async body: the engine drives it, so that a cancellation can only arrive at the operations that say
 * whom they serve. They find out through `AsyncLocalStorage` (current-owner.ts); where there is none, an async body
 * runs to its end, whatever is asked of it.
 */
import type { AsyncActionBase } from './async-action.js';
import { runInContext } from './carry-context.js';
import { type Cleanup, runCleanups } from './clean-up.js';
import { type AsyncOwner, currentOwner, runAsOwner } from './current-owner.js';
import type { Operation } from './operation.js';
import { Run } from './run.js';
import { type Job, runNow } from './run-queue.js';
import { type Ambient, type Identity, thread } from './thread-state.js';

/** @internal */
export class AsyncRun<T> extends Run<T> implements AsyncOwner, Job {
  readonly #waitsFor = new Set<Operation<unknown>>();
  /** Those of them that a cancellation is on its way to. */
  readonly #stopping = new Set<Operation<unknown>>();
  readonly #body: () => PromiseLike<T>;

  constructor(identity: Identity, given: Ambient | undefined, body: () => PromiseLike<T>) {
    super(identity, given);
    this.#body = body;
  }

  get waitsFor(): readonly Operation<unknown>[] {
    return [...this.#waitsFor];
  }

  get liveState(): 'waiting' {
    return 'waiting';
  }

  /** Runs it to its first await. */
  begin(): this {
    if (thread.watcher !== undefined || thread.isTracing) this.started(currentOwner());
    runNow(this);
    return this;
  }

  runSlice(): void {
    const context = this.ambient?.context;
    if (context === undefined) this.#start();
    else runInContext(context, () => this.#start());
  }

  beginsWaiting(operation: Operation<unknown>): void {
    if (this.status !== 'Started') return;
    this.#waitsFor.add(operation);
    thread.watcher?.changed(this);
    if (this.hasCancellation) this.deliver();
  }

  endsWaiting(operation: Operation<unknown>): void {
    this.#waitsFor.delete(operation);
    thread.watcher?.changed(this);
    if (!this.#stopping.delete(operation)) return;
    this.hasWaited(operation, this.#stopping.size === 0);
    // Refused by all that it was sent to: what has been begun meanwhile may be the last wait there is.
    if (this.hasCancellation) this.deliver();
  }

  protected startCleanups(
    cleanups: Cleanup[],
    fails: (error: unknown) => void,
  ): AsyncActionBase<unknown> {
    return runCleanups(this.identity, cleanups, fails);
  }

  protected deliver(): void {
    // All are entered before the first is stopped: that one may end at once, and is not the last.
    for (const operation of this.#waitsFor) if (operation.isPending) this.#stopping.add(operation);
    for (const operation of [...this.#stopping]) this.arrivesAt(operation);
  }

  #start(): void {
    const before = thread.owner;
    // An async body is found through its storage: the generator that called it must not answer for it.
    thread.owner = undefined;
    try {
      // then() inside as well: what a plain function gave may be an action, which is stopped through this wait.
      runAsOwner(this, () =>
        this.#body().then(
          (value) => this.bodyEnded(value),
          (error) => this.bodyThrew(error),
        ),
      );
    } catch (error) {
      this.bodyThrew(error);
    } finally {
      thread.owner = before;
    }
  }
}
