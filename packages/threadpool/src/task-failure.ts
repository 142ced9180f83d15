/**
 * The errors that a pool rejects with, each with the stack of the call that handed the task over.
 */
import { addStack } from './crossing-error.js';
import type { PoolTask } from './pool-task.js';
import { TaskError, type TaskErrorCode, type TaskErrorOptions } from './task-error.js';
import type { PoolThread, ThreadEnd } from './worker.js';

/** It never began, and why. */
export function notRun(
  task: PoolTask,
  why: string,
  cause?: unknown,
  code: TaskErrorCode = 'ERR_TASK_NOT_RUN',
): TaskError {
  return failure(task, `was not run: ${why}`, { code, cause });
}

/** Its thread ended while it ran. */
export function threadLost(
  task: PoolTask,
  thread: PoolThread,
  end: ThreadEnd,
  why: string,
): TaskError {
  return failure(task, `was interrupted: ${why}`, {
    code: 'ERR_TASK_THREAD_LOST',
    cause: end.cause,
    exitCode: end.exitCode,
    threadId: thread.threadId,
  });
}

/** Thread after thread ended while it imported the task's modules. */
export function unloadable(task: PoolTask, thread: PoolThread, end: ThreadEnd): TaskError {
  const why = `${task.lostThreads} threads ended while they imported its modules, the last with exit code ${end.exitCode}`;
  return failure(task, `was not run: ${why}`, {
    code: 'ERR_TASK_MODULE',
    cause: end.cause,
    exitCode: end.exitCode,
    threadId: thread.threadId,
  });
}

function failure(task: PoolTask, what: string, options: TaskErrorOptions): TaskError {
  const error = new TaskError(`${task.kind.exportName} ${what}`, options);
  addStack(error, task.handedOver);
  return error;
}
