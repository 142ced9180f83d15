/**
 * Connecting: an address after the other, each in turn non-blocking, until one answers or the time is up.
 *
 * Owns the half-open socket at every moment: it is closed when the attempt fails, is stopped or is overtaken by the
 * deadline, and becomes the connection's when it succeeds.
 */
import { Connection, type ConnectionOptions } from '@netloom/connection';
import { clock, Operation, type OperationOptions } from '@netloom/coroutines';
import {
  AF_INET,
  AF_INET6,
  IPPROTO_TCP,
  SockaddrIn,
  SockaddrIn6,
  type SockaddrLike,
} from '@netloom/sockaddr';
import { SOCK_STREAM, Socket, SocketError, WOULD_BLOCK } from '@netloom/winsock-native';
import { type Watch, watch } from '@netloom/winsock-native/reactor';
import { type ConnectTarget, checkTarget } from './connect-target.js';
import { type Candidate, lookUp } from './resolve.js';

/** Long enough for three of TCP's own attempts (RFC 6298: after 1, 3 and 7 s), far below the system's two minutes. */
export const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;

export interface ConnectTcpOptions extends OperationOptions {
  /** An IPv4 or IPv6 address, or a name; the addresses of a name are tried in the resolver's order. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  /** The address to come from; default: the system chooses. Addresses of the other family are then not tried. */
  readonly localAddress?: string | undefined;
  /** The port to come from; default: 0, the system chooses. */
  readonly localPort?: number | undefined;
  /**
   * For everything: look-up and all attempts; default: 10 s. Infinity: no limit but the system's. An answer that is there
   * when it passes counts.
   */
  readonly timeoutMs?: number | undefined;
  /** Timeouts of the connection that results. */
  readonly connection?: Pick<ConnectionOptions, 'receiveTimeoutMs' | 'sendTimeoutMs'> | undefined;
}

/**
 * Connects to a TCP server.
 *
 * Stopped by its signal, a cancellation or the deadline, it leaves no socket behind.
 *
 * @returns the connection; the caller closes it
 * @throws {SocketError} ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, EADDRINUSE or EADDRNOTAVAIL (the local
 *   port or address), ENOTFOUND (11001, no such host); after several addresses the code is the last one's, and the
 *   message lists all
 * @throws {TypeError} `host` is empty or no string, or `localAddress` is no address
 * @throws {RangeError} a port or `timeoutMs` is out of range
 * @see connect(2) · winsock2 connect · RFC 9293 §3.5
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

/** An address that was tried, and why it failed. */
interface Attempt {
  readonly peer: Candidate;
  readonly error: SocketError;
}

class ConnectOperation extends Operation<Connection> {
  readonly #target: ConnectTarget;
  readonly #connectionOptions: ConnectTcpOptions['connection'];
  #timer: { cancel(): void } | undefined = undefined;
  #candidates: readonly Candidate[] = [];
  #next = 0;
  readonly #attempts: Attempt[] = [];
  #socket: Socket | undefined = undefined;
  #watch: Watch | undefined = undefined;

  constructor(options: ConnectTcpOptions, target: ConnectTarget) {
    super(options);
    this.#target = target;
    this.#connectionOptions = options.connection;
  }

  protected override start(): void {
    const { host, port, numeric, timeoutMs } = this.#target;
    if (timeoutMs !== Number.POSITIVE_INFINITY) {
      this.#timer = clock.setTimer(timeoutMs, () => this.#expireUnlessAnswered());
    }
    if (numeric !== undefined) {
      this.#tryAll([numeric]);
      return;
    }
    lookUp(host, port, (found) => {
      // A look-up cannot be taken back; what it finds for somebody who has gone is dropped here.
      if (!this.isPending) return;
      if (found instanceof SocketError) this.#end(() => this.fail(found));
      else this.#tryAll(found);
    });
  }

  protected override stop(): boolean {
    this.#release();
    this.#abandonSocket();
    return true;
  }

  #tryAll(candidates: readonly Candidate[]): void {
    const { local } = this.#target;
    const usable = candidates.filter((one) => local === undefined || one.family === local.family);
    if (usable.length === 0) {
      this.#end(() => this.fail(this.#noUsableAddress(candidates)));
      return;
    }
    this.#candidates = usable;
    this.#tryNext();
  }

  /** Goes through the candidates until one has to be waited for, or answers, or none is left. */
  #tryNext(): void {
    for (;;) {
      const peer = this.#candidates[this.#next];
      if (peer === undefined) {
        this.#end(() => this.fail(this.#allFailed()));
        return;
      }
      this.#next += 1;
      if (this.#tryOne(peer)) return;
    }
  }

  /** @returns false when this address has failed already */
  #tryOne(peer: Candidate): boolean {
    try {
      const socket = Socket.create(peer.family, SOCK_STREAM, IPPROTO_TCP);
      this.#socket = socket;
      this.#bind(socket, peer);
      if (socket.tryConnect(peer) === WOULD_BLOCK) {
        this.#waitFor(socket, peer);
        return true;
      }
      refuseOneself(socket, peer);
      return this.#connected(socket);
    } catch (error) {
      return this.#failed(peer, error);
    }
  }

  #bind(socket: Socket, peer: Candidate): void {
    const { local, localPort } = this.#target;
    if (local !== undefined) socket.bind(local);
    else if (localPort !== 0) socket.bind(wildcard(peer.family, localPort));
  }

  #waitFor(socket: Socket, peer: Candidate): void {
    const watched = watch(socket, 'write');
    this.#watch = watched;
    this.#waitOn(watched, socket, peer);
  }

  #waitOn(watched: Watch, socket: Socket, peer: Candidate): void {
    // It starts true, for sockets that are connected.
    watched.writable = false;
    watched.wait('write', () => this.#answered(socket, peer));
  }

  #answered(socket: Socket, peer: Candidate): void {
    // Stopped or overtaken, and the wake-up was on its way.
    if (this.#socket !== socket) return;
    if (!this.#finish(socket, peer)) this.#tryNext();
  }

  #finish(socket: Socket, peer: Candidate): boolean {
    try {
      if (socket.finishConnect() === WOULD_BLOCK) {
        // The wake-up was a hint, and there was no answer yet.
        if (this.#watch !== undefined) this.#waitOn(this.#watch, socket, peer);
        return true;
      }
      refuseOneself(socket, peer);
    } catch (error) {
      return this.#failed(peer, error);
    }
    return this.#connected(socket);
  }

  #connected(socket: Socket): true {
    const connection = new Connection(socket, { ...this.#connectionOptions, watch: this.#watch });
    this.#socket = undefined;
    this.#watch = undefined;
    this.#end(() => this.complete(connection));
    return true;
  }

  /**
   * Keeps the reason; anything but a SocketError is no answer of the network's and ends everything.
   *
   * @returns whether it has ended
   */
  #failed(peer: Candidate, error: unknown): boolean {
    this.#abandonSocket();
    if (error instanceof SocketError) {
      this.#attempts.push({ peer, error });
      return false;
    }
    this.#end(() => this.fail(error));
    return true;
  }

  /** The event loop may have been busy past the deadline while the answer lay there: it is delivered before immediates. */
  #expireUnlessAnswered(): void {
    const turn = setImmediate(() => this.#expire());
    this.#timer = { cancel: () => clearImmediate(turn) };
  }

  #expire(): void {
    const peer = this.#candidates[this.#next - 1];
    this.#abandonSocket();
    const { host, timeoutMs } = this.#target;
    const during = peer === undefined ? ` while looking up ${JSON.stringify(host)}` : '';
    const limit = `timeoutMs of ${timeoutMs} passed${during}`;
    const reasons = this.#attempts.map((attempt) => attempt.error.message);
    const detail = [limit, ...reasons].join('; ');
    const error = new SocketError({ code: 'ETIMEDOUT', syscall: 'connect', peer, detail });
    this.#end(() => this.fail(error));
  }

  /** Everything is put away before anybody hears of the end. */
  #end(tell: () => void): void {
    this.#release();
    tell();
  }

  #release(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #abandonSocket(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#watch?.close();
    this.#watch = undefined;
    socket?.close();
  }

  #allFailed(): SocketError {
    const last = this.#attempts.at(-1);
    // One address: its error says it all.
    if (this.#attempts.length === 1 && last !== undefined) return last.error;
    const { host, port } = this.#target;
    const before = this.#attempts.slice(0, -1).map((attempt) => attempt.error.message);
    const count = this.#attempts.length;
    return new SocketError({
      wsaCode: last?.error.wsaCode,
      syscall: 'connect',
      peer: last?.peer,
      detail: `the last of ${count} addresses of ${host}:${port}; before it: ${before.join('; ')}`,
      cause: new AggregateError(this.#attempts.map((attempt) => attempt.error)),
    });
  }

  #noUsableAddress(candidates: readonly Candidate[]): SocketError {
    const { host, local } = this.#target;
    const found = candidates.map(String).join(' ') || 'none';
    return new SocketError({
      code: 'EADDRNOTAVAIL',
      syscall: 'connect',
      peer: local,
      detail: `${host} has no address of the family of localAddress; found: ${found}`,
    });
  }
}

/**
 * A free port that one connects to may be chosen as one's own, and TCP then connects the socket to itself (RFC 9293 §3.5,
 * simultaneous open): to a client that is nobody there.
 */
function refuseOneself(socket: Socket, peer: Candidate): void {
  if (String(socket.localAddress) !== String(peer)) return;
  throw new SocketError({ code: 'ECONNREFUSED', syscall: 'connect', peer });
}

function wildcard(family: number, port: number): SockaddrLike {
  if (family === AF_INET) return SockaddrIn.from({ address: '0.0.0.0', port });
  if (family === AF_INET6) return SockaddrIn6.from({ address: '::', port });
  throw new TypeError(`no wildcard address for family ${family}`);
}
