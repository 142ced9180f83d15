/**
 * What becomes of a task between being handed over and the end of its promise, and of the pool at its own end: every
 * task is settled here, exactly once.
 *
 * Whether it may come in is `admission.ts`'s affair, where it goes `dispatcher.ts`'s, what stops it `task-watch.ts`'s.
 */
import { Admission } from './admission.js';
import { arrive } from './arrival.js';
import { afterTelling, answerRequest, tellProgress } from './conversation.js';
import { discard, discardArrived } from './crossing.js';
import { addStack } from './crossing-error.js';
import { Dispatcher } from './dispatcher.js';
import { Ledger } from './ledger.js';
import { REFUSED, RETURNED } from './messages.js';
import { OrderedQueue } from './ordered-queue.js';
import { newsOf, type PoolEvents, type TaskEnding, timesOf } from './pool-events.js';
import type { PoolSettings } from './pool-options.js';
import type { FunctionCall, TerminateReport } from './pool-report.js';
import type { PoolTask, TaskKind } from './pool-task.js';
import { runHere } from './run-here.js';
import type { ITask } from './task.js';
import { notRun, threadLost, unloadable } from './task-failure.js';
import type { Stopper } from './task-watch.js';
import type { PoolThread, TaskEnd, ThreadEnd } from './worker.js';

type State =
  | { readonly kind: 'open' }
  | { readonly kind: 'closing'; readonly done: Promise<void> }
  | { readonly kind: 'terminated'; readonly done: Promise<TerminateReport> };

type Tell = <K extends keyof PoolEvents>(event: K, ...about: PoolEvents[K]) => void;

/** The tasks of a pool, and its end. */
export class PoolCore implements Stopper {
  readonly dispatcher: Dispatcher;
  readonly admission: Admission;
  readonly graceMs: number | undefined;
  #tell: Tell;
  #isTimed: () => boolean;
  #agingMs: number;
  /** Whether the program chooses threads, and may go by when a task came. */
  #isPlacing: boolean;
  #state: State = { kind: 'open' };
  #ledger = new Ledger(() => this.#emptied());
  #onEmpty: (() => void) | undefined;
  #onEnded: (() => void) | undefined;
  #ended: Promise<void> | undefined;
  #interrupted: PoolTask[] = [];

  /** @param isTimed - whether somebody listens to the ends of tasks: times are taken only then */
  constructor(settings: PoolSettings, tell: Tell, isTimed: () => boolean) {
    this.#tell = tell;
    this.#isTimed = isTimed;
    this.graceMs = settings.graceMs;
    this.#agingMs = settings.agingMs;
    this.#isPlacing = settings.placement !== undefined;
    this.dispatcher = new Dispatcher(settings, {
      settled: (thread, task, end) => this.#settled(thread, task, end),
      asked: (thread, task, request, value, repairs) => {
        // Nobody would read the answer, and the program has been told that nothing runs any more.
        if (this.#state.kind === 'terminated') void discardArrived(repairs);
        else void answerRequest(thread, task, request, value, repairs);
      },
      progressed: tellProgress,
      unpostable: (_thread, task, error) => this.drop(task, error),
      interrupted: (task, thread, end) => this.#wasInterrupted(task, thread, end),
      notRun: (task, why, cause) => this.drop(task, notRun(task, why, cause)),
      unloadable: (task, thread, end) => this.drop(task, unloadable(task, thread, end)),
      threadStarted: (thread) => tell('thread-start', newsOf(thread)),
      threadReady: (thread) => {
        tell('thread-ready', newsOf(thread));
        this.admission.gained();
      },
      threadEnded: (thread, end, why) => {
        const { exitCode, cause } = end;
        tell('thread-end', { ...newsOf(thread), why, exitCode, cause });
      },
      ended: () => this.#onEnded?.(),
    });
    this.admission = new Admission(settings, this.dispatcher, {
      refused: (task, isDropped) => {
        const why = isDropped
          ? `the queue is full, and a newer task took its place`
          : `the queue is full: ${settings.maxQueue} tasks wait`;
        this.drop(task, notRun(task, why, undefined, 'ERR_TASK_QUEUE_FULL'));
      },
      runHere: (task) => {
        const end = (outcome: TaskEnding['outcome']) => this.#noteEnd(task, outcome, undefined);
        runHere(
          task,
          (value) => {
            end('returned');
            afterTelling(task, () => {
              this.#finish(task);
              task.resolve(value);
            });
          },
          (error) => {
            end('threw');
            afterTelling(task, () => {
              this.#finish(task);
              task.reject(error);
            });
          },
        );
      },
      full: () => tell('full'),
      room: () => tell('room'),
    });
  }

  /** Tasks that have not settled. */
  get unfinished(): number {
    return this.#ledger.pending;
  }

  /** Takes a task. */
  add(task: PoolTask): void {
    this.#ledger.enter();
    if (this.#state.kind !== 'open') {
      const how = this.#state.kind === 'closing' ? 'closed' : 'terminated';
      this.drop(task, notRun(task, `the pool is ${how}`));
      return;
    }
    if (task.terms !== undefined) this.#heed(task.kind, task.terms);
    if (this.#isTimed() || task.kind.isOrdered || this.#isPlacing)
      task.enteredMs = performance.now();
    if (task.watch !== undefined) {
      task.watch.begin();
      if (hasEnded(task)) return;
    }
    try {
      this.admission.add(task);
    } catch (error) {
      // The program's own order threw: the task is nowhere.
      if (task.stage !== 'waiting') throw error;
      this.drop(task, error);
    }
  }

  /** Stopper: takes the task back from wherever it waits. */
  recall(task: PoolTask): boolean {
    if (task.stage === 'waiting') return true;
    return task.stage === 'posted' && this.dispatcher.recall(task);
  }

  /** Ends a task that never began: releases what it had been given, then rejects. */
  drop(task: PoolTask, reason: unknown): void {
    this.#noteEnd(task, 'notRun', undefined);
    this.#finish(task);
    discard(task.packed);
    task.reject(reason);
  }

  close(isDropping: boolean): Promise<void> {
    const state = this.#state;
    if (state.kind === 'terminated') return state.done.then(() => {});
    if (isDropping) this.#dropAll('the pool was closed');
    if (state.kind === 'closing') return state.done;
    const done = Promise.resolve().then(() => this.#drain());
    this.#state = { kind: 'closing', done };
    return done;
  }

  terminate(): Promise<TerminateReport> {
    if (this.#state.kind === 'terminated') return this.#state.done;
    // The state first: whoever adds a task while others are being released is told.
    const done = Promise.resolve().then(() => this.#stop());
    this.#state = { kind: 'terminated', done };
    return done;
  }

  /** The first task that comes with a priority or a name of a queue makes its kind's queue one that heeds them. */
  #heed(kind: TaskKind, { priority, queue }: NonNullable<PoolTask['terms']>): void {
    if (kind.isOrdered || (priority === undefined && queue === undefined)) return;
    kind.isOrdered = true;
    const ordered = new OrderedQueue<PoolTask>(this.#agingMs);
    const nowMs = performance.now();
    for (let one = kind.waiting.shift(); one !== undefined; one = kind.waiting.shift()) {
      // When they came nobody asked: from here on they gain by waiting.
      if (one.enteredMs === 0) one.enteredMs = nowMs;
      ordered.push(one);
    }
    kind.waiting = ordered;
  }

  #settled(thread: PoolThread, task: PoolTask, end: TaskEnd): void {
    task.stage = 'ended';
    this.#noteEnd(task, outcomeOf(end), thread);
    if (task.telling !== undefined) afterTelling(task, () => this.#arrived(task, end));
    else if (end.ending === RETURNED && end.repairs === undefined) {
      this.#finish(task);
      task.resolve(end.value);
    } else this.#arrived(task, end);
    this.dispatcher.settled(thread, task);
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

  #wasInterrupted(task: PoolTask, thread: PoolThread, end: ThreadEnd): void {
    const isOurs = this.#state.kind === 'terminated';
    if (isOurs) this.#interrupted.push(task);
    this.#noteEnd(task, 'interrupted', thread);
    this.#finish(task);
    if (!isOurs && task.watch?.told !== undefined && thread.isStopped) {
      task.reject(task.watch.told.reason);
      return;
    }
    let why = `its thread ended while it ran, with exit code ${end.exitCode}`;
    if (thread.isStopped) why = 'its thread was stopped under another task, which did not stop';
    if (isOurs) why = 'the pool was terminated while it ran';
    task.reject(threadLost(task, thread, end, why));
  }

  #finish(task: PoolTask): void {
    task.stage = 'ended';
    task.watch?.end();
    if (task.isQueued) this.dispatcher.endedWaiting(task);
    if (this.admission.isBounded) this.admission.left(task);
    this.#ledger.leave();
  }

  #emptied(): void {
    this.#onEmpty?.();
    if (this.#state.kind === 'open') this.#tell('idle');
  }

  #noteEnd(task: PoolTask, outcome: TaskEnding['outcome'], thread: PoolThread | undefined): void {
    if (!this.#isTimed()) return;
    const { exportName: name, module } = task.kind;
    this.#tell('task-end', { name, module, outcome, ...timesOf(task, outcome, thread) });
  }

  #dropAll(why: string): PoolTask[] {
    const tasks = [...this.admission.takeAll(), ...this.dispatcher.takeAll()];
    for (const task of tasks) this.drop(task, notRun(task, why));
    return tasks;
  }

  async #drain(): Promise<void> {
    this.#ledger.hold();
    if (this.#ledger.pending > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      });
    }
    await this.#end('in-order');
    const failed = this.dispatcher.tearDownError;
    if (failed !== undefined) throw failed.error;
  }

  async #stop(): Promise<TerminateReport> {
    this.#ledger.hold();
    const tasks = this.#dropAll('the pool was terminated');
    await this.#end('at-once');
    return { notRun: tasks.map(handedOver), interrupted: this.#interrupted.map(handedOver) };
  }

  async #end(how: 'in-order' | 'at-once'): Promise<void> {
    this.#ended ??= new Promise<void>((resolve) => {
      this.#onEnded = resolve;
    }).then(() => this.#ledger.close());
    this.dispatcher.end(how);
    await this.#ended;
  }
}

function hasEnded(task: PoolTask): boolean {
  return task.stage === 'ended';
}

function outcomeOf({ ending }: TaskEnd): TaskEnding['outcome'] {
  if (ending === RETURNED) return 'returned';
  return ending === REFUSED ? 'notRun' : 'threw';
}

function handedOver(task: PoolTask): ITask<unknown> | FunctionCall {
  // SAFETY: the only two things that become a PoolTask's original.
  return task.original as ITask<unknown> | FunctionCall;
}
