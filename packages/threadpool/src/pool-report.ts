/**
 * What a pool says about itself and about what it cut off. Types only.
 */
import type { ITask } from './task.js';

/** One thread, as it is at this moment. */
export interface ThreadSnapshot {
  /** Its place in the pool, from 0; a thread that replaces another has the same. */
  readonly index: number;
  /** Node's id, as `threadId` is there; -1 while a thread that was lost is being replaced. */
  readonly threadId: number;
  /** Tasks handed to it that have not settled. */
  readonly unfinished: number;
  /** Tasks that have settled on it. */
  readonly completed: number;
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
