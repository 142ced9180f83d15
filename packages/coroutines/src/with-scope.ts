/** A scope around a body, as an operation: `scope()`. */
import { withDeadline } from './ambient.js';
import type { AsyncActionBase } from './async-action.js';
import { Operation, type Waiter } from './operation.js';
import type { Yielded } from './progress.js';
import { Scope } from './scope.js';
import { deadlineOf, type ScopeOptions } from './scope-options.js';
import type { AnyBody } from './start-body.js';

/** What a scope's body, or a clean-up, may be: like a coroutine's, without a name. */
export type ScopeBody<A extends readonly unknown[], R> =
  | ((...args: A) => Generator<Yielded, R, never>)
  | ((...args: A) => Promise<R>);

class Scoped<R> extends Operation<R> implements Waiter {
  readonly #body: AnyBody;
  readonly #options: ScopeOptions;
  #scope: Scope | undefined;
  #main: AsyncActionBase<unknown> | undefined;

  constructor(body: AnyBody, options: ScopeOptions) {
    super();
    this.#body = body;
    this.#options = options;
  }

  override toString(): string {
    return this.#options.supervised ? 'supervised scope' : 'scope';
  }

  protected start(): void {
    const scope = new Scope(this.#options);
    const { deadline } = scope;
    this.#scope = scope;
    this.#main = scope.spawnBody(
      this.#body,
      deadline === undefined ? undefined : withDeadline(deadline),
    );
    const end = scope.join();
    end.beginFor(this);
    if (end.isSettled) this.operationEnded(end);
  }

  protected stop(reason: unknown): boolean {
    this.#scope?.cancel(reason);
    return false;
  }

  operationEnded(end: Operation<unknown>): void {
    if (end.hasFailed) {
      this.fail(end.outcome);
      return;
    }
    try {
      // SAFETY: start() has set it, and its result is an R.
      this.complete((this.#main as AsyncActionBase<R>).getResults());
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
 * @param options.timeoutMs - what has not ended by then is stopped, and the scope fails with a `TimeoutError` (a
 *   `DOMException`, as of `AbortSignal.timeout()`). Deadlines nest: the nearest one counts, see `currentDeadline()`
 * @param options.supervised - a child's failure leaves the others alone
 * @returns the body's result
 * @throws {RangeError} a time that is none
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
 *
 * try {
 *   await scope(
 *     function* (s) {
 *       s.spawn(later, 60_000);
 *     },
 *     { timeoutMs: 5 },
 *   );
 * } catch (error) {
 *   console.log(String(error));
 * }
 * ```
 *
 * ```text
 * 3
 * TimeoutError: the scope had not ended by its deadline
 * ```
 */
export function scope<R>(
  body: (s: Scope) => Generator<Yielded, R, never>,
  options?: ScopeOptions,
): Operation<R>;
export function scope<R>(body: (s: Scope) => Promise<R>, options?: ScopeOptions): Operation<R>;
export function scope(body: (s: Scope) => unknown, options: ScopeOptions = {}): Operation<unknown> {
  deadlineOf('scope()', options);
  // SAFETY: Scoped calls it with a scope.
  return new Scoped(body as AnyBody, options);
}
