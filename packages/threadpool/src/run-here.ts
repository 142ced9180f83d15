/**
 * A task run on the thread that hands it over, as `whenFull: 'runInCaller'` has it: on a copy, as anywhere else.
 *
 * It begins before `addTask` returns: keeping the caller busy is the purpose. No thread can be replaced here: a task
 * that was told to stop and goes on, goes on.
 */
import { threadId } from 'node:worker_threads';
import { ABORTED, type Callee, calleeOf, type Running, type RunningTask } from './callee.js';
import { sharedNowMs } from './clock.js';
import { inScope, originalOf, tellProgress } from './conversation.js';
import { discard, pack, UnpackError, unpack } from './crossing.js';
import { loadExport } from './exports-loader.js';
import type { PoolTask } from './pool-task.js';

/** What a task that runs here is given. */
class ContextHere implements Running {
  readonly threadId = threadId;
  readonly resources = undefined;
  readonly signal: AbortSignal;
  task: RunningTask | undefined;
  #of: PoolTask;

  constructor(of: PoolTask, signal: AbortSignal) {
    this.#of = of;
    this.signal = signal;
  }

  get [ABORTED](): true {
    return true;
  }

  progress(value: unknown): void {
    const { value: copy, repairs } = pack(value, 'value');
    tellProgress(this.#of, copy, repairs);
  }

  async request(message: unknown): Promise<unknown> {
    const { value, repairs } = pack(message, 'message');
    const copy = await unpack(value, repairs);
    const original = originalOf(this.#of);
    if (typeof original.onRequest !== 'function') {
      throw new TypeError(`${this.#of.kind.exportName} has no onRequest to answer the request`);
    }
    const answer = pack(await inScope(this.#of, () => original.onRequest?.(copy)), 'answer');
    return unpack(answer.value, answer.repairs);
  }
}

/** Runs the task to its end, which it tells by one of the two. */
export function runHere(
  task: PoolTask,
  resolve: (value: unknown) => void,
  reject: (error: unknown) => void,
): void {
  const controller = new AbortController();
  task.here = { controller, beginMs: sharedNowMs() };
  task.stage = 'posted';
  task.watch?.posted();
  const context = new ContextHere(task, controller.signal);
  controller.signal.addEventListener('abort', () => {
    context.task?.[ABORTED]?.(controller.signal.reason);
  });
  const fail = (error: unknown) => reject(error instanceof UnpackError ? error.cause : error);
  const settle = (result: unknown) => {
    const copy = pack(result, 'result');
    return unpack(copy.value, copy.repairs);
  };
  try {
    const result = begin(task, context);
    if (isThenable(result)) Promise.resolve(result).then(settle).then(resolve, fail);
    else {
      const copy = settle(result);
      if (copy instanceof Promise) copy.then(resolve, fail);
      else resolve(copy);
    }
  } catch (error) {
    fail(error);
  }
}

function begin(task: PoolTask, context: Running): unknown {
  const call = (callee: Callee, made: unknown) => {
    const wasAborted = context.signal.aborted;
    const result = callee(made, context);
    // There was no copy yet that could have been told.
    if (wasAborted) context.task?.[ABORTED]?.(context.signal.reason);
    return result;
  };
  const start = (callee: Callee) => {
    // Only now: what has come to life here has an owner, or is released.
    const fields = fieldsHere(task);
    return fields instanceof Promise
      ? fields.then((made) => call(callee, made))
      : call(callee, fields);
  };
  const fail = (error: unknown) => {
    discard(task.packed);
    throw error;
  };
  let callee: Callee | Promise<Callee>;
  try {
    callee = calleeHere(task);
  } catch (error) {
    return fail(error);
  }
  return callee instanceof Promise ? callee.then(start, fail) : start(callee);
}

function calleeHere({ kind, original }: PoolTask): Callee | Promise<Callee> {
  if (!kind.isFunction) return calleeOf(kind, original.constructor);
  return loadExport(kind.module, kind.exportName).then((found) => calleeOf(kind, found));
}

/** What would have been posted, as it would have arrived. */
function fieldsHere({ packed }: PoolTask): unknown | Promise<unknown> {
  let { value, repairs } = packed;
  if (packed.transfer !== undefined) {
    // Both at once, as in a message: the repairs point into the value.
    [value, repairs] = structuredClone([value, repairs] as const, {
      transfer: [...packed.transfer],
    });
  }
  return unpack(value, repairs, (left) => {
    discard(packed, left);
    packed.moved?.fill(undefined);
  });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return typeof (value as { then?: unknown }).then === 'function';
}
