/**
 * What one task may be handed over with, beside itself. Types only.
 */
import type { Transferable } from './crossing-wire.js';

/** What `addTask`, `submit` and `run` accept for one task; each part is optional, and costs only tasks that have it. */
export interface TaskTerms {
  /** Stops the task, as its own `signal` does; either is enough. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How long it may run, from the moment it is called on its thread; above 0. When the time is over `context.signal`
   * aborts with a `TaskError` ERR_TASK_TIMEOUT; a task that does not end within its grace is stopped with its thread.
   */
  readonly timeoutMs?: number;
  /**
   * When it has to be over, from now; above 0. One that has not begun by then is not run (ERR_TASK_DEADLINE); one that
   * runs is stopped as after `timeoutMs`.
   */
  readonly deadlineMs?: number;
  /**
   * How long it may go on after it was told to stop, before its thread is replaced; from 0, `Infinity`: for ever.
   * Default: the class's `static graceMs`, else the pool's, else none where a thread runs several of its kind.
   */
  readonly graceMs?: number;
  /** Of tasks of one class that wait, the highest begins first; any number, default 0. See the pool's `agingMs`. */
  readonly priority?: number;
  /** Tasks of one class that wait take turns by this name; default: the one queue of those without. */
  readonly queue?: string;
  /** Moves with the task instead of being copied, as `transfer(task, list)` says. */
  readonly transfer?: readonly Transferable[];
  /** Gets what the task tells with `context.progress(value)`, instead of its own `onProgress`. */
  readonly onProgress?: (value: unknown) => void;
}
