/**
 * An async function's work as an operation: stopped, its signal aborts, and what comes all the same is put away.
 */
import { Operation, type OperationOptions } from '@netloom/coroutines';

export class TaskOperation<T> extends Operation<T> {
  readonly #run: (signal: AbortSignal) => Promise<T>;
  readonly #putAway: (value: T) => void;
  readonly #controller = new AbortController();

  constructor(
    run: (signal: AbortSignal) => Promise<T>,
    putAway: (value: T) => void,
    options: OperationOptions,
  ) {
    super(options);
    this.#run = run;
    this.#putAway = putAway;
  }

  protected override start(): void {
    this.#run(this.#controller.signal).then(
      (value) => {
        if (this.isPending) this.complete(value);
        else this.#putAway(value);
      },
      (error: unknown) => this.fail(error),
    );
  }

  protected override stop(reason: unknown): boolean {
    this.#controller.abort(reason);
    return true;
  }
}
