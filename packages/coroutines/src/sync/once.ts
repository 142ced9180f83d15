/** Work that is done by the first who needs it, for all: Go's sync.Once, tokio's OnceCell. */
import type { AsyncActionBase } from '../async-action.js';
import type { Operation, Suspension, Waiter } from '../operation.js';
import { runBody } from '../start-body.js';
import { TimedOperation, type WaitOptions } from './wait.js';

/** Runs a body at most once successfully, and keeps its result. */
export class Once<T> {
  readonly #body: () => Generator<Suspension, T, never> | Promise<T>;
  #result: { readonly value: T } | undefined;
  #running: AsyncActionBase<unknown> | undefined;

  /** @param body - a generator function (preferred), an async function, or a coroutine */
  constructor(body: () => Generator<Suspension, T, never> | PromiseLike<T>) {
    // SAFETY: an action has then(), which is all that a body's promise is used for.
    this.#body = body as () => Generator<Suspension, T, never> | Promise<T>;
  }

  /** Whether the result is there. */
  get isDone(): boolean {
    return this.#result !== undefined;
  }

  /**
   * The result: at once if it is there; else the first who asks starts the body, and all wait for it.
   *
   * An error is everybody's who waits then; whoever asks later starts the body again. The body is stopped when all who
   * wait for it have been.
   */
  get(options?: WaitOptions): Operation<T> {
    return new Get<T>(this, options);
  }

  /** For its waits. @internal */
  get result(): { readonly value: T } | undefined {
    return this.#result;
  }

  /** For its waits: the run that is under way, or a new one. @internal */
  run(): AsyncActionBase<unknown> {
    if (this.#running !== undefined && !this.#running.isCancelRequested) return this.#running;
    const action = runBody(this.#body, []);
    this.#running = action;
    action.completed = () => {
      if (this.#running !== action) return;
      this.#running = undefined;
      // SAFETY: the body gives a T.
      if (action.status === 'Completed') this.#result = { value: action.getResults() as T };
    };
    return action;
  }
}

class Get<T> extends TimedOperation<T> implements Waiter {
  readonly #once: Once<T>;
  #join: Operation<unknown> | undefined;

  constructor(once: Once<T>, options: WaitOptions | undefined) {
    super(options);
    this.#once = once;
  }

  override toString(): string {
    return 'once.get()';
  }

  override get parts(): readonly Operation<unknown>[] {
    return this.#join === undefined ? [] : [this.#join];
  }

  protected start(): void {
    const { result } = this.#once;
    if (result !== undefined) {
      this.complete(result.value);
      return;
    }
    if (!this.beginsWaiting()) return;
    const join = this.#once.run().join();
    this.#join = join;
    join.beginFor(this);
    if (join.isSettled) this.operationEnded(join);
  }

  protected override stop(reason: unknown): boolean {
    this.disarm();
    this.#join?.interrupt(reason);
    return false;
  }

  operationEnded(join: Operation<unknown>): void {
    if (join.hasFailed) this.fail(join.outcome);
    // SAFETY: the body gives a T.
    else this.complete(join.outcome as T);
  }
}
