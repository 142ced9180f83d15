/** Tasks on a fixed set of threads: the table of contents. */

// The pool

export type { FunctionCall, TerminateReport, ThreadSnapshot } from './pool-report.js';
export { ThreadPool, type ThreadPoolOptions } from './thread-pool.js';

// Tasks

export type { ITask, TaskClass, TaskContext, TaskResult } from './task.js';

// What crosses

export type { Dehydrated, Transferable } from './crossing-wire.js';
export { transfer } from './transfer.js';

// Errors

export { TaskError, type TaskErrorCode, type TaskErrorOptions } from './task-error.js';
