/**
 * The pool that a program holds: takes tasks and gives promises.
 *
 * What becomes of a task is `pool-core.ts`'s affair; what may cross, `crossing.ts`'s.
 */

import { EventEmitter } from 'node:events';
import type { Crossing, CrossingTask, TermsFor } from './crossing-types.js';
import { type GroupOptions, TaskGroup } from './group.js';
import { recordHandOver } from './hand-over.js';
import { type MapOptions, mapTasks, type ToTask } from './map-tasks.js';
import { PoolCore } from './pool-core.js';
import type { PoolEvents } from './pool-events.js';
import { poolSettings, type ThreadPoolOptions } from './pool-options.js';
import {
  type PoolSnapshot,
  type TerminateReport,
  type ThreadSnapshot,
  threadReport,
  threadSnapshot,
} from './pool-report.js';
import { type RemoteModule, remoteModule } from './remote-module.js';
import type { ITask, TaskResult } from './task.js';
import { TaskIntake } from './task-intake.js';
import type { TaskTerms } from './task-terms.js';

/** How many items for each thread a mapping has under way. */
const IN_FLIGHT_PER_THREAD = 4;

/** A task that was let in. */
export interface Submitted<R> {
  /** What the task does, as `addTask` would have given it. */
  readonly result: Promise<R>;
}

/**
 * Runs tasks on a fixed set of threads.
 *
 * The threads start at once and live until `close` or `terminate`, unless the options say otherwise. An idle pool costs no CPU and does not keep the
 * process alive; tasks that have not settled do. A thread that ends under its task is replaced.
 *
 * @example
 * ```ts
 * // file: square.ts
 * import type { ITask } from '@netloom/threadpool';
 *
 * export class Square implements ITask<number> {
 *   static readonly module = import.meta.url;
 *   static readonly exportName = 'Square';
 *   readonly n: number;
 *
 *   constructor(n: number) {
 *     this.n = n;
 *   }
 *
 *   runTask(): number {
 *     return this.n ** 2; // on a thread of the pool
 *   }
 * }
 * ```
 *
 * ```ts
 * // file: main.ts
 * import { ThreadPool } from '@netloom/threadpool';
 * import { Square } from './square.js';
 *
 * await using pool = new ThreadPool(2);
 * console.log(await pool.addTask(new Square(12)));
 * ```
 *
 * ```text
 * 144
 * ```
 */
export class ThreadPool extends EventEmitter<PoolEvents> implements AsyncDisposable {
  #core: PoolCore;
  #intake: TaskIntake;

  /**
   * @param threads - how many at most; an integer from 1
   * @throws {RangeError | TypeError} `threads` is anything else, or an option is not what it has to be
   */
  constructor(threads: number, options: ThreadPoolOptions = {}) {
    super();
    const settings = poolSettings(threads, options);
    this.#core = new PoolCore(
      settings,
      (event, ...about) => this.#tell(event, about),
      () => this.listenerCount('task-end') > 0,
    );
    this.#intake = new TaskIntake(this.#core, settings.order);
  }

  /** The threads as they are now, by place. */
  get threads(): readonly ThreadSnapshot[] {
    return this.#core.dispatcher.threads.map((thread, index) => threadSnapshot(index, thread));
  }

  /** Tasks handed over that have not settled, wherever they are. */
  get unfinished(): number {
    return this.#core.unfinished;
  }

  /** What runs where and since when, and what waits. */
  snapshot(): PoolSnapshot {
    const { dispatcher, admission, unfinished } = this.#core;
    return {
      threads: dispatcher.threads.map((thread, index) => threadReport(index, thread)),
      unfinished,
      queued: admission.queued,
      heldBack: admission.heldBack,
    };
  }

  /**
   * Hands a task over; its promise settles with what the task does.
   *
   * The fields are copied before `addTask` returns. A task whose `signal` aborts before it begins is not run, and
   * rejects with the signal's reason; one that runs sees `context.signal` abort, and settles with what it does then; one
   * that has not ended within its grace is stopped with its thread, and rejects with the reason.
   *
   * @throws {TypeError | RangeError} as a rejection: not a task, or a field that cannot cross, named by path, or terms
   *   that are none
   * @throws {TaskError} as a rejection, see `TaskErrorCode`
   */
  addTask<T extends ITask<unknown>>(
    task: CrossingTask<T>,
    terms?: TermsFor<NoInfer<T>>,
  ): Promise<TaskResult<T>>;
  /** Hands several over; one promise for each, in the same order. The terms are those of each. */
  addTask<const T extends readonly ITask<unknown>[]>(
    tasks: { readonly [I in keyof T]: CrossingTask<T[I]> },
    terms?: TermsFor<NoInfer<T>>,
  ): { -readonly [I in keyof T]: Promise<TaskResult<T[I]>> };
  addTask(task: ITask<unknown> | readonly ITask<unknown>[], terms?: TaskTerms): unknown {
    const handedOver = recordHandOver(this.addTask);
    if (isList(task)) return task.map((one) => this.#intake.task(one, handedOver, terms));
    return this.#intake.task(task, handedOver, terms);
  }

  /**
   * Hands a task over and waits until it is let in: it has a place in the queue, or a thread.
   *
   * Without `maxQueue` that is at once. With `whenFull: 'wait'` this is how whoever makes tasks learns to slow down.
   *
   * @returns the promise of the task's result, in an object, so that waiting for one is not waiting for the other
   * @throws as {@link addTask}, when it was not let in
   */
  async submit<T extends ITask<unknown>>(
    task: CrossingTask<T>,
    terms?: TermsFor<NoInfer<T>>,
  ): Promise<Submitted<TaskResult<T>>> {
    let admit = () => {};
    const admitted = new Promise<void>((resolve) => {
      admit = resolve;
    });
    const result = this.#intake.task(task, recordHandOver(this.submit), terms, admit);
    await Promise.race([admitted, result]);
    // Another promise: a rejection that nobody sees is to be heard of.
    // SAFETY: what comes is what the task's own method returned.
    return { result: result.then((value) => value as TaskResult<T>) };
  }

  /**
   * Calls an exported function on a thread: `pool.run<typeof fib>(new URL('./fib.js', import.meta.url), 'fib', [30])`.
   *
   * One thread runs one call of a function at a time.
   *
   * @param module - the URL of the module that exports it; never the program's entry module
   * @throws as {@link addTask}
   *
   * The function sees neither signal nor time limit: what runs is stopped with its thread, after the grace.
   *
   * @example
   * ```ts
   * // file: fib.ts
   * export function fib(n: number): number {
   *   return n < 2 ? n : fib(n - 1) + fib(n - 2);
   * }
   * ```
   *
   * ```ts
   * // file: main.ts
   * import { ThreadPool } from '@netloom/threadpool';
   * import type { fib } from './fib.js';
   *
   * await using pool = new ThreadPool(2);
   * console.log(await pool.run<typeof fib>(new URL('./fib.js', import.meta.url), 'fib', [20]));
   * ```
   *
   * ```text
   * 6765
   * ```
   */
  run<F extends (...args: never[]) => unknown = (...args: unknown[]) => unknown>(
    module: string | URL,
    exportName: string,
    args: Readonly<Parameters<F>> & Crossing<Parameters<F>>,
    terms?: TermsFor<Parameters<F>>,
  ): Promise<Awaited<ReturnType<F>>> {
    const result = this.#intake.call(module, exportName, args, recordHandOver(this.run), terms);
    // SAFETY: what comes is what the function returned, by the caller's own word.
    return result as Promise<Awaited<ReturnType<F>>>;
  }

  /**
   * Gives the functions of a module, to be called as if they were here: `pool.module<typeof import('./fib.js')>(url)`.
   *
   * @param terms - those of each call
   * @see {@link run}
   */
  module<M>(url: string | URL, terms?: TaskTerms): RemoteModule<M> {
    const call = (name: string, args: readonly unknown[]) =>
      this.#intake.call(url, name, args, recordHandOver(call), terms);
    return remoteModule<M>(call);
  }

  /** Makes a group: tasks that are cancelled together, waited for together, and fail together. */
  group(options?: GroupOptions): TaskGroup {
    return new TaskGroup(this, options);
  }

  /**
   * Runs a task for each item of an array, a generator or a stream, and gives the results as they are asked for.
   *
   * @param toTask - makes the task of an item, or calls and gives the promise
   * @throws while it is read: what the source, `toTask` or a task throws, in its turn; the signal's reason; what was
   *   under way is stopped then
   */
  map<I, R>(
    source: Iterable<I> | AsyncIterable<I>,
    toTask: ToTask<I, R>,
    options: MapOptions = {},
  ): AsyncGenerator<Awaited<R>, void, undefined> {
    const inFlight = IN_FLIGHT_PER_THREAD * this.threads.length;
    return mapTasks(this, source, toTask, {
      ...options,
      inFlight: options.inFlight ?? inFlight,
    });
  }

  /**
   * Drains: takes no more tasks, resolves when all have settled and the threads have ended.
   *
   * May be called twice. A pool that was terminated is closed.
   *
   * @param options.drop - tasks that have not begun are not run: they reject with ERR_TASK_NOT_RUN
   * @throws what a thread's `threadExit` threw, the first one, when all threads have ended
   */
  async close(options: { readonly drop?: boolean } = {}): Promise<void> {
    await this.#core.close(options.drop === true);
  }

  /**
   * Stops the threads where they stand.
   *
   * Tasks that had not begun reject with ERR_TASK_NOT_RUN, those that ran with ERR_TASK_THREAD_LOST. May be called
   * twice, and while the pool closes, whose promise then resolves as well.
   *
   * @returns what was cut off, when the threads have ended
   */
  terminate(): Promise<TerminateReport> {
    return this.#core.terminate();
  }

  /** The same as `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #tell<K extends keyof PoolEvents>(event: K, about: PoolEvents[K]): void {
    try {
      // SAFETY: the types of EventEmitter's emit do not see that K's tuple is K's tuple.
      (this.emit as (event: K, ...about: PoolEvents[K]) => boolean).call(this, event, ...about);
    } catch (error) {
      // What a listener throws must not stand between a task and its end.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

function isList(
  task: ITask<unknown> | readonly ITask<unknown>[],
): task is readonly ITask<unknown>[] {
  return Array.isArray(task);
}
