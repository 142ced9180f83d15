/**
 * What runs on a thread of the pool: a connection around the socket that crossed, then the handler. With the two files
 * beside it this is all of the server that such a thread loads.
 */
import { threadId } from 'node:worker_threads';
import { CoroutineTask, coroutine, fromPromise } from '@netloom/coroutines';
import { ForegroundCalls } from '@netloom/coroutines/launched';
import type { ITask, TaskContext } from '@netloom/threadpool';
import { GetCurrentThreadId, type Socket } from '@netloom/winsock-native';
import type { ConnectionDefaults, NamedHandler } from '../handler.js';
import { loadedHandler, loadHandler } from './load-handler.js';
import { openConnection, Serving } from './serve-connection.js';

/**
 * How a handler ended over there. An error travels as a value, so that the thread's id comes with it; a handler without
 * a result gives the id alone, because a number crosses without a message.
 */
export type Served =
  | number
  | { readonly threadId: number; readonly result: unknown }
  | { readonly threadId: number; readonly error: unknown };

/** One connection, as a task: many at a time on each thread. */
export class ConnectionTask implements ITask<Served> {
  static readonly module: string = import.meta.url;
  static readonly exportName = 'ConnectionTask';
  static readonly concurrency: number = Number.POSITIVE_INFINITY;

  /** Crosses as its handle; from then on the thread owns it. */
  readonly socket: Socket;
  /** Two strings and not their object: they cross without being walked. */
  readonly handlerModule: string;
  readonly handlerExport: string;
  readonly options: ConnectionDefaults | undefined;
  /** Stays on the accepting thread. */
  readonly signal: AbortSignal;
  /** Of the copy that runs; only declared, so that the original has nothing more to carry over. */
  declare serving: Serving | undefined;
  /** Of the original: what the handler over there calls back. Made when it is first needed; most never do. */
  #calls: ForegroundCalls | undefined;
  #hasEnded = false;

  constructor(
    socket: Socket,
    handler: NamedHandler,
    options: ConnectionDefaults | undefined,
    signal: AbortSignal,
  ) {
    this.socket = socket;
    this.handlerModule = handler.module;
    this.handlerExport = handler.exportName;
    this.options = options;
    this.signal = signal;
  }

  runTask(context: TaskContext): Promise<Served> {
    const connection = openConnection(this.socket, this.options);
    return new Promise((resolve) => {
      const serving = new Serving(connection, {
        handlerReturned: (result) =>
          resolve(result === undefined ? threadId : { threadId, result }),
        handlerFailed: (error) => resolve({ threadId, error }),
      });
      this.serving = serving;
      const named = { module: this.handlerModule, exportName: this.handlerExport };
      const handler = loadedHandler(named);
      if (handler !== undefined) serving.start(handler, context);
      else void warmUpAndStart(named, serving, context);
    });
  }

  /** Answers `foreground()` calls of the handler, on the accepting thread. */
  onRequest(message: unknown): Promise<unknown> {
    this.#calls ??= new ForegroundCalls();
    if (this.#hasEnded) this.#calls.close();
    return this.#calls.answer(message);
  }

  /** The handler has ended, or its thread is gone: nobody waits for what still runs for it here. */
  end(): void {
    this.#hasEnded = true;
    this.#calls?.close();
  }

  /** Called over there when `signal` aborts here. Asking the context for a signal would cost as much as an exchange. */
  [Symbol.for('netloom.aborted')](reason: unknown): void {
    this.serving?.cancel(reason);
  }
}

/** Loads the handler before the first connection needs it, and says on which thread. */
export class WarmUpTask implements ITask<ThreadIds> {
  static readonly module: string = import.meta.url;
  static readonly exportName = 'WarmUpTask';

  readonly handler: NamedHandler;

  constructor(handler: NamedHandler) {
    this.handler = handler;
  }

  async runTask(context: TaskContext): Promise<ThreadIds> {
    await warmUp(this.handler, context);
    return { threadId, kernelThreadId: GetCurrentThreadId() };
  }
}

/** The ids of a thread. */
export interface ThreadIds {
  readonly threadId: number;
  readonly kernelThreadId: number;
}

/**
 * What makes a thread ready; run by {@link warmUp}. A generator: the first async body would bring async hooks to the thread,
 * which slow down its promises for good. @internal
 */
export const load = coroutine(import.meta.url, 'load', function* (handler: NamedHandler) {
  yield* fromPromise(loadHandler(handler));
});

/**
 * Runs {@link load} as a pool would run any coroutine that was sent to it: from then on this thread counts as a background
 * one, where a handler's `resumeBackground()` has nothing to do.
 */
async function warmUp(handler: NamedHandler, context: TaskContext): Promise<void> {
  const resumption = {
    module: import.meta.url,
    exportName: 'load',
    args: [handler],
    context: undefined,
  };
  await new CoroutineTask(resumption).runTask(context);
}

/** For a thread that has taken the place of a lost one, which nobody has warmed up. */
async function warmUpAndStart(
  handler: NamedHandler,
  serving: Serving,
  context: TaskContext,
): Promise<void> {
  try {
    await warmUp(handler, context);
    serving.start(await loadHandler(handler), context);
  } catch (error) {
    serving.start(() => {
      throw error;
    });
  }
}
