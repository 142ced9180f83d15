/**
 * createServer(): options checked once, parts wired. No loop lives here, and no decision about a connection.
 */
import { EventEmitter } from 'node:events';
import { clock } from '@netloom/coroutines';
import type { Socket, SocketError } from '@netloom/winsock-native';
import { AcceptLoop, type AcceptSink } from './accept-loop.js';
import { Admission, type RefusalReason } from './admission.js';
import { checkTimeout } from './checks.js';
import { DEFAULT_DRAIN_MS, Drain, type DrainReport } from './drain.js';
import { type ServerCounters, type ServerEvents, UnheardErrors } from './events.js';
import type { NamedHandler } from './handler.js';
import { type Ledger, LedgerBook } from './ledger.js';
import { Permits } from './limits.js';
import { type AcceptVerdict, Listener, type TcpAddress } from './listener.js';
import { type LiveConnection, LiveConnections } from './live-connections.js';
import { planServer, type ServerOptions, type ServerPlan } from './options.js';
import { refuse } from './refuse.js';
import { CoroutineStrategy } from './strategies/coroutine.js';
import { PooledCoroutineStrategy } from './strategies/pooled-coroutine.js';
import type { Strategy, StrategyName, StrategySink, ThreadInfo } from './strategies/strategy.js';
import { TokenBucket } from './token-bucket.js';

/** Linux' accept queue is counted in 16 bits more often than not; it holds one more than the backlog. */
const LONGEST_QUEUE = 65536;

/**
 * Starts a server. It is listening when the promise resolves.
 *
 * The handler is called with each connection and may be a coroutine, an async or a plain function; the connection is
 * closed when it has ended, however it ended.
 *
 * @param options - see {@link ServerOptions}; only `port` and `handler` have no default
 * @throws {TypeError|RangeError} an option is wrong
 * @throws {SocketError} EADDRINUSE, EACCES, EADDRNOTAVAIL from `bind`
 * @throws what importing the handler's module threw
 *
 * @example
 * ```ts
 * import { once } from 'node:events';
 * import { connect } from 'node:net';
 * import type { Connection } from '@netloom/connection';
 * import { createServer } from '@netloom/server';
 *
 * const server = await createServer({
 *   port: 0, // the system chooses
 *   strategy: 'coroutine', // on this thread: the handler may be a closure
 *   handler: async (connection: Connection) => {
 *     await connection.send(new TextEncoder().encode('Welcome to server!'));
 *   },
 * });
 *
 * const client = connect(server.address().port, '127.0.0.1'); // any client will do
 * console.log(String((await once(client, 'data'))[0]));
 * console.log((await server.drain({ timeoutMs: 1000 })).served);
 * ```
 *
 * ```text
 * Welcome to server!
 * 1
 * ```
 */
export async function createServer(options: ServerOptions): Promise<Server> {
  const plan = planServer(options);
  plan.signal?.throwIfAborted();
  const listener = new Listener(plan);
  let server: Server | undefined;
  try {
    server = make(plan, listener);
    await start(server);
    return server;
  } catch (error) {
    listener.close();
    if (server !== undefined) await abandon(server);
    throw error;
  }
}

/** What only createServer() may do; the class itself puts them here, because they reach its private parts. */
let make: (plan: ServerPlan, listener: Listener) => Server;
let start: (server: Server) => Promise<void>;
let abandon: (server: Server) => Promise<void>;

/** A running server; {@link createServer} makes it. */
export class Server extends EventEmitter<ServerEvents> implements AsyncDisposable {
  /** Where its handlers run. */
  readonly strategy: StrategyName;
  readonly #plan: ServerPlan;
  readonly #listener: Listener;
  readonly #book = new LedgerBook();
  readonly #live: LiveConnections;
  readonly #strategy: Strategy;
  readonly #loop: AcceptLoop;
  readonly #drain: Drain;
  readonly #unheard = new UnheardErrors();
  readonly #counters = { acceptErrors: 0, acceptPauses: 0, limitWaits: 0, threadsLost: 0 };
  readonly #refusals = { limit: 0, address: 0, denied: 0, rate: 0, memory: 0 };
  readonly #admission: Admission | undefined;
  readonly #rate: TokenBucket | undefined;
  #tellAccepted: () => void = () => {};
  readonly #onAbort = (): void => void this.close();

  static {
    make = (plan, listener) => new Server(plan, listener);
    start = (server) => server.#start();
    abandon = (server) => server.#abandon();
  }

  private constructor(plan: ServerPlan, listener: Listener) {
    super();
    const { perThread, rate, admission } = plan.limits;
    const permits = new Permits(Math.min(plan.maxConnections, perThread * plan.threads));
    this.strategy = plan.strategy;
    this.#plan = plan;
    this.#listener = listener;
    this.#admission = admission && new Admission(admission);
    const bucket = rate && new TokenBucket(rate, clock.now());
    this.#rate = bucket;
    this.#live = new LiveConnections(this.#book, permits, clock.now);
    this.#strategy = makeStrategy(plan, this.#strategySink());
    this.#loop = new AcceptLoop({
      source: listener,
      sink: this.#acceptSink(permits),
      permits,
      atLimit: plan.atLimit,
      gate:
        bucket === undefined || plan.atLimit === 'refuse'
          ? undefined
          : () => bucket.msUntilNext(clock.now()),
      setTimer: clock.setTimer,
    });
    this.#drain = new Drain({
      loop: this.#loop,
      accepted: new Promise((resolve) => {
        this.#tellAccepted = resolve;
      }),
      live: this.#live,
      book: this.#book,
      strategy: this.#strategy,
      queueLimit: Math.min(plan.backlog + 1, LONGEST_QUEUE),
      clock,
    });
  }

  /** How its connections stand now. */
  get ledger(): Ledger {
    return this.#book.snapshot();
  }

  /** What else it has counted so far. */
  get counters(): ServerCounters {
    return { ...this.#counters, refusals: { ...this.#refusals } };
  }

  /** Whether it has begun to end. */
  get isDraining(): boolean {
    return this.#drain.isRunning;
  }

  /** The address it listens on (after closing: listened on), with the port that the system chose if it was 0. */
  address(): TcpAddress {
    return this.#listener.address;
  }

  /** The threads that run its handlers: Node's id and the kernel's, read over there. One that is being replaced is missing. */
  threads(): Promise<readonly ThreadInfo[]> {
    return this.#strategy.threads();
  }

  /**
   * Ends the server without losing what it has accepted.
   *
   * Accepts what the kernel's queue holds, closes the listening socket, lets the handlers end, ends the threads. At the
   * deadline what still lives is cut: its handler is cancelled, its connection closed. Called again it joins the drain
   * that runs; an earlier deadline counts.
   *
   * @param options.timeoutMs - from now; default 10 s; 0 cuts at once and leaves the queue to the kernel; Infinity waits
   * @returns the final ledger (`live` is 0), and what was cut
   */
  drain(options: { readonly timeoutMs?: number | undefined } = {}): Promise<DrainReport> {
    const timeoutMs = checkTimeout('timeoutMs', options.timeoutMs ?? DEFAULT_DRAIN_MS);
    const isFirst = !this.#drain.isRunning;
    const report = this.#drain.request(timeoutMs);
    if (isFirst) {
      // A failure is told to whoever asked for the drain.
      report.then(
        (end) => this.#ended(end),
        () => {},
      );
    }
    return report;
  }

  /** Drains with the default deadline, as `await using` does. */
  async close(): Promise<void> {
    await this.drain();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #start(): Promise<void> {
    const { signal, backlog } = this.#plan;
    await this.#strategy.open();
    signal?.throwIfAborted();
    this.#listener.listen(backlog);
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#loop.start();
  }

  /** Ends the threads of a start that failed. */
  async #abandon(): Promise<void> {
    await this.#strategy.close(true);
  }

  #ended(report: DrainReport): void {
    this.#plan.signal?.removeEventListener('abort', this.#onAbort);
    this.#tell('drained', report);
  }

  #acceptSink(permits: Permits): AcceptSink {
    return {
      take: (socket) => this.#take(socket, permits),
      refuse: (socket) => this.#refuse(socket, 'limit'),
      makeRoom: () => false,
      atLimit: () => {
        this.#counters.limitWaits += 1;
      },
      failed: (verdict, error) => this.#acceptFailed(verdict, error),
      resumed: () => this.#tell('accept-resumed'),
      ended: () => this.#tellAccepted(),
    };
  }

  #take(socket: Socket, permits: Permits): void {
    const admission = this.#admission;
    if (admission === undefined && this.#rate === undefined) {
      this.#open(socket);
      return;
    }
    const key = admission?.keyOf(socket.peerAddress);
    const refusal = this.#refusalOf(socket, key);
    if (refusal === undefined) {
      admission?.enter(key);
      this.#open(socket, key);
      return;
    }
    permits.release();
    this.#refuse(socket, refusal);
  }

  #refusalOf(socket: Socket, key: string | undefined): RefusalReason | undefined {
    const now = clock.now();
    const refusal = this.#admission?.refusalOf(socket.peerAddress, key, now);
    if (refusal !== undefined) return refusal;
    return this.#rate === undefined || this.#rate.tryTake(now) ? undefined : 'rate';
  }

  #open(socket: Socket, addressKey?: string): void {
    const connection = this.#live.open(socket);
    connection.addressKey = addressKey;
    if (this.listenerCount('accepted') > 0) this.#tell('accepted', connection);
    this.#strategy.take(connection, socket);
  }

  #refuse(socket: Socket, why: RefusalReason): void {
    this.#refusals[why] += 1;
    this.#book.refuse();
    if (this.listenerCount('refused') > 0) this.#tell('refused', why, socket.peerAddress);
    refuse(socket, this.#plan.refusal);
  }

  #acceptFailed(verdict: AcceptVerdict, error: unknown): void {
    if (verdict === 'go-on') {
      this.#counters.acceptErrors += 1;
      this.#tell('accept-error', error);
    } else if (verdict === 'pause') {
      this.#counters.acceptPauses += 1;
      this.#tell('accept-paused', error);
    } else {
      // SAFETY: only a SocketError is judged to be the end.
      this.#tell('error', error as SocketError);
    }
  }

  #strategySink(): StrategySink {
    return {
      served: (connection, result) => {
        if (!this.#left(connection, 'served')) return;
        if (this.listenerCount('served') > 0) this.#tell('served', connection, result);
      },
      aborted: (connection, error) => {
        if (!this.#left(connection, 'aborted') || connection.isCut) return;
        if (this.listenerCount('connection-error') === 0) this.#unheard.warn(error, connection);
        else this.#tell('connection-error', error, connection);
      },
      threadLost: (threadId, error) => {
        this.#counters.threadsLost += 1;
        this.#tell('thread-lost', error, threadId);
      },
    };
  }

  #left(connection: LiveConnection, how: 'served' | 'aborted'): boolean {
    if (!this.#live.has(connection)) return false;
    // Before the permit comes back: with it may come a newcomer of the same address.
    this.#admission?.leave(connection.addressKey);
    this.#live.end(connection, how);
    this.#loop.connectionEnded();
    return true;
  }

  /** Emits; what a listener throws is the program's error and must not end the accept loop. */
  #tell<K extends keyof ServerEvents>(event: K, ...about: ServerEvents[K]): void {
    try {
      // SAFETY: the types of EventEmitter's emit do not see that K's tuple is K's tuple.
      (this.emit as (event: K, ...about: ServerEvents[K]) => boolean)(event, ...about);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

function makeStrategy(plan: ServerPlan, sink: StrategySink): Strategy {
  switch (plan.strategy) {
    case 'coroutine':
      return new CoroutineStrategy({ sink, handler: plan.handler, connection: plan.connection });
    case 'pooled-coroutine':
      return new PooledCoroutineStrategy({
        sink,
        // SAFETY: planHandler() refuses a handler without a name for every strategy but 'coroutine'.
        handler: plan.handler.named as NamedHandler,
        connection: plan.connection,
        threads: plan.threads,
      });
  }
}
