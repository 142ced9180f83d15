/**
 * Strategy `coroutine`: every handler runs on the thread that accepts, all at a time. Costs no thread and no hand-over;
 * a handler that computes holds up all others.
 */
import { threadId } from 'node:worker_threads';
import { GetCurrentThreadId, type Socket } from '@netloom/winsock-native';
import { type ConnectionDefaults, type Handler, type HandlerPlan, refuseHop } from '../handler.js';
import type { LiveConnection } from '../live-connections.js';
import { loadHandler, runnableHandler } from '../workers/load-handler.js';
import { openConnection, Serving, type ServingEnd } from '../workers/serve-connection.js';
import type { Strategy, StrategySink, ThreadInfo } from './strategy.js';

export interface CoroutineStrategyOptions {
  readonly sink: StrategySink;
  readonly handler: HandlerPlan;
  readonly connection: ConnectionDefaults | undefined;
}

export class CoroutineStrategy implements Strategy {
  readonly #options: CoroutineStrategyOptions;
  #handler: Handler | undefined;

  constructor(options: CoroutineStrategyOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    const { local, named } = this.#options.handler;
    if (local !== undefined) this.#handler = runnableHandler(local);
    else if (named !== undefined) {
      this.#handler = await loadHandler(named);
      refuseHop(this.#handler);
    }
  }

  take(connection: LiveConnection, socket: Socket): void {
    const { sink, connection: options } = this.#options;
    connection.threadId = threadId;
    const serving = new Serving(openConnection(socket, options), new LocalEnd(connection, sink));
    connection.serving = serving;
    // SAFETY: open() has set it, and the server listens only after open().
    serving.start(this.#handler as Handler);
  }

  cutAll(live: Iterable<LiveConnection>, reason: Error): void {
    for (const connection of [...live]) connection.serving?.cancel(reason);
  }

  async close(): Promise<void> {}

  async threads(): Promise<readonly ThreadInfo[]> {
    return [{ threadId, kernelThreadId: GetCurrentThreadId() }];
  }
}

class LocalEnd implements ServingEnd {
  readonly #connection: LiveConnection;
  readonly #sink: StrategySink;

  constructor(connection: LiveConnection, sink: StrategySink) {
    this.#connection = connection;
    this.#sink = sink;
  }

  handlerReturned(result: unknown): void {
    this.#sink.served(this.#connection, result);
  }

  handlerFailed(error: unknown): void {
    this.#sink.aborted(this.#connection, error);
  }
}
