/** Tasks on a fixed set of threads: the table of contents. */

// The pool

export { type GroupOptions, TaskGroup } from './group.js';
export type { MapOptions, ToTask } from './map-tasks.js';
export type { WaitingOrder, WaitingTask } from './ordered-queue.js';
export type { ThreadEndReason } from './places.js';
export type { PoolEvents, TaskEnding, ThreadEnding, ThreadNews } from './pool-events.js';
export type { ThreadPoolOptions, WhenFull } from './pool-options.js';
export type {
  FunctionCall,
  PoolSnapshot,
  RunningSnapshot,
  TerminateReport,
  ThreadReport,
  ThreadSnapshot,
} from './pool-report.js';
export type { RemoteModule } from './remote-module.js';
export type { ThreadInfo, ThreadModule } from './thread-module.js';
export type { RecycleAfter, ThreadOptions } from './thread-options.js';
export type { ThreadOutput } from './thread-output.js';
export { type Submitted, ThreadPool } from './thread-pool.js';

// Tasks

export type { ITask, TaskClass, TaskContext, TaskResult } from './task.js';
export type { TaskTerms } from './task-terms.js';

// What crosses

export { type ContextStorage, carryContext } from './carried-context.js';
export type { CannotCross, Crossing, CrossingTask, MovableIn, TermsFor } from './crossing-types.js';
export type { Dehydrated, Transferable } from './crossing-wire.js';
export { transfer } from './transfer.js';

// Errors

export { TaskError, type TaskErrorCode, type TaskErrorOptions } from './task-error.js';
