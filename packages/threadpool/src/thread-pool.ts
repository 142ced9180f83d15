/**
 * The pool that a program holds: takes tasks, gives promises, and settles each exactly once.
 *
 * Where a task goes is `dispatcher.ts`'s affair; how it gets there, `worker.ts`'s; what may cross, `crossing.ts`'s.
 */

import { arrive } from './arrival.js';
import { answerRequest, tellProgress } from './conversation.js';
import { discard, discardArrived, pack, packFields } from './crossing.js';
import { addStack } from './crossing-error.js';
import type { Repairs } from './crossing-wire.js';
import { Dispatcher } from './dispatcher.js';
import { type HandOver, recordHandOver } from './hand-over.js';
import { KeepAlive } from './keep-alive.js';
import { REFUSED, RETURNED } from './messages.js';
import { packAnyway } from './pack-anyway.js';
import type { FunctionCall, TerminateReport, ThreadSnapshot } from './pool-report.js';
import { PoolTask } from './pool-task.js';
import { listen, unlisten } from './shared-signal.js';
import type { ITask } from './task.js';
import { TaskError } from './task-error.js';
import { TaskKinds } from './task-kind.js';
import type { ThreadOptions } from './thread-options.js';
import type { PoolThread, TaskEnd, ThreadEnd } from './worker.js';

/** What stays with the original. */
const STAYS: ReadonlySet<string> = new Set(['signal', 'onRequest', 'onProgress']);

/** What a pool may be told beside its number of threads. */
export interface ThreadPoolOptions extends ThreadOptions {}

type State =
  | { readonly kind: 'open' }
  | { readonly kind: 'closing'; readonly done: Promise<void> }
  | { readonly kind: 'terminated'; readonly done: Promise<TerminateReport> };

/**
 * Runs tasks on a fixed set of threads.
 *
 * The threads start at once and live until `close` or `terminate`. An idle pool costs no CPU and does not keep the
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
export class ThreadPool implements AsyncDisposable {
  #dispatcher: Dispatcher;
  #kinds: TaskKinds;
  #state: State = { kind: 'open' };
  #pending = 0;
  #keepAlive = new KeepAlive();
  #onIdle: (() => void) | undefined;
  #onEnded: (() => void) | undefined;
  #ended: Promise<void> | undefined;
  #interrupted: PoolTask[] = [];

  /**
   * @param threads - an integer from 1
   * @throws {RangeError} `threads` is anything else
   */
  constructor(threads: number, options: ThreadPoolOptions = {}) {
    if (!Number.isInteger(threads) || threads < 1) {
      throw new RangeError(`threads must be an integer from 1: got ${String(threads)}`);
    }
    this.#dispatcher = new Dispatcher(threads, options, {
      settled: (thread, task, end) => this.#settled(thread, task, end),
      asked: (thread, task, request, value, repairs) =>
        void this.#asked(thread, task, request, value, repairs),
      progressed: tellProgress,
      unpostable: (_thread, task, error) => this.#drop(task, error),
      interrupted: (task, thread, end) => this.#wasInterrupted(task, thread, end),
      notRun: (task, why, cause) => this.#notRun(task, why, cause),
      unloadable: (task, thread, end) => this.#unloadable(task, thread, end),
      ended: () => this.#onEnded?.(),
    });
    this.#kinds = new TaskKinds((kind) => this.#dispatcher.addKind(kind));
  }

  /** The threads as they are now, by place. */
  get threads(): readonly ThreadSnapshot[] {
    return this.#dispatcher.threads.map((thread, index) => ({
      index,
      threadId: thread?.threadId ?? -1,
      unfinished: thread?.unfinished ?? 0,
      completed: thread?.completed ?? 0,
    }));
  }

  /** Tasks handed over that have not settled, wherever they are. */
  get unfinished(): number {
    return this.#pending;
  }

  /**
   * Hands a task over; its promise settles with what the task does.
   *
   * The fields are copied before `addTask` returns. A task whose `signal` aborts before it begins is not run, and
   * rejects with the signal's reason; one that runs sees `context.signal` abort, and settles with what it does then.
   *
   * @throws {TypeError} as a rejection: not a task, or a field that cannot cross, named by path
   * @throws {TaskError} as a rejection, see `TaskErrorCode`
   */
  addTask<R>(task: ITask<R>): Promise<Awaited<R>>;
  /** Hands several over; one promise for each, in the same order. */
  addTask<const T extends readonly ITask<unknown>[]>(
    tasks: T,
  ): { -readonly [I in keyof T]: Promise<T[I] extends ITask<infer R> ? Awaited<R> : never> };
  addTask(task: ITask<unknown> | readonly ITask<unknown>[]): unknown {
    const handedOver = recordHandOver(this.addTask);
    if (isList(task)) return task.map((one) => this.#add(one, handedOver));
    return this.#add(task, handedOver);
  }

  /**
   * Calls an exported function on a thread: `pool.run<typeof fib>(new URL('./fib.js', import.meta.url), 'fib', [30])`.
   *
   * One thread runs one call of a function at a time.
   *
   * @param module - the URL of the module that exports it; never the program's entry module
   * @throws as {@link addTask}
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
    args: Readonly<Parameters<F>>,
  ): Promise<Awaited<ReturnType<F>>> {
    return new Promise((resolve, reject) => {
      try {
        const kind = this.#kinds.ofFunction(module, exportName);
        const call: FunctionCall = { module: kind.module, exportName, args };
        const packed = pack([...args], 'args');
        // SAFETY: what comes is what the function returned, by the caller's own word.
        const settle = resolve as (value: unknown) => void;
        this.#handOver(
          new PoolTask(kind, call, packed, recordHandOver(this.run), settle, reject),
          undefined,
        );
      } catch (error) {
        reject(error);
      }
    });
  }

  /**
   * Drains: takes no more tasks, resolves when all have settled and the threads have ended.
   *
   * May be called twice. A pool that was terminated is closed.
   */
  async close(): Promise<void> {
    const state = this.#state;
    if (state.kind === 'closing') return state.done;
    if (state.kind === 'terminated') {
      await state.done;
      return;
    }
    const done = Promise.resolve().then(() => this.#drain());
    this.#state = { kind: 'closing', done };
    return done;
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
    if (this.#state.kind === 'terminated') return this.#state.done;
    // The state first: whoever adds a task while others are being released is told.
    const done = Promise.resolve().then(() => this.#stop());
    this.#state = { kind: 'terminated', done };
    return done;
  }

  /** The same as `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #add(task: ITask<unknown>, handedOver: HandOver): Promise<unknown> {
    return new Promise((resolve, reject) => {
      try {
        const kind = this.#kinds.ofTask(task);
        const signal = signalOf(task);
        const packed = packFields(task, 'task', STAYS);
        this.#handOver(new PoolTask(kind, task, packed, handedOver, resolve, reject), signal);
      } catch (error) {
        reject(error);
      }
    });
  }

  #handOver(task: PoolTask, signal: AbortSignal | undefined): void {
    this.#pending++;
    if (this.#pending === 1) this.#keepAlive.hold();
    if (this.#state.kind !== 'open') {
      this.#notRun(task, `the pool is ${this.#state.kind === 'closing' ? 'closed' : 'terminated'}`);
      return;
    }
    if (signal !== undefined) {
      if (signal.aborted) {
        this.#drop(task, signal.reason);
        return;
      }
      task.signal = signal;
      task.aborted = () => this.#aborted(task, signal.reason);
      listen(signal, task.aborted);
    }
    this.#dispatcher.place(task);
  }

  #aborted(task: PoolTask, reason: unknown): void {
    if (task.stage === 'waiting' || (task.stage === 'posted' && this.#dispatcher.recall(task))) {
      this.#drop(task, reason);
    } else if (task.stage === 'posted' && task.thread !== undefined) {
      const packed = packAnyway(reason, 'reason');
      try {
        task.thread.abort(task, packed);
      } catch (error) {
        discard(packed);
        task.thread.abort(task, packAnyway(error, 'reason'));
      }
    }
  }

  #settled(thread: PoolThread, task: PoolTask, end: TaskEnd): void {
    task.stage = 'ended';
    if (end.ending === RETURNED && end.repairs === undefined) {
      this.#finish(task);
      task.resolve(end.value);
    } else this.#arrived(task, end);
    this.#dispatcher.settled(thread, task);
  }

  /** It is pending until its classes are here: close waits for it. */
  #arrived(task: PoolTask, end: TaskEnd): void {
    if (end.ending === REFUSED) discard(task.packed, end.left);
    const resolve = (value: unknown) => {
      this.#finish(task);
      task.resolve(value);
    };
    const reject = (error: unknown) => {
      this.#finish(task);
      if (end.ending !== RETURNED) addStack(error, task.handedOver);
      task.reject(error);
    };
    arrive(end, end.ending === RETURNED ? resolve : reject, reject);
  }

  async #asked(
    thread: PoolThread,
    task: PoolTask,
    request: number,
    value: unknown,
    repairs: Repairs | undefined,
  ): Promise<void> {
    // Nobody would read the answer, and the program has been told that nothing runs any more.
    if (this.#state.kind === 'terminated') return discardArrived(repairs);
    return answerRequest(thread, task, request, value, repairs);
  }

  #wasInterrupted(task: PoolTask, thread: PoolThread, end: ThreadEnd): void {
    const isOurs = this.#state.kind === 'terminated';
    if (isOurs) this.#interrupted.push(task);
    const why = isOurs
      ? 'the pool was terminated while it ran'
      : `its thread ended while it ran, with exit code ${end.exitCode}`;
    this.#finish(task);
    const error = new TaskError(`${task.kind.exportName} was interrupted: ${why}`, {
      code: 'ERR_TASK_THREAD_LOST',
      cause: end.cause,
      exitCode: end.exitCode,
      threadId: thread.threadId,
    });
    addStack(error, task.handedOver);
    task.reject(error);
  }

  #notRun(task: PoolTask, why: string, cause?: unknown): void {
    const message = `${task.kind.exportName} was not run: ${why}`;
    const error = new TaskError(message, { code: 'ERR_TASK_NOT_RUN', cause });
    addStack(error, task.handedOver);
    this.#drop(task, error);
  }

  #unloadable(task: PoolTask, thread: PoolThread, end: ThreadEnd): void {
    const error = new TaskError(
      `${task.kind.exportName} was not run: ${task.lostThreads} threads ended while they imported its modules, the last with exit code ${end.exitCode}`,
      {
        code: 'ERR_TASK_MODULE',
        cause: end.cause,
        exitCode: end.exitCode,
        threadId: thread.threadId,
      },
    );
    addStack(error, task.handedOver);
    this.#drop(task, error);
  }

  /** Ends a task that never began: releases what it had been given, then rejects. */
  #drop(task: PoolTask, reason: unknown): void {
    this.#finish(task);
    discard(task.packed);
    task.reject(reason);
  }

  #finish(task: PoolTask): void {
    task.stage = 'ended';
    if (task.signal !== undefined && task.aborted !== undefined)
      unlisten(task.signal, task.aborted);
    this.#pending--;
    if (this.#pending > 0) return;
    if (this.#state.kind === 'open') this.#keepAlive.release();
    this.#onIdle?.();
  }

  async #drain(): Promise<void> {
    this.#keepAlive.hold();
    if (this.#pending > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    await this.#end('in-order');
  }

  async #stop(): Promise<TerminateReport> {
    this.#keepAlive.hold();
    const notRun = this.#dispatcher.takeAll();
    for (const task of notRun) this.#notRun(task, 'the pool was terminated');
    await this.#end('at-once');
    return { notRun: notRun.map(originalOf), interrupted: this.#interrupted.map(originalOf) };
  }

  async #end(how: 'in-order' | 'at-once'): Promise<void> {
    this.#ended ??= new Promise<void>((resolve) => {
      this.#onEnded = resolve;
    }).then(() => this.#keepAlive.close());
    this.#dispatcher.end(how);
    await this.#ended;
  }
}

function isList(
  task: ITask<unknown> | readonly ITask<unknown>[],
): task is readonly ITask<unknown>[] {
  return Array.isArray(task);
}

function originalOf(task: PoolTask): ITask<unknown> | FunctionCall {
  // SAFETY: the only two things that become a PoolTask's original.
  return task.original as ITask<unknown> | FunctionCall;
}

function signalOf(task: ITask<unknown>): AbortSignal | undefined {
  const signal: unknown = task.signal;
  if (signal === undefined || signal instanceof AbortSignal) return signal;
  throw new TypeError(`task.signal must be an AbortSignal: got ${String(signal)}`);
}
