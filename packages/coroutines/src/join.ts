/** A wait for the end of a started coroutine. Stopping the only wait stops the coroutine, and waits for that. */
import type { AsyncActionBase } from './async-action.js';
import type { AsyncStatus } from './async-info.js';
import { Operation } from './operation.js';

/** @internal */
export class Join<T> extends Operation<T> {
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
