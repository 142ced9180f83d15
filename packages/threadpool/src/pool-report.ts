/**
 * What a pool says about itself and about what it cut off: a moment's picture, and how it is taken.
 */
import { sharedNowMs } from './clock.js';
import type { ITask } from './task.js';
import type { PoolThread } from './worker.js';

/** One thread, as it is at this moment. */
export interface ThreadSnapshot {
  /** Its place in the pool, from 0; a thread that replaces another has the same. */
  readonly index: number;
  /** Node's id, as `threadId` is there; -1 while there is no thread at this place. */
  readonly threadId: number;
  /** As the option `name` has it; empty while there is no thread. */
  readonly name: string;
  /** Whether it is set up; what it is given before that waits for it. */
  readonly isReady: boolean;
  /** Tasks handed to it that have not settled. */
  readonly unfinished: number;
  /** Tasks that have settled on it. */
  readonly completed: number;
}

/** A task that runs. */
export interface RunningSnapshot {
  /** The name of its class's export, or of the function. */
  readonly name: string;
  /** The module that exports it. */
  readonly module: string;
  /** How long ago it was called on its thread. */
  readonly forMs: number;
  /** Whether it was told to stop: its signal aborted, or its time is over. */
  readonly isStopping: boolean;
}

/** One thread, with what it does. */
export interface ThreadReport extends ThreadSnapshot {
  /** The part of the time since it started, from 0 to 1, in which its event loop was busy. */
  readonly utilization: number;
  /** What it has begun and not finished, longest first. */
  readonly running: readonly RunningSnapshot[];
}

/** A pool, as it is at this moment. */
export interface PoolSnapshot {
  readonly threads: readonly ThreadReport[];
  /** Tasks handed over that have not settled, wherever they are. */
  readonly unfinished: number;
  /** Tasks among them that no thread has been given. */
  readonly queued: number;
  /** Tasks that wait to be let into a full queue; beside `queued`. */
  readonly heldBack: number;
}

/** A call that was given to `run`. */
export interface FunctionCall {
  readonly module: string;
  readonly exportName: string;
  readonly args: readonly unknown[];
}

/** What `terminate` cut off. */
export interface TerminateReport {
  /** Handed over and never begun: tasks, and calls given to `run`. */
  readonly notRun: readonly (ITask<unknown> | FunctionCall)[];
  /** Begun and not finished; how far each came is unknown. */
  readonly interrupted: readonly (ITask<unknown> | FunctionCall)[];
}

/** A thread at this moment; undefined: there is none at this place. */
export function threadSnapshot(index: number, thread: PoolThread | undefined): ThreadSnapshot {
  return {
    index,
    threadId: thread?.threadId ?? -1,
    name: thread?.name ?? '',
    isReady: thread?.isReady ?? false,
    unfinished: thread?.unfinished ?? 0,
    completed: thread?.completed ?? 0,
  };
}

/** The same, with what it does. */
export function threadReport(index: number, thread: PoolThread | undefined): ThreadReport {
  const now = sharedNowMs();
  const running = (thread?.running() ?? []).map((task) => {
    const begin = thread?.beginOf(task) ?? 0;
    const { exportName, module } = task.kind;
    // It is claimed a moment before it is called.
    const forMs = begin === 0 ? 0 : Math.max(0, now - begin);
    return { name: exportName, module, forMs, isStopping: task.watch?.told !== undefined };
  });
  running.sort((a, b) => b.forMs - a.forMs);
  return {
    ...threadSnapshot(index, thread),
    utilization: thread?.utilization ?? 0,
    running,
  };
}
