/**
 * What one task may be handed over with, beside itself; checked before anything of the task is touched.
 */
import type { Transferable } from './crossing-wire.js';
import { requireMs } from './pool-options.js';
import { requireFunction } from './require-function.js';

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

/**
 * Checks what a task comes with.
 *
 * @param own - the task's own signal
 * @throws {TypeError | RangeError} names the term, what it must be, and what it is
 */
export function checkTerms(terms: TaskTerms | undefined, own: unknown): void {
  if (own !== undefined) requireSignal('task.signal', own);
  if (terms === undefined) return;
  if (typeof terms !== 'object' || terms === null) {
    throw new TypeError(`the terms of a task must be an object: got ${String(terms)}`);
  }
  const { signal, timeoutMs, deadlineMs, graceMs, priority, queue, onProgress } = terms;
  if (signal !== undefined) requireSignal('signal', signal);
  if (timeoutMs !== undefined) requireMs('timeoutMs', timeoutMs, false);
  if (deadlineMs !== undefined) requireMs('deadlineMs', deadlineMs, false);
  if (graceMs !== undefined) requireMs('graceMs', graceMs, true);
  if (priority !== undefined && (typeof priority !== 'number' || Number.isNaN(priority))) {
    throw new TypeError(`priority must be a number: got ${String(priority)}`);
  }
  if (queue !== undefined && typeof queue !== 'string') {
    throw new TypeError(`queue must be a string: got ${String(queue)}`);
  }
  if (onProgress !== undefined) requireFunction('onProgress', onProgress);
}

function requireSignal(name: string, signal: unknown): void {
  if (signal instanceof AbortSignal) return;
  throw new TypeError(`${name} must be an AbortSignal: got ${String(signal)}`);
}
