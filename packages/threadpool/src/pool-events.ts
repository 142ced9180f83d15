/**
 * What a pool tells while it runs.
 */
import { sharedNowMs, toSharedMs } from './clock.js';
import type { ThreadEndReason } from './places.js';
import type { PoolTask } from './pool-task.js';
import type { PoolThread } from './worker.js';

/** Which thread an event is about. */
export interface ThreadNews {
  readonly index: number;
  readonly threadId: number;
  readonly name: string;
}

/** How a thread ended. */
export interface ThreadEnding extends ThreadNews {
  /**
   * `closed`: with its pool; `idle`: it had nothing to do for long enough; `recycled`: as `recycleAfter` has it;
   * `stopped`: under a task that did not stop within its grace; `lost`: by itself.
   */
  readonly why: ThreadEndReason;
  readonly exitCode: number;
  /** What it died of, when it said so. */
  readonly cause: unknown;
}

/** How a task ended. */
export interface TaskEnding {
  /** The name of its class's export, or of the function. */
  readonly name: string;
  readonly module: string;
  /** `notRun`: it never began; `interrupted`: its thread ended while it ran. */
  readonly outcome: 'returned' | 'threw' | 'notRun' | 'interrupted';
  /** From handing over until it was called; undefined: it was not, or nobody listened when it was handed over. */
  readonly waitMs: number | undefined;
  /** How long it ran; undefined: it did not, or not to its end. */
  readonly runMs: number | undefined;
  /** Node's id of its thread; undefined: it had none. */
  readonly threadId: number | undefined;
}

/** The events of a pool, with what their listeners get. What a listener throws becomes an uncaught exception. */
export interface PoolEvents {
  /** A thread was started; those that are there from the beginning were started before anybody could listen. */
  'thread-start': [thread: ThreadNews];
  /** It is set up, and begins what it was given. */
  'thread-ready': [thread: ThreadNews];
  'thread-end': [thread: ThreadEnding];
  /** A task has ended. Its times are measured only while somebody listens. */
  'task-end': [task: TaskEnding];
  /** As many tasks wait as `maxQueue` lets. */
  full: [];
  /** After `full`: one may come that waits. */
  room: [];
  /** All that was handed over has settled. */
  idle: [];
}

/** What is told of a thread. */
export function newsOf({ index, threadId, name }: PoolThread): ThreadNews {
  return { index, threadId, name };
}

/** What is told of a task's times, when it ends. */
export function timesOf(
  task: PoolTask,
  outcome: TaskEnding['outcome'],
  thread: PoolThread | undefined,
): Pick<TaskEnding, 'waitMs' | 'runMs' | 'threadId'> {
  const threadId = thread?.threadId;
  const begin = task.here?.beginMs ?? thread?.beginOf(task) ?? 0;
  const hasBegun = begin > 0 && outcome !== 'notRun';
  const isTimed = hasBegun && task.enteredMs > 0;
  const waitMs = isTimed ? Math.max(0, begin - toSharedMs(task.enteredMs)) : undefined;
  const hasRun = hasBegun && outcome !== 'interrupted';
  const here = task.here === undefined ? undefined : sharedNowMs() - begin;
  return { waitMs, runMs: hasRun ? (here ?? thread?.timeOf(task)) : undefined, threadId };
}
