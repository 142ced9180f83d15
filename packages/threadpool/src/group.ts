/**
 * Tasks that belong together: cancelled together, waited for together, and by default stopped by the first failure.
 *
 * Stands on top of `addTask` and knows nothing else of the pool.
 */
import type { CrossingTask, TermsFor } from './crossing-types.js';
import { listen, unlisten } from './shared-signal.js';
import type { ITask, TaskResult } from './task.js';
import type { TaskTerms } from './task-terms.js';

/** Where a group's tasks go. */
export interface TaskTaker {
  addTask(task: ITask<unknown>, terms?: TaskTerms): Promise<unknown>;
}

/** What a group may be told. */
export interface GroupOptions {
  /** Cancels the group. */
  readonly signal?: AbortSignal;
  /** What the first failure does to the others: `cancel` (default), or `goOn`, nothing. */
  readonly onFailure?: 'cancel' | 'goOn';
}

/**
 * Tasks that belong together.
 *
 * A failure is the group's: `done()` rejects with the first one, whether or not anybody looks at the promise that `add`
 * gave. So a group is ended by `await group.done()`, or made with `await using`.
 */
export class TaskGroup implements AsyncDisposable {
  #pool: TaskTaker;
  #controller = new AbortController();
  #cancelsOnFailure: boolean;
  #unfinished = 0;
  #failures: unknown[] = [];
  #onEmpty: (() => void)[] = [];
  /** The program's signal, listened to until the group is done, and again when more is added. */
  #outside: AbortSignal | undefined;
  #stop = () => this.cancel(this.#outside?.reason);

  /** A group of tasks for a pool: what `pool.group()` makes. */
  constructor(pool: TaskTaker, { signal, onFailure = 'cancel' }: GroupOptions = {}) {
    this.#pool = pool;
    this.#cancelsOnFailure = onFailure === 'cancel';
    this.#outside = signal;
    this.#follow();
  }

  /** Aborts when the group is cancelled. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Tasks added that have not settled. */
  get unfinished(): number {
    return this.#unfinished;
  }

  /** What tasks have failed with, in that order; those that were cancelled with the group are not among them. */
  get failures(): readonly unknown[] {
    return this.#failures;
  }

  /** Hands a task over as one of the group. In a group that is cancelled it rejects with the reason. */
  add<T extends ITask<unknown>>(
    task: CrossingTask<T>,
    terms?: Omit<TermsFor<T>, 'signal'>,
  ): Promise<TaskResult<T>> {
    this.#unfinished++;
    this.#follow();
    const promise = this.#pool.addTask(task, { ...terms, signal: this.signal });
    promise.then(
      () => this.#left(),
      (error: unknown) => {
        this.#failed(error);
        this.#left();
      },
    );
    // SAFETY: what comes is what the task's own method returned.
    return promise as Promise<TaskResult<T>>;
  }

  /** Stops all tasks of the group as their own signal would; what is added afterwards is not run. */
  cancel(reason?: unknown): void {
    this.#controller.abort(reason);
  }

  /**
   * Waits until all tasks have settled, also those that are added meanwhile.
   *
   * @throws what the first failed task failed with; or the reason, when the group was cancelled and none had failed
   */
  async done(): Promise<void> {
    while (this.#unfinished > 0) {
      await new Promise<void>((resolve) => this.#onEmpty.push(resolve));
    }
    if (this.#outside !== undefined) unlisten(this.#outside, this.#stop);
    if (this.#failures.length > 0) throw this.#failures[0];
    this.signal.throwIfAborted();
  }

  /** The same as `done()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.done();
  }

  #follow(): void {
    if (this.#outside === undefined || this.signal.aborted) return;
    if (this.#outside.aborted) this.#stop();
    else listen(this.#outside, this.#stop);
  }

  #failed(error: unknown): void {
    // The reason comes back as a copy, and what a task makes of it may be anything: it was cancelled all the same.
    if (this.signal.aborted) return;
    this.#failures.push(error);
    if (this.#cancelsOnFailure) this.cancel(error);
  }

  #left(): void {
    this.#unfinished--;
    if (this.#unfinished > 0) return;
    const waiting = this.#onEmpty;
    this.#onEmpty = [];
    for (const resolve of waiting) resolve();
  }
}
