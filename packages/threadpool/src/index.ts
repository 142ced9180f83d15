/** Tasks on a fixed set of threads: the table of contents. */

// What crosses
export { transfer } from './crossing.js';
export type { Dehydrated, Transferable } from './crossing-wire.js';

// Tasks
export type { ITask, TaskClass, TaskContext, TaskResult } from './task.js';
export type { TaskErrorCode, TaskErrorOptions } from './task-error.js';
// Errors
export { TaskError } from './task-error.js';
export type {
  FunctionCall,
  TerminateReport,
  ThreadPoolOptions,
  ThreadSnapshot,
} from './thread-pool.js';
// The pool
export { ThreadPool } from './thread-pool.js';
