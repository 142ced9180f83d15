/**
 * Strategy `pooled-coroutine`: the handlers are spread over the threads of a pool, and on each of them run all at a time.
 *
 * Accepting stays in one place; a connection crosses once, to the thread with the fewest. At every arrow one side owns the
 * socket: here until the task is added, then the pool until a thread claims it, then that thread.
 */
import { TaskError, ThreadPool } from '@netloom/threadpool';
import type { Socket } from '@netloom/winsock-native';
import type { ConnectionDefaults, NamedHandler } from '../handler.js';
import type { LiveConnection } from '../live-connections.js';
import { ConnectionTask, type Served, WarmUpTask } from '../workers/coroutine-entry.js';
import type { Strategy, StrategySink, ThreadInfo } from './strategy.js';

export interface PooledCoroutineStrategyOptions {
  readonly sink: StrategySink;
  readonly handler: NamedHandler;
  readonly connection: ConnectionDefaults | undefined;
  readonly threads: number;
}

/** A thread that has taken the place of a lost one is asked for its ids this often before it goes without. */
const PROBES = 3;

export class PooledCoroutineStrategy implements Strategy {
  readonly #options: PooledCoroutineStrategyOptions;
  readonly #pool: ThreadPool;
  /** Node's id to the kernel's, of threads that have said so. */
  readonly #kernelIds = new Map<number, number>();
  readonly #lost = new Set<number | undefined>();
  /** One for all tasks: an AbortSignal for each would cost more than the rest of the hand-over's bookkeeping. */
  readonly #cut = new AbortController();
  #isClosing = false;

  constructor(options: PooledCoroutineStrategyOptions) {
    this.#options = options;
    this.#pool = new ThreadPool(options.threads);
  }

  /** Added at once, one goes to each idle thread. */
  async open(): Promise<void> {
    await this.#probe(this.#options.threads);
  }

  take(connection: LiveConnection, socket: Socket): void {
    const { sink, handler, connection: options } = this.#options;
    const task = new ConnectionTask(socket, handler, options, this.#cut.signal);
    this.#pool.addTask(task).then(
      (served) => {
        task.end();
        this.#ended(connection, served);
      },
      (error: unknown) => {
        task.end();
        // What was not run the pool has discarded, and a lost thread's sockets were closed with it: here it is only
        // counted. Closing does something only when the task could not be packed, so that the socket never left.
        socket.close();
        this.#noteLoss(connection, error);
        sink.aborted(connection, error);
      },
    );
  }

  cutAll(_live: Iterable<LiveConnection>, reason: Error): void {
    this.#cut.abort(reason);
  }

  async close(isForced: boolean): Promise<void> {
    this.#isClosing = true;
    if (isForced) await this.#pool.terminate();
    else await this.#pool.close();
  }

  async threads(): Promise<readonly ThreadInfo[]> {
    for (let round = 0; round < PROBES && this.#unknown().length > 0; round++) {
      await this.#probe(this.#options.threads);
    }
    const known: ThreadInfo[] = [];
    for (const { threadId } of this.#pool.threads) {
      const kernelThreadId = this.#kernelIds.get(threadId);
      if (kernelThreadId !== undefined) known.push({ threadId, kernelThreadId });
    }
    return known;
  }

  #ended(connection: LiveConnection, served: Served): void {
    const { sink } = this.#options;
    if (typeof served === 'number') {
      connection.threadId = served;
      sink.served(connection, undefined);
      return;
    }
    connection.threadId = served.threadId;
    if ('error' in served) sink.aborted(connection, served.error);
    else sink.served(connection, served.result);
  }

  #noteLoss(connection: LiveConnection, error: unknown): void {
    if (!(error instanceof TaskError) || error.code !== 'ERR_TASK_THREAD_LOST') return;
    connection.threadId = error.threadId;
    // A thread that we end ourselves is not lost; one that is, is told once, not for each of its connections.
    if (this.#isClosing || this.#lost.has(error.threadId)) return;
    this.#lost.add(error.threadId);
    this.#options.sink.threadLost(error.threadId, error);
  }

  #unknown(): number[] {
    return this.#pool.threads
      .map((thread) => thread.threadId)
      .filter((threadId) => threadId > 0 && !this.#kernelIds.has(threadId));
  }

  async #probe(count: number): Promise<void> {
    const tasks = Array.from({ length: count }, () => new WarmUpTask(this.#options.handler));
    // All of them, also when one has failed: a thread that is stopped while it loads modules leaves their files open.
    const answers = await Promise.allSettled(this.#pool.addTask(tasks));
    for (const answer of answers) {
      if (answer.status === 'rejected') throw answer.reason;
      this.#kernelIds.set(answer.value.threadId, answer.value.kernelThreadId);
    }
  }
}
