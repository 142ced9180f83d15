/**
 * The one error type of this package: what the pool itself says about a task. What a task throws is the task's own.
 */

/**
 * Why the pool rejected a task.
 *
 * - `ERR_TASK_NOT_RUN`: it never began (pool closed or terminated, no thread could be started); run it elsewhere
 * - `ERR_TASK_QUEUE_FULL`: it never began: `maxQueue` tasks waited, and `whenFull` is `reject`, or `dropOldest` and it
 *   was the oldest
 * - `ERR_TASK_DEADLINE`: it never began: its `deadlineMs` had passed before a thread could
 * - `ERR_TASK_TIMEOUT`: it was stopped at its `timeoutMs` or `deadlineMs` while it ran; how far it came is unknown
 * - `ERR_TASK_THREAD_LOST`: its thread ended while it ran; whether its effects happened is unknown
 * - `ERR_TASK_MODULE`: its module or export could not be loaded on the thread, or three threads ended while they
 *   imported it; it never began
 * - `ERR_TASK_ENTRY_MODULE`: it is declared in the program's entry module; it never began
 */
export type TaskErrorCode =
  | 'ERR_TASK_NOT_RUN'
  | 'ERR_TASK_QUEUE_FULL'
  | 'ERR_TASK_DEADLINE'
  | 'ERR_TASK_TIMEOUT'
  | 'ERR_TASK_THREAD_LOST'
  | 'ERR_TASK_MODULE'
  | 'ERR_TASK_ENTRY_MODULE';

/** What {@link TaskError} is made from, beside its message. */
export interface TaskErrorOptions {
  readonly code: TaskErrorCode;
  readonly cause?: unknown;
  readonly exitCode?: number | undefined;
  readonly threadId?: number | undefined;
}

/** What the pool says about a task that it could not bring to its own end. */
export class TaskError extends Error {
  /** Where a thread finds this class when such an error crosses. */
  static readonly module: string = import.meta.url;
  static readonly exportName: string = 'TaskError';

  /** Branch on this. */
  readonly code: TaskErrorCode;
  /** The exit code of the thread that was lost; of the last one, if there were several. */
  readonly exitCode: number | undefined;
  /** Node's id of the thread that was lost. */
  readonly threadId: number | undefined;

  constructor(message: string, options: TaskErrorOptions) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = options.code;
    this.exitCode = options.exitCode;
    this.threadId = options.threadId;
  }

  override get name(): string {
    return 'TaskError';
  }
}
