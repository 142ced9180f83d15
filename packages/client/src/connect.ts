/**
 * Connecting over TCP: the names looked up, the race run with real sockets, the deadline kept, the errors gathered.
 *
 * When which address is tried stands in happy-eyeballs.ts, how one is tried in connect-attempt.ts.
 */
import { Connection, type ConnectionOptions } from '@netloom/connection';
import { clock, type Operation, type OperationOptions } from '@netloom/coroutines';
import { SocketError } from '@netloom/winsock-native';
import { Attempt, type Connected, type Outcome } from './connect-attempt.js';
import { ConnectFailures } from './connect-failures.js';
import { type ConnectTarget, checkTarget } from './connect-target.js';
import { preferredFamily } from './family-order.js';
import { type IpFamily, Race, type RaceTimes } from './happy-eyeballs.js';
import { type Candidate, candidatesOf, familyOf, type LookUp, sourceOf } from './resolve.js';
import { explainLocalPort, openSocket, type TcpSocketOptions } from './socket-options.js';
import { TimedOperation } from './timed-operation.js';

/** Long enough for three of TCP's own attempts (RFC 6298: after 1, 3 and 7 s), far below the system's two minutes. */
export const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;

export interface ConnectTcpOptions extends OperationOptions, TcpSocketOptions {
  /** An IPv4 or IPv6 address, or a name, of which the addresses of both families are tried. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  /** Only addresses of this family; default: both. */
  readonly family?: IpFamily | undefined;
  /** The address to come from; default: the system chooses. Addresses of the other family are then not tried. */
  readonly localAddress?: string | undefined;
  /**
   * For everything: look-up and all attempts; default: 10 s. Infinity: no limit but the system's. An answer that is there
   * when it passes counts.
   */
  readonly timeoutMs?: number | undefined;
  /** For each attempt; default: none but the system's, about two minutes. */
  readonly connectTimeoutMs?: number | undefined;
  /** Times of RFC 8305 §8; default: 50 ms, 250 ms, 1. */
  readonly race?: Partial<RaceTimes> | undefined;
  /** A name server of one's own; default: the system's. */
  readonly lookUp?: LookUp | undefined;
  /** Timeouts of the connection that results. */
  readonly connection?: Pick<ConnectionOptions, 'receiveTimeoutMs' | 'sendTimeoutMs'> | undefined;
}

/**
 * Connects to a TCP server, by whichever of its addresses answers first: Happy Eyeballs, version 2.
 *
 * Stopped by its signal, a cancellation or the deadline, it leaves neither socket nor look-up behind.
 *
 * @returns the connection; the caller closes it
 * @throws {SocketError} ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, EADDRINUSE or EADDRNOTAVAIL (the local
 *   port or address), ENOTFOUND (11001, no such host); after several addresses the code is that of the last one to fail,
 *   and the message lists all
 * @throws {TypeError} `host` is empty or no string, `localAddress` is no address or of another family than `family`, or
 *   `networkInterface` is none or not to be had on this system
 * @throws {RangeError} a port, a time or a count is out of range
 * @see connect(2) · winsock2 connect · RFC 8305 · RFC 6724 · RFC 9293 §3.5
 *
 * @example
 * ```ts
 * import { connectTcp } from '@netloom/client';
 * import { createServer } from '@netloom/server';
 * import { SocketError } from '@netloom/winsock-native';
 *
 * const server = await createServer({ port: 0, strategy: 'coroutine', handler: () => {} });
 * const { port } = server.address();
 *
 * using connection = await connectTcp({ host: 'localhost', port, timeoutMs: 5000 });
 * console.log(await connection.recv(new Uint8Array(16))); // 0: the peer has finished
 * connection.close();
 * await server.drain();
 *
 * try {
 *   await connectTcp({ host: '127.0.0.1', port });
 * } catch (error) {
 *   console.log(error instanceof SocketError && error.code);
 * }
 * ```
 *
 * ```text
 * 0
 * ECONNREFUSED
 * ```
 */
export function connectTcp(options: ConnectTcpOptions): Operation<Connection> {
  return new ConnectOperation(options, checkTarget(options, DEFAULT_CONNECT_TIMEOUT_MS));
}

class ConnectOperation extends TimedOperation<Connection> {
  readonly #options: ConnectTcpOptions;
  readonly #target: ConnectTarget;
  readonly #race: Race<Candidate, Connected>;
  readonly #failures: ConnectFailures;
  /** Addresses that have not answered yet. */
  readonly #underWay = new Set<Candidate>();

  constructor(options: ConnectTcpOptions, target: ConnectTarget) {
    super(options, target.timeoutMs);
    this.#options = options;
    this.#target = target;
    this.#failures = new ConnectFailures(target);
    const world = {
      clock,
      familyOf,
      preferred: (best4: Candidate, best6: Candidate) => preferredFamily(best4, best6, sourceOf),
      lookUp: this.#lookUp.bind(this),
      attempt: this.#attempt.bind(this),
      won: ({ socket, watch }: Connected) =>
        this.finish(new Connection(socket, { ...options.connection, watch })),
      lost: () => this.giveUp(this.#failures.all()),
    };
    this.#race = new Race(world, target.times);
  }

  protected override begin(): void {
    const { numeric, families } = this.#target;
    if (numeric === undefined) this.#race.lookUp(families);
    else if (families.includes(familyOf(numeric))) this.#race.begin([numeric]);
    else this.giveUp(this.#failures.otherFamily(numeric));
  }

  protected override abandon(): void {
    this.#race.stop();
  }

  protected override expired(timeoutMs: number): SocketError {
    return this.#failures.expired(timeoutMs, [...this.#underWay]);
  }

  #lookUp(family: IpFamily, tell: (found: readonly Candidate[]) => void): () => void {
    const controller = new AbortController();
    const { host, port } = this.#target;
    const options = { family, signal: controller.signal };
    candidatesOf(host, port, options, this.#options.lookUp).then(
      (found) => {
        if (!controller.signal.aborted) tell(found);
      },
      (error: unknown) => {
        if (controller.signal.aborted) return;
        this.#failures.addLookUp(family, error);
        tell([]);
      },
    );
    return () => controller.abort();
  }

  #attempt(peer: Candidate, tell: (connected: Connected | undefined) => void): () => void {
    const { local, localPort, connectTimeoutMs } = this.#target;
    const hear = (outcome: Outcome) => {
      this.#underWay.delete(peer);
      if (outcome instanceof SocketError) {
        this.#failures.addAttempt(peer, explainLocalPort(outcome, localPort));
        tell(undefined);
      } else tell(outcome);
    };
    this.#underWay.add(peer);
    const open = () => openSocket(peer, local, this.#options);
    // Anything but a SocketError is no answer of the network's, and ends everything.
    const attempt = new Attempt({ peer, open, timeoutMs: connectTimeoutMs }, hear, (fault) =>
      this.giveUp(fault),
    );
    return () => attempt.stop();
  }
}
