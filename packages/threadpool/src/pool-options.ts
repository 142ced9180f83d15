/**
 * What a pool may be told, and the defaults: every option is checked here, once, when the pool is made.
 */
import type { WaitingOrder, WaitingTask } from './ordered-queue.js';
import type { ThreadSnapshot } from './pool-report.js';
import { requireFunction } from './require-function.js';
import { checkThreadOptions, type ThreadOptions } from './thread-options.js';

/**
 * What becomes of a task that is handed over while `maxQueue` tasks wait.
 *
 * - `wait`: it waits as well, outside of the queue; `submit` tells when it is let in
 * - `reject`: it rejects with ERR_TASK_QUEUE_FULL
 * - `dropOldest`: the task that has waited longest rejects with ERR_TASK_QUEUE_FULL, and this one takes its place
 * - `runInCaller`: it runs on the thread that hands it over, before `addTask` returns; a function given to `run` as
 *   soon as its module is imported there
 */
export type WhenFull = 'wait' | 'reject' | 'dropOldest' | 'runInCaller';

/** What a pool may be told beside its number of threads. */
export interface ThreadPoolOptions extends ThreadOptions {
  /** So many threads start at once and stay; from 0 to the number of threads. Default: all of them. */
  readonly minThreads?: number;
  /** After so long without a task a thread above `minThreads` ends; `Infinity`: never. Default: 10 000. */
  readonly idleTimeoutMs?: number;
  /** So many tasks may wait here for a thread; an integer from 0. Default: `Infinity`. */
  readonly maxQueue?: number;
  /** What becomes of a task when the queue is full. Default: `wait`. */
  readonly whenFull?: WhenFull;
  /** A waiting task gains one level of priority in so long; above 0, `Infinity`: never. Default: 1000. */
  readonly agingMs?: number;
  /**
   * How long a running task that was told to stop may go on before its thread is replaced, and how long a thread may
   * take to end in order; from 0, `Infinity`: for ever. Default: 1000, but for tasks of which a thread runs several at a
   * time none, because their neighbours would go down with them.
   */
  readonly graceMs?: number;
  /** Makes the queue of each class of tasks; default: first in, first out, by priority and `queue` where given. */
  readonly order?: () => WaitingOrder;
  /**
   * Chooses a thread for a task: the `index` of one of `threads`, which all may take it, or undefined to let it wait,
   * as an index does that is not among them. It is asked again whenever a task has ended. When no task runs at all it
   * goes to the first all the same. Default: the one with the fewest unfinished tasks.
   */
  readonly placement?: (
    task: WaitingTask,
    threads: readonly ThreadSnapshot[],
  ) => number | undefined;
}

/** The same with what was left out. */
export interface PoolSettings {
  readonly maxThreads: number;
  readonly minThreads: number;
  readonly idleTimeoutMs: number;
  readonly maxQueue: number;
  readonly whenFull: WhenFull;
  readonly agingMs: number;
  /** Undefined: by class. */
  readonly graceMs: number | undefined;
  readonly order: ThreadPoolOptions['order'];
  readonly placement: ThreadPoolOptions['placement'];
  readonly thread: ThreadOptions;
}

/** The grace where nothing else is said. */
export const DEFAULT_GRACE_MS = 1000;

const POLICIES: readonly unknown[] = ['wait', 'reject', 'dropOldest', 'runInCaller'];

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {TypeError | RangeError} names the option, what it must be, and what it is
 */
export function poolSettings(threads: number, options: ThreadPoolOptions): PoolSettings {
  requireInteger('threads', threads, 1);
  const { minThreads = threads, maxQueue = Number.POSITIVE_INFINITY } = options;
  const { idleTimeoutMs = 10_000, agingMs = 1000, whenFull = 'wait' } = options;
  requireInteger('minThreads', minThreads, 0);
  if (minThreads > threads) {
    throw new RangeError(`minThreads must be at most threads, ${threads}: got ${minThreads}`);
  }
  if (maxQueue !== Number.POSITIVE_INFINITY) requireInteger('maxQueue', maxQueue, 0);
  requireMs('idleTimeoutMs', idleTimeoutMs, true);
  requireMs('agingMs', agingMs, false);
  if (options.graceMs !== undefined) requireMs('graceMs', options.graceMs, true);
  if (options.order !== undefined) requireFunction('order', options.order);
  if (options.placement !== undefined) requireFunction('placement', options.placement);
  if (!POLICIES.includes(whenFull)) {
    throw new TypeError(`whenFull must be one of ${POLICIES.join(', ')}: got ${String(whenFull)}`);
  }
  return {
    maxThreads: threads,
    minThreads,
    idleTimeoutMs,
    maxQueue,
    whenFull,
    agingMs,
    graceMs: options.graceMs,
    order: options.order,
    placement: options.placement,
    thread: checkThreadOptions(options),
  };
}

/** @throws {RangeError} it is no number of milliseconds; `Infinity` is one */
export function requireMs(name: string, ms: unknown, mayBeZero: boolean): void {
  if (typeof ms === 'number' && (ms > 0 || (mayBeZero && ms === 0))) return;
  const least = mayBeZero ? 'from 0' : 'above 0';
  throw new RangeError(`${name} must be a number of milliseconds ${least}: got ${String(ms)}`);
}

function requireInteger(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new RangeError(`${name} must be an integer from ${least}: got ${String(value)}`);
}
