/**
 * What running tasks say to their originals: requests, which are answered, and progress, which is not.
 *
 * The program's methods run in the async context in which the task was handed over.
 */
import { discard, discardArrived, type Packed, pack, UnpackError, unpack } from './crossing.js';
import type { Repairs } from './crossing-wire.js';
import { packAnyway } from './pack-anyway.js';
import type { PoolTask } from './pool-task.js';
import type { ITask } from './task.js';
import type { PoolThread } from './worker.js';

/** Brings what a task asks to its original, and the answer back. */
export async function answerRequest(
  thread: PoolThread,
  task: PoolTask,
  request: number,
  value: unknown,
  repairs: Repairs | undefined,
): Promise<void> {
  let answer: unknown;
  let isError = false;
  try {
    const message = await unpack(value, repairs);
    const original = originalOf(task);
    if (typeof original.onRequest !== 'function') {
      throw new TypeError(`${task.kind.exportName} has no onRequest to answer the request`);
    }
    answer = await inScope(task, () => original.onRequest?.(message));
  } catch (error) {
    isError = true;
    answer = error instanceof UnpackError ? error.cause : error;
  }
  if (thread.isGone) return;
  let packed: Packed | undefined;
  try {
    packed = pack(answer, 'answer');
    thread.answer(request, isError, packed);
  } catch (error) {
    if (packed !== undefined) discard(packed);
    thread.answer(request, true, packAnyway(error, 'answer'));
  }
}

/**
 * Brings what a task tells to its original: at once, unless classes have to be imported first.
 *
 * What a listener throws has no task to reject: it becomes an uncaught exception.
 */
export function tellProgress(task: PoolTask, value: unknown, repairs: Repairs | undefined): void {
  const original = originalOf(task);
  const listener = task.terms?.onProgress;
  if (listener === undefined && typeof original.onProgress !== 'function') {
    void discardArrived(repairs);
    return;
  }
  const tell = (made: unknown) => {
    if (listener !== undefined) inScope(task, () => listener(made));
    else inScope(task, () => original.onProgress?.(made));
  };
  const fail = (error: unknown) => {
    queueMicrotask(() => {
      throw error instanceof UnpackError ? error.cause : error;
    });
  };
  try {
    const made = unpack(value, repairs);
    const before = task.telling;
    if (before === undefined && !(made instanceof Promise)) tell(made);
    else {
      // In a box, so that nobody waits for what only looks like a promise.
      const boxed = made instanceof Promise ? made.then((value) => ({ value })) : { value: made };
      // What was told before it comes first.
      const both = Promise.all([boxed, before]);
      task.telling = both.then(([{ value: ready }]) => tell(ready)).catch(fail);
    }
  } catch (error) {
    fail(error);
  }
}

/** Calls back when all that the task told has arrived: at once for nearly all. */
export function afterTelling(task: PoolTask, callback: () => void): void {
  if (task.telling === undefined) callback();
  else void task.telling.then(callback);
}

/** Calls one of the program's methods where the task was handed over. */
export function inScope<R>(task: PoolTask, callback: () => R): R {
  return task.scope === undefined ? callback() : task.scope.runInAsyncScope(callback);
}

/** The task, as its optional methods are looked for. */
export function originalOf(task: PoolTask): Partial<ITask<unknown>> {
  // SAFETY: a task, or a call given to run, which has no such methods.
  return task.original as Partial<ITask<unknown>>;
}
