/**
 * A task on the pool's side: what is known of one between `addTask` and the end of its promise.
 */
import type { AsyncResource } from 'node:async_hooks';
import type { Packed } from './crossing.js';
import type { HandOver } from './hand-over.js';
import type { WaitingOrder, WaitingTask } from './ordered-queue.js';
import type { TaskTerms } from './task-terms.js';
import type { TaskWatch } from './task-watch.js';
import type { PoolThread } from './worker.js';

/** A class of tasks, or a function: what tasks that queue together share. */
export interface TaskKind {
  readonly number: number;
  readonly module: string;
  readonly exportName: string;
  /** How many one thread may run at a time. */
  readonly concurrency: number;
  /** Told to stop, how long one may go on; undefined: the class does not say. */
  readonly graceMs: number | undefined;
  readonly isFunction: boolean;
  /** Its tasks travel with what the carried storages hold. */
  readonly carries: boolean;
  /** Those that no thread may take yet; ended ones among them are skipped. Another when the first priority comes. */
  waiting: WaitingOrder<PoolTask>;
  /** Whether {@link waiting} orders by more than age. */
  isOrdered: boolean;
  /** Whether the program has made {@link waiting}. */
  readonly isOwnOrder: boolean;
  /** How many in {@link waiting} have ended meanwhile. */
  endedWaiting: number;
  /** Running time so far, later tasks weighing more; undefined before the first has ended. */
  averageMs: number | undefined;
}

/** Where it is: in its kind's queue or before it, handed to a thread, or settled. */
export type TaskStage = 'waiting' | 'posted' | 'ended';

/** A task from `addTask` to its end. */
export class PoolTask implements WaitingTask {
  readonly kind: TaskKind;
  /** What the program handed over: a task, or what it gave to `run`. */
  readonly original: object;
  readonly packed: Packed;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
  /** Carries the stack of the call. */
  readonly handedOver: HandOver;
  /** What it was handed over with; undefined for most. */
  terms: TaskTerms | undefined;
  /** The async context in which its original's methods are called; undefined when it has none. */
  scope: AsyncResource | undefined;
  /** What may stop it; undefined for most. */
  watch: TaskWatch | undefined;
  /** It runs on this thread; undefined for nearly all. */
  here: { readonly controller: AbortController; readonly beginMs: number } | undefined;
  /** Told when the task is in the queue or with a thread; undefined where nobody asks. */
  onAdmitted: (() => void) | undefined;
  /** What it told that still waits for classes to be imported: its end comes after that. Undefined for nearly all. */
  telling: Promise<void> | undefined;
  /** When it came, by `performance.now()`; 0 where nobody asks. */
  enteredMs = 0;
  stage: TaskStage = 'waiting';
  /** Whether it stands in its kind's queue, where it stays when it ends. */
  isQueued = false;
  /** With the thread: its slot there and the id that the slot's word carries. */
  thread: PoolThread | undefined;
  slot = 0;
  id = 0;
  /** Threads that ended while they imported its modules, and not by another task. */
  lostThreads = 0;

  constructor(
    kind: TaskKind,
    original: object,
    packed: Packed,
    handedOver: HandOver,
    resolve: (value: unknown) => void,
    reject: (reason: unknown) => void,
  ) {
    this.kind = kind;
    this.original = original;
    this.packed = packed;
    this.resolve = resolve;
    this.reject = reject;
    this.handedOver = handedOver;
  }

  get name(): string {
    return this.kind.exportName;
  }

  get priority(): number {
    return this.terms?.priority ?? 0;
  }

  get queue(): string {
    return this.terms?.queue ?? '';
  }
}
