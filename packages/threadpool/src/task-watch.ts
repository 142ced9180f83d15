/**
 * What may stop a task before it ends by itself: signals, the end of its time, its deadline.
 *
 * A task that has not begun is dropped. One that runs is told, and what it then returns or throws is its end; when it
 * has not ended within its grace its thread is stopped and replaced.
 */
import { sharedNowMs } from './clock.js';
import { discard } from './crossing.js';
import { longTimer } from './long-timer.js';
import { packAnyway } from './pack-anyway.js';
import { DEFAULT_GRACE_MS } from './pool-options.js';
import type { PoolTask, TaskKind } from './pool-task.js';
import { listen, unlisten } from './shared-signal.js';
import { TaskError } from './task-error.js';

/** Optional field of a task, in place of its `signal`: what stops it, and costs less than an AbortSignal. */
export const STOPS: unique symbol = Symbol.for('netloom.stops');

/** Has one listener: the pool that the task was given to. */
export interface StopSource {
  readonly aborted: boolean;
  readonly reason: unknown;
  onstop: (() => void) | undefined;
}

/** What a watch asks of its pool. */
export interface Stopper {
  /** Takes the task back from wherever it waits; false when it has begun. */
  recall(task: PoolTask): boolean;
  /** Ends a task that never began. */
  drop(task: PoolTask, reason: unknown): void;
  /** The pool's own grace; undefined: by class. */
  readonly graceMs: number | undefined;
}

/** The watch over a task, by its terms and its own signal; undefined when nothing may stop it. */
export function watchFor(
  task: PoolTask,
  stopper: Stopper,
  own: AbortSignal | undefined,
  source: StopSource | undefined,
): TaskWatch | undefined {
  const { terms } = task;
  const signals = [own, terms?.signal].filter((signal) => signal !== undefined);
  const isTimed = terms?.timeoutMs !== undefined || terms?.deadlineMs !== undefined;
  if (signals.length === 0 && !isTimed && source === undefined) return undefined;
  return new TaskWatch(task, stopper, signals, source);
}

/** Watches over one task. */
export class TaskWatch {
  /** Why it was told to stop, once it was. */
  told: { readonly reason: unknown } | undefined;
  #task: PoolTask;
  #stopper: Stopper;
  #signals: AbortSignal[];
  #source: StopSource | undefined;
  #timeoutMs: number | undefined;
  #timeout: NodeJS.Timeout | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #grace: NodeJS.Timeout | undefined;
  #aborted = () => {
    const aborted = this.#abortedOne();
    if (aborted !== undefined) this.#stop(aborted.reason);
  };

  constructor(
    task: PoolTask,
    stopper: Stopper,
    signals: AbortSignal[],
    source: StopSource | undefined,
  ) {
    this.#task = task;
    this.#stopper = stopper;
    this.#signals = signals;
    this.#source = source;
    this.#timeoutMs = task.terms?.timeoutMs;
  }

  /** Begins to watch; may drop the task at once. */
  begin(): void {
    const aborted = this.#abortedOne();
    if (aborted !== undefined) {
      this.#stopper.drop(this.#task, aborted.reason);
      return;
    }
    for (const signal of this.#signals) listen(signal, this.#aborted);
    if (this.#source !== undefined) this.#source.onstop = this.#aborted;
    const deadlineMs = this.#task.terms?.deadlineMs;
    if (deadlineMs !== undefined) {
      this.#deadline = longTimer(deadlineMs, () => this.#late(deadlineMs));
    }
  }

  /** A thread has been given the task, or this one runs it: its time may run from now on. */
  posted(): void {
    if (this.#timeoutMs === undefined) return;
    clearTimeout(this.#timeout);
    this.#askIn(this.#timeoutMs, this.#timeoutMs);
  }

  /** The task has ended. */
  end(): void {
    for (const signal of this.#signals) unlisten(signal, this.#aborted);
    if (this.#source !== undefined) this.#source.onstop = undefined;
    clearTimeout(this.#timeout);
    clearTimeout(this.#deadline);
    clearTimeout(this.#grace);
  }

  #abortedOne(): { readonly reason: unknown } | undefined {
    return this.#source?.aborted ? this.#source : this.#signals.find((signal) => signal.aborted);
  }

  /** When it began only its thread knows, which may be blocked: it is looked up when its time may be over. */
  #askIn(ms: number, timeoutMs: number): void {
    this.#timeout = longTimer(ms, () => {
      const { thread, here, stage } = this.#task;
      if (stage !== 'posted') return;
      const begin = here?.beginMs ?? thread?.beginOf(this.#task) ?? 0;
      const leftMs = begin === 0 ? timeoutMs : begin + timeoutMs - sharedNowMs();
      if (leftMs > 0) this.#askIn(leftMs, timeoutMs);
      else this.#stop(this.#timedOut(`timeoutMs, ${timeoutMs} ms from its start`));
    });
  }

  #late(deadlineMs: number): void {
    const when = `deadlineMs, ${deadlineMs} ms after it was handed over`;
    const { exportName } = this.#task.kind;
    if (this.#stopper.recall(this.#task)) {
      const message = `${exportName} was not run: it had not begun by its ${when}`;
      this.#stopper.drop(this.#task, new TaskError(message, { code: 'ERR_TASK_DEADLINE' }));
    } else this.#stop(this.#timedOut(when));
  }

  #timedOut(limit: string): TaskError {
    return new TaskError(`${this.#task.kind.exportName} was stopped at its ${limit}`, {
      code: 'ERR_TASK_TIMEOUT',
      threadId: this.#task.thread?.threadId,
    });
  }

  #stop(reason: unknown): void {
    const task = this.#task;
    if (this.told !== undefined || task.stage === 'ended') return;
    if (this.#stopper.recall(task)) {
      this.#stopper.drop(task, reason);
      return;
    }
    this.told = { reason };
    const { thread } = task;
    if (thread === undefined) {
      // It runs on this thread, which cannot be replaced.
      task.here?.controller.abort(reason);
      return;
    }
    const packed = packAnyway(reason, 'reason');
    try {
      thread.abort(task, packed);
    } catch (error) {
      discard(packed);
      thread.abort(task, packAnyway(error, 'reason'));
    }
    const graceMs = graceOf(task, this.#stopper.graceMs);
    if (graceMs === Number.POSITIVE_INFINITY) return;
    this.#grace = longTimer(graceMs, () => thread.stop());
  }
}

function graceOf({ terms, kind }: PoolTask, ofPool: number | undefined): number {
  return terms?.graceMs ?? kind.graceMs ?? ofPool ?? defaultGrace(kind);
}

function defaultGrace(kind: TaskKind): number {
  return kind.concurrency === 1 ? DEFAULT_GRACE_MS : Number.POSITIVE_INFINITY;
}
