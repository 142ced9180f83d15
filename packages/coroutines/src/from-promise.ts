/**
 * A promise as an operation, so that a generator body can wait for it and a stop can end that wait.
 */
import { isAction } from './async-action.js';
import { isOperation, Operation, type OperationOptions } from './operation.js';

/** Anything that can be waited for together with others. */
export type Awaitable<T> = Operation<T> | PromiseLike<T>;

class FromPromise<T> extends Operation<T> {
  readonly #promise: PromiseLike<T>;

  constructor(promise: PromiseLike<T>, options?: OperationOptions) {
    super(options);
    this.#promise = promise;
  }

  /** Its failure would be nobody's, were the promise left alone because the wait is stopped before it begins. */
  protected override get holdsStartedWork(): boolean {
    return true;
  }

  protected start(): void {
    this.#promise.then(
      (value) => this.complete(value),
      (error) => this.fail(error),
    );
  }

  protected stop(): boolean {
    return true;
  }
}

/**
 * Waits for a promise.
 *
 * A promise cannot be stopped: when the wait is, the work behind it goes on, and what becomes of it is ignored.
 *
 * @param options.signal - stops the wait
 */
export function fromPromise<T>(promise: PromiseLike<T>, options?: OperationOptions): Operation<T> {
  if (typeof promise?.then !== 'function') {
    throw new TypeError(`fromPromise() needs a promise: got ${String(promise)}`);
  }
  return new FromPromise(promise, options);
}

/** One operation for whatever can be waited for. @internal */
export function toOperation<T>(awaitable: Awaitable<T>): Operation<T> {
  // SAFETY: the brands say what it is; the result's type is the caller's own.
  if (isOperation(awaitable)) return awaitable as Operation<T>;
  if (isAction(awaitable)) return awaitable.join() as Operation<T>;
  return fromPromise(awaitable);
}
