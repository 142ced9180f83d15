/**
 * How many tasks a thread is sent beyond those that it may run, so that it does not idle for a round trip between them.
 */
import type { PoolTask, TaskKind } from './pool-task.js';

/** How much work, by measured time, a thread may have ahead of what it runs. */
const AHEAD_MS = 0.2;
/** And how many tasks at most. */
const AHEAD_TASKS = 31;

/** How many such tasks a thread may be sent beyond those it may run. */
export function aheadOf({ kind, packed }: PoolTask): number {
  // What was moved cannot be taken back, so it is sent only to whoever begins it at once.
  return packed.transfer === undefined ? aheadOfKind(kind) : 0;
}

/** The same for tasks of this kind that move nothing. */
export function aheadOfKind(kind: TaskKind): number {
  if (kind.averageMs === undefined) return 0;
  if (kind.concurrency === Number.POSITIVE_INFINITY) return 0;
  return Math.min(AHEAD_TASKS, Math.floor(AHEAD_MS / Math.max(kind.averageMs, 0.001)));
}
