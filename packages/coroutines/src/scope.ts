/**
 * Structured concurrency: a scope owns what is spawned in it, and nothing spawned outlives it.
 *
 * A failure that nobody waits for is the scope's: it stops the others, waits for them, and is thrown by the scope,
 * with what failed meanwhile attached (suppressed.ts). A cancelled child is no failure. Clean-ups run last, in
 * reverse order, when no child is left that could still use what they close.
 */
import { type ActionOwner, type AsyncActionBase, isAction } from './async-action.js';
import type { IAsyncOperation } from './async-info.js';
import { CanceledError, toCanceledError } from './cancellation.js';
import { type Cleanup, runCleanups } from './clean-up.js';
import { type AsyncResult, type Coroutine, declarationOf } from './coroutine.js';
import { GeneratorRun } from './generator-run.js';
import { Operation, type Suspension, type Waiter } from './operation.js';
import { runBody } from './start-body.js';
import { attachSuppressed } from './suppressed.js';
import type { Identity } from './thread-state.js';

/** What a scope's body, or a clean-up, may be: like a coroutine's, without a name. */
export type ScopeBody<A extends readonly unknown[], R> =
  | ((...args: A) => Generator<Suspension, R, never>)
  | ((...args: A) => Promise<R>);

const CLEAN_UP: Identity = { label: 'the clean-up of a scope', isNamed: false };

/** Owns coroutines and resources until they have ended. See {@link scope} for the usual way to have one. */
export class Scope implements ActionOwner {
  readonly #children = new Set<AsyncActionBase<unknown>>();
  readonly #cleanups: Cleanup[] = [];
  #failure: { readonly error: unknown } | undefined;
  readonly #others: unknown[] = [];
  #cancellation: CanceledError | undefined;
  #end: ScopeEnd | undefined;

  /**
   * Starts a coroutine as a child of this scope.
   *
   * @param fn - a coroutine, or a body
   * @returns what calling it gives; an error of it that is waited for is the waiter's affair, not the scope's
   * @throws {TypeError} the scope has ended, or waits for its end with no child left
   */
  spawn<A extends readonly unknown[], R>(fn: Coroutine<A, R>, ...args: A): AsyncResult<R>;
  spawn<A extends readonly unknown[], R>(
    fn: (...args: A) => Generator<Suspension, R, never>,
    ...args: A
  ): AsyncResult<R>;
  spawn<A extends readonly unknown[], R>(
    fn: (...args: A) => Promise<R>,
    ...args: A
  ): AsyncResult<R>;
  spawn(fn: (...args: readonly unknown[]) => unknown, ...args: readonly unknown[]): unknown {
    this.#assertOpen('spawn()');
    const child = declarationOf(fn) === undefined ? runBody(fn, args) : fn(...args);
    if (!isAction(child)) throw new TypeError('spawn() needs a coroutine or a body of one');
    this.#children.add(child);
    child.adoptBy(this);
    if (this.#cancellation !== undefined) child.cancel(this.#cancellation);
    return child;
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

  /** Asks all children to stop, and those that will be spawned. Clean-ups are not stopped. */
  cancel(reason?: unknown): void {
    if (this.#cancellation !== undefined) return;
    const cancellation = toCanceledError(reason);
    this.#cancellation = cancellation;
    for (const child of [...this.#children]) child.cancel(cancellation);
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
    if (unobserved !== undefined) this.#fails(unobserved.error);
    if (this.#children.size === 0) this.#end?.childrenEnded();
  }

  #join(): ScopeEnd {
    this.#assertOpen('join()');
    this.#end = new ScopeEnd(this, () => this.#cleanUp());
    return this.#end;
  }

  #fails(error: unknown): void {
    if (this.#failure !== undefined) {
      this.#others.push(error);
      return;
    }
    this.#failure = { error };
    this.cancel(new CanceledError(error, 'canceled: another coroutine of the scope failed'));
  }

  *#cleanUp(): Generator<Suspension, void, undefined> {
    yield* runCleanups(this.#cleanups, (error) => this.#fails(error));
    if (this.#failure !== undefined) throw attachSuppressed(this.#failure.error, this.#others);
  }

  #assertOpen(call: string): void {
    if (this.#end === undefined || (call !== 'join()' && this.hasChildren)) return;
    throw new TypeError(`${call} on a scope that has ended`);
  }
}

/** The end of a scope, waited for: children, then clean-ups. */
class ScopeEnd extends Operation<void> {
  readonly #scope: Scope;
  readonly #cleanUp: () => Generator<Suspension, void, undefined>;
  #isStarted = false;
  #stopped: { readonly reason: unknown } | undefined;
  /** Who wants to know that it has ended, and not how. */
  readonly #bystanders: (() => void)[] = [];

  constructor(scope: Scope, cleanUp: () => Generator<Suspension, void, undefined>) {
    super();
    this.#scope = scope;
    this.#cleanUp = cleanUp;
  }

  protected override get holdsStartedWork(): boolean {
    return true;
  }

  protected start(): void {
    this.#isStarted = true;
    if (!this.#scope.hasChildren) this.childrenEnded();
  }

  protected stop(reason: unknown): boolean {
    this.#stopped ??= { reason };
    this.#scope.cancel(reason);
    return false;
  }

  childrenEnded(): void {
    if (!this.#isStarted) return;
    this.#isStarted = false;
    new GeneratorRun(CLEAN_UP, undefined).begin(this.#cleanUp()).completed = (action) => {
      if (action.status !== 'Completed') this.fail(action.errorCode);
      else if (this.#stopped !== undefined) this.fail(this.#stopped.reason);
      else this.complete();
      for (const tell of this.#bystanders) tell();
    };
  }

  /** Waits beside whoever waits for it. */
  async untilEnded(): Promise<void> {
    if (this.isPending) await new Promise<void>((resolve) => this.#bystanders.push(resolve));
  }
}

/** A scope around a body, as an operation. */
class Scoped<R> extends Operation<R> implements Waiter {
  readonly #body: (scope: Scope) => unknown;
  readonly #scope = new Scope();
  #main: IAsyncOperation<R> | undefined;

  constructor(body: (scope: Scope) => unknown) {
    super();
    this.#body = body;
  }

  protected start(): void {
    // SAFETY: scope() takes bodies only, and their result is an R.
    const body = this.#body as (scope: Scope) => Promise<R>;
    const main: unknown = this.#scope.spawn(body, this.#scope);
    this.#main = main as IAsyncOperation<R>;
    const end = this.#scope.join();
    end.beginFor(this);
    if (end.isSettled) this.operationEnded(end);
  }

  protected stop(reason: unknown): boolean {
    this.#scope.cancel(reason);
    return false;
  }

  operationEnded(end: Operation<unknown>): void {
    if (end.hasFailed) {
      this.fail(end.outcome);
      return;
    }
    try {
      // SAFETY: start() has set it.
      this.complete((this.#main as IAsyncOperation<R>).getResults());
    } catch (error) {
      this.fail(error);
    }
  }
}

/**
 * Runs a body with a scope of its own, and ends when the body and all that it spawned have ended.
 *
 * The first failure of the body or of a child that nobody waits for stops all the others, and is thrown when they
 * have ended. Stopping the wait stops body and children.
 *
 * @param body - a generator function (preferred) or an async one
 * @returns the body's result
 *
 * @example
 * ```ts
 * import { coroutine, resumeAfter, scope } from '@netloom/coroutines';
 *
 * const later = coroutine(function* later(n: number) {
 *   yield* resumeAfter(n);
 *   return n;
 * });
 *
 * const sum = await scope(function* (s) {
 *   const [a, b] = [s.spawn(later, 2), s.spawn(later, 1)]; // both run
 *   return (yield* a) + (yield* b);
 * });
 * console.log(sum);
 * ```
 *
 * ```text
 * 3
 * ```
 */
export function scope<R>(body: (s: Scope) => Generator<Suspension, R, never>): Operation<R>;
export function scope<R>(body: (s: Scope) => Promise<R>): Operation<R>;
export function scope(body: (s: Scope) => unknown): Operation<unknown> {
  return new Scoped(body);
}
