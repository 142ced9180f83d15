/**
 * Structured concurrency: a scope owns what is spawned in it, and nothing spawned outlives it.
 *
 * A failure that nobody waits for is the scope's: it stops the others, waits for them, and is thrown by the scope,
 * with what failed meanwhile attached (suppressed.ts). A cancelled child is no failure, a deadline that has passed is
 * one. Clean-ups run last, in reverse order, when no child is left that could still use what they close.
 */
import { type ActionOwner, type AsyncActionBase, isAction } from './async-action.js';
import type { CancelOptions } from './async-info.js';
import { CanceledError, isFinal, toCanceledError } from './cancellation.js';
import { type Cleanup, runCleanups } from './clean-up.js';
import { clock, type Timer } from './clock.js';
import { type AsyncResult, type Coroutine, declarationOf } from './coroutine.js';
import { assertGrace, Grace } from './grace.js';
import type { Operation } from './operation.js';
import type { ProgressOf, Yielded } from './progress.js';
import type { Resource } from './resource.js';
import { inOneSlice } from './run-queue.js';
import { type Ending, ScopeEnd } from './scope-end.js';
import { deadlineOf, deadlinePassed, type ScopeOptions } from './scope-options.js';
import { type AnyBody, runBody } from './start-body.js';
import { asOne } from './suppressed.js';
import type { Ambient } from './thread-state.js';

const SCOPE = { label: 'a scope', isNamed: false };

/** Owns coroutines and resources until they have ended. See `scope()` for the usual way to have one. */
export class Scope implements ActionOwner, Ending {
  readonly #options: ScopeOptions;
  readonly #children = new Set<AsyncActionBase<unknown>>();
  readonly #cleanups: Cleanup[] = [];
  readonly #timer: Timer | undefined;
  /** When it has to have ended, on the `clock`; undefined for no deadline of its own. */
  readonly deadline: number | undefined;
  readonly #failures: unknown[] = [];
  #cancellation: CanceledError | undefined;
  #grace: Grace | undefined;
  /** The child whose failure is the scope's also in a supervised one. */
  #body: AsyncActionBase<unknown> | undefined;
  #end: ScopeEnd | undefined;

  /** @throws {RangeError} a time that is none */
  constructor(options: ScopeOptions = {}) {
    this.#options = options;
    if (options.graceMs !== undefined) assertGrace(options.graceMs);
    this.deadline = deadlineOf('Scope', options);
    if (this.deadline !== undefined) {
      const left = Math.max(0, this.deadline - clock.now());
      this.#timer = clock.setTimer(left, () => this.#fails(deadlinePassed('the scope')));
    }
  }

  /**
   * Starts a coroutine as a child of this scope.
   *
   * @param fn - a coroutine, or a body
   * @returns what calling it gives; an error of it that is waited for is the waiter's affair, not the scope's
   * @throws {TypeError} the scope has ended, or waits for its end with no child left
   */
  spawn<A extends readonly unknown[], R, P>(fn: Coroutine<A, R, P>, ...args: A): AsyncResult<R, P>;
  spawn<A extends readonly unknown[], R, Y extends Yielded>(
    fn: (...args: A) => Generator<Y, R, never>,
    ...args: A
  ): AsyncResult<R, ProgressOf<Y>>;
  spawn<A extends readonly unknown[], R>(
    fn: (...args: A) => Promise<R>,
    ...args: A
  ): AsyncResult<R>;
  spawn(fn: (...args: readonly unknown[]) => unknown, ...args: readonly unknown[]): unknown {
    this.#assertOpen('spawn()');
    const child = declarationOf(fn) === undefined ? runBody(fn, args) : fn(...args);
    if (!isAction(child)) throw new TypeError('spawn() needs a coroutine or a body of one');
    return this.#adopt(child);
  }

  /** Starts the body that the scope is made around. @internal */
  spawnBody(body: AnyBody, given: Ambient | undefined): AsyncActionBase<unknown> {
    // Owned before it begins: what it does to the scope in its first slice is done to it as well.
    return runBody(body, [this], given, (child) => {
      this.#body = child;
      this.#adopt(child);
    });
  }

  /**
   * Remembers a clean-up: when the scope ends and all children have ended, they run one by one, the last one first.
   *
   * @param cleanup - may be a body, or return an operation, an action or a promise, which is waited for
   */
  defer(cleanup: Cleanup): void {
    this.#assertOpen('defer()');
    this.#cleanups.push(cleanup);
  }

  /**
   * Closes a resource when the scope ends, as `using` does at the end of a block.
   *
   * @returns the resource
   * @throws {TypeError} it has neither `[Symbol.asyncDispose]` nor `[Symbol.dispose]`
   */
  use<T extends Disposable | AsyncDisposable>(resource: T): T {
    if (Symbol.asyncDispose in resource) {
      this.defer(() => resource[Symbol.asyncDispose]());
    } else if (Symbol.dispose in resource) {
      this.defer(() => resource[Symbol.dispose]());
    } else {
      throw new TypeError('use() needs a resource with [Symbol.dispose] or [Symbol.asyncDispose]');
    }
    return resource;
  }

  /**
   * Opens a `resource()` and waits until it is there; it is closed when the scope ends, in its turn among the
   * clean-ups. A failure of it in between is the scope's.
   */
  acquire<T>(resource: Resource<T>): Operation<T> {
    return resource.openAs(
      (opened) => {
        this.defer(() => opened.closing());
        return opened.value;
      },
      (error) => this.#fails(error),
    );
  }

  /**
   * Asks all children to stop, and those that will be spawned. Clean-ups are not stopped, but by the end of a grace.
   *
   * @param reason - becomes the `cause` of their `CanceledError`
   * @param options.graceMs - default: the scope's own
   */
  cancel(reason?: unknown, options?: CancelOptions): void {
    if (this.#end?.isSettled) return;
    const before = this.#cancellation;
    const graceMs = options?.graceMs ?? (before === undefined ? this.#options.graceMs : undefined);
    if (graceMs !== undefined) this.#startGrace(graceMs);
    if (before !== undefined && (isFinal(before) || !isFinal(reason))) return;
    this.#cancellation = toCanceledError(reason);
    // All are asked before the first reacts: that one may look at the others.
    inOneSlice(() => {
      for (const child of [...this.#children]) child.cancel(this.#cancellation);
    });
    this.#end?.forceCleanups(reason);
  }

  /**
   * Waits until all children have ended, runs the clean-ups, and ends the scope.
   *
   * Stopping this wait cancels the scope, and waits all the same.
   *
   * @throws the first failure, with later ones as `suppressed`
   */
  join(): Operation<void> {
    return this.#join();
  }

  /**
   * Cancels what still runs, waits for it, and closes. Leaving a block does not say whether it failed.
   *
   * @throws as `join()`; not where another waits for that, who hears of it
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.cancel(new CanceledError(undefined, "canceled: the scope's block was left"));
    // Whoever wrote `await s.join()` in another function begins that wait with the next microtask.
    if (this.#end !== undefined) await null;
    const end = this.#end ?? this.#join();
    await (end.isUsed ? end.untilEnded() : end);
  }

  /** Whether a child has not ended. @internal */
  get hasChildren(): boolean {
    return this.#children.size > 0;
  }

  /** @internal */
  childEnded(
    child: AsyncActionBase<unknown>,
    unobserved: { readonly error: unknown } | undefined,
  ): void {
    this.#children.delete(child);
    if (unobserved !== undefined) this.#childFailed(child, unobserved.error);
    if (this.#children.size === 0) this.#end?.childrenEnded();
  }

  /** @internal */
  cleanUp(): AsyncActionBase<unknown> {
    this.#timer?.cancel();
    const run = runCleanups(SCOPE, this.#cleanups, (error) => this.#fails(error));
    // The grace may have been over before they began.
    if (isFinal(this.#cancellation)) run.cancel(this.#cancellation);
    return run;
  }

  /** @internal */
  failure(): { readonly error: unknown } | undefined {
    this.#grace?.end();
    return this.#failures.length === 0 ? undefined : { error: asOne(this.#failures) };
  }

  #startGrace(graceMs: number): void {
    this.#grace ??= new Grace();
    this.#grace.start(
      graceMs,
      () => this.#cancellation,
      (over) => this.cancel(over),
    );
  }

  #adopt(child: AsyncActionBase<unknown>): AsyncActionBase<unknown> {
    this.#children.add(child);
    child.adoptBy(this);
    if (this.#cancellation !== undefined) child.cancel(this.#cancellation);
    return child;
  }

  #join(): ScopeEnd {
    this.#assertOpen('join()');
    this.#end = new ScopeEnd(this);
    return this.#end;
  }

  #childFailed(child: AsyncActionBase<unknown>, error: unknown): void {
    const { supervised, onFailure } = this.#options;
    if (supervised !== true || child === this.#body) {
      this.#fails(error);
    } else if (onFailure === undefined) {
      this.#failures.push(error);
    } else {
      try {
        onFailure(error, child);
      } catch (thrown) {
        this.#fails(thrown);
      }
    }
  }

  #fails(error: unknown): void {
    this.#failures.push(error);
    this.cancel(new CanceledError(error, 'canceled: another coroutine of the scope failed'));
  }

  #assertOpen(call: string): void {
    if (this.#end === undefined || (call !== 'join()' && this.hasChildren)) return;
    throw new TypeError(`${call} on a scope that has ended`);
  }
}
