/** An operation that starts a coroutine when it is waited for, and ends as that does. */
import type { AsyncActionBase } from './async-action.js';
import { Operation } from './operation.js';

/** @internal */
export class Started<R> extends Operation<R> {
  readonly #begin: () => AsyncActionBase<unknown>;
  #action: AsyncActionBase<unknown> | undefined;

  /** @param begin - starts it; its result is an R */
  constructor(begin: () => AsyncActionBase<unknown>) {
    super();
    this.#begin = begin;
  }

  override get coroutine(): object | undefined {
    return this.#action;
  }

  protected start(): void {
    this.#action = this.#begin();
    this.#action.completed = (action) => {
      try {
        // SAFETY: what begin() starts ends with an R.
        this.complete(action.getResults() as R);
      } catch (error) {
        this.fail(error);
      }
    };
  }

  protected stop(reason: unknown): boolean {
    this.#action?.cancel(reason);
    return false;
  }
}
