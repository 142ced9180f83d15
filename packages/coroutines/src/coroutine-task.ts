/**
 * The tutorial's CoroutineTask: the task by which a pool runs a coroutine. A task by shape; no pool is imported.
 *
 * What crosses is its one field, the resumption. `signal` and `onRequest` are the original's, and find the launch
 * beside the resumption, so that there is no channel per launch.
 */
import type { AsyncActionBase } from './async-action.js';
import { runInContext } from './carry-context.js';
import { bgEntry, type Resumption } from './entries.js';
import { findCoroutine } from './find-coroutine.js';
import { launchEnded } from './foreground.js';
import { controlsOf, type StopSource } from './launch.js';
import { type LaunchContext, thread } from './thread-state.js';

/** How an executor is asked to stop a task without an `AbortSignal`, and to tell the copy that it was; its words. */
const STOPS = Symbol.for('netloom.stops');
const ABORTED = Symbol.for('netloom.aborted');

/** Of a copy that runs: what a stop is told to. A symbol, so that it is no field: those cross. */
const STOP = Symbol('stop');

/** Runs a resumption: `setBgEntry((resumption) => pool.addTask(new CoroutineTask(resumption)))`. */
export class CoroutineTask {
  /** Where the pool's thread finds this class. */
  static readonly module: string = import.meta.url;
  static readonly exportName: string = 'CoroutineTask';
  /** Coroutines that wait occupy no thread. */
  static readonly concurrency: number = Number.POSITIVE_INFINITY;

  readonly resumption: Resumption;
  declare [STOP]: ((reason: unknown) => void) | undefined;

  constructor(resumption: Resumption) {
    this.resumption = resumption;
  }

  /** Aborts when the launched coroutine is cancelled. */
  get signal(): AbortSignal | undefined {
    return controlsOf(this.resumption)?.signal;
  }

  /** As `signal`, for a pool that knows this way. @internal */
  get [STOPS](): StopSource | undefined {
    return controlsOf(this.resumption)?.stops;
  }

  /** The same on the copy that runs. @internal */
  [ABORTED](reason: unknown): void {
    this[STOP]?.(reason);
  }

  /** Answers `foreground()` calls of the coroutine over there. */
  onRequest(message: unknown): unknown {
    const controls = controlsOf(this.resumption);
    if (controls === undefined) {
      throw new TypeError(
        'this resumption was not launched on this thread: nobody can answer for it',
      );
    }
    return controls.onRequest(message);
  }

  /** Hears how far the coroutine over there is. */
  onProgress(progress: unknown): void {
    controlsOf(this.resumption)?.onProgress(progress);
  }

  /**
   * Runs the coroutine on this thread, from its beginning to its end.
   *
   * @throws {HopError} ERR_HOP_NOT_FOUND; and whatever the coroutine throws
   */
  async runTask(context: LaunchContext): Promise<unknown> {
    const { module, exportName, args, context: carried } = this.resumption;
    // A thread that sends work away itself is no pool thread: an executor may run this one on the launching thread.
    if (bgEntry() === undefined) thread.isBackground = true;
    // A pool that calls ABORTED needs no signal, which would be made for this one.
    const signal = ABORTED in context ? undefined : context.signal;
    let stopped: { readonly reason: unknown } | undefined;
    let action: AsyncActionBase<unknown> | undefined;
    const stop = (reason: unknown): void => {
      stopped = { reason };
      action?.cancel(reason);
    };
    const onAbort = () => stop(signal?.reason);
    if (signal === undefined) this[STOP] = stop;
    else signal.addEventListener('abort', onAbort, { once: true });
    try {
      const found = findCoroutine(module, exportName);
      const declaration = found instanceof Promise ? await found : found;
      signal?.throwIfAborted();
      if (stopped !== undefined) throw stopped.reason;
      const start = () => declaration.runHere(args, context);
      action = carried === undefined ? start() : runInContext(carried, start);
      return await action;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      launchEnded(context);
    }
  }
}
