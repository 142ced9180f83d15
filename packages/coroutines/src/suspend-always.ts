/** An operation of two functions, for waits that need no class: agave's `suspend_always`, effection's `action`. */
import { Operation, type OperationOptions } from './operation.js';

/**
 * Begins a wait. Calls `complete` or `fail` once, now or later.
 *
 * @returns what takes it back when the wait is stopped; nothing where there is nothing to take back
 */
export type Suspend<T> = (
  complete: (value: T) => void,
  fail: (error: unknown) => void,
  // biome-ignore lint/suspicious/noConfusingVoidType: a function without a return statement is meant.
) => (() => void) | void;

class SuspendAlways<T> extends Operation<T> {
  readonly #suspend: Suspend<T>;
  #takeBack: (() => void) | undefined;

  constructor(suspend: Suspend<T>, options?: OperationOptions) {
    super(options);
    this.#suspend = suspend;
  }

  protected start(): void {
    const takeBack = this.#suspend(
      (value) => this.complete(value),
      (error) => this.fail(error),
    );
    this.#takeBack = takeBack ?? undefined;
  }

  protected stop(): boolean {
    this.#takeBack?.();
    return true;
  }
}

/**
 * Waits until the function that it gives away is called.
 *
 * @param suspend - begins; runs when somebody waits, and what it throws fails the wait
 * @param options.signal - stops the wait
 *
 * @example
 * ```ts
 * import { suspendAlways } from '@netloom/coroutines';
 *
 * const answer = await suspendAlways<number>((complete) => {
 *   const timer = setTimeout(complete, 1, 42);
 *   return () => clearTimeout(timer);
 * });
 * console.log(answer);
 * ```
 *
 * ```text
 * 42
 * ```
 */
export function suspendAlways<T>(suspend: Suspend<T>, options?: OperationOptions): Operation<T> {
  return new SuspendAlways(suspend, options);
}
