/**
 * The tutorial's CoroutineTask: the task by which a pool runs a coroutine. A task by shape; no pool is imported.
 *
 * What crosses is its one field, the resumption. `signal` and `onRequest` are the original's, and find the launch
 * beside the resumption, so that there is no channel per launch.
 */
import { runInContext } from './carry-context.js';
import { bgEntry, type Resumption } from './entries.js';
import { findCoroutine } from './find-coroutine.js';
import { launchEnded } from './foreground.js';
import { controlsOf } from './launch.js';
import { type LaunchContext, thread } from './thread-state.js';

/** Runs a resumption: `setBgEntry((resumption) => pool.addTask(new CoroutineTask(resumption)))`. */
export class CoroutineTask {
  /** Where the pool's thread finds this class. */
  static readonly module: string = import.meta.url;
  static readonly exportName: string = 'CoroutineTask';
  /** Coroutines that wait occupy no thread. */
  static readonly concurrency: number = Number.POSITIVE_INFINITY;

  readonly resumption: Resumption;

  constructor(resumption: Resumption) {
    this.resumption = resumption;
  }

  /** Aborts when the launched coroutine is cancelled. */
  get signal(): AbortSignal | undefined {
    return controlsOf(this.resumption)?.signal;
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
    const { signal } = context;
    const found = findCoroutine(module, exportName);
    const declaration = found instanceof Promise ? await found : found;
    signal.throwIfAborted();
    let start = () => declaration.runHere(args, context);
    if (carried !== undefined) {
      const inner = start;
      start = () => runInContext(carried, inner);
    }
    const action = start();
    const stop = () => action.cancel(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await action;
    } finally {
      signal.removeEventListener('abort', stop);
      launchEnded(context);
    }
  }
}
