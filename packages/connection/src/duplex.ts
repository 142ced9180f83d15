/**
 * A connection as a Duplex of Node, with the methods of `net.Socket` that programs call on one: what `Connection.toDuplex` gives.
 *
 * One receive is under way at a time, and only while somebody reads; one send, of as many chunks as wait (`_writev`).
 */
import { Duplex } from 'node:stream';
import {
  AF_INET6,
  IPPROTO_TCP,
  SockaddrIn,
  SockaddrIn6,
  type SockaddrLike,
} from '@netloom/sockaddr';
import {
  SO_KEEPALIVE,
  SOL_SOCKET,
  SocketError,
  TCP_KEEPIDLE,
  TCP_NODELAY,
} from '@netloom/winsock-native';
import type { Connection } from './connection.js';

export interface DuplexOptions {
  /** Whether sending goes on after the peer has finished; default: false, as with `net.Socket`. */
  readonly allowHalfOpen?: boolean | undefined;
  /** Bytes to read ahead of the reader; default: Node's. */
  readonly readableHighWaterMark?: number | undefined;
  /** Bytes to take ahead of the kernel before `write()` says false; default: Node's. */
  readonly writableHighWaterMark?: number | undefined;
}

/** As `net.Socket.address()`. */
export interface DuplexAddress {
  readonly address: string;
  readonly family: 'IPv4' | 'IPv6';
  readonly port: number;
}

type Done = (error?: Error | null) => void;

export class ConnectionDuplex extends Duplex {
  readonly #connection: Connection;
  #idle: NodeJS.Timeout | undefined = undefined;
  #timeoutMs = 0;
  /** Bytes of the writes that have ended. */
  #taken = 0;

  /** @internal */
  constructor(connection: Connection, options: DuplexOptions = {}) {
    const { allowHalfOpen = false, readableHighWaterMark, writableHighWaterMark } = options;
    super({
      allowHalfOpen,
      ...(readableHighWaterMark === undefined ? {} : { readableHighWaterMark }),
      ...(writableHighWaterMark === undefined ? {} : { writableHighWaterMark }),
    });
    const { receive, send } = connection.pending;
    const waiting = receive ?? send;
    if (waiting !== undefined) {
      throw new TypeError(`toDuplex: ${waiting.syscall} still waits; wait for it or stop it first`);
    }
    this.#connection = connection;
  }

  override _read(): void {
    this.#connection.recvSome().then(
      (bytes) => {
        this.#moved();
        const isEnd = bytes.length === 0;
        this.push(isEnd ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      },
      (error: unknown) => this.#failed(asError(error)),
    );
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: Done): void {
    this.#send(chunk, done);
  }

  override _writev(
    chunks: readonly { chunk: Uint8Array; encoding: BufferEncoding }[],
    done: Done,
  ): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      done,
    );
  }

  override _final(done: Done): void {
    try {
      if (!this.#connection.isClosed) this.#connection.shutdown('send');
      done();
    } catch (error) {
      // The peer has reset it: there is nobody to tell the end, and reading says what happened.
      if (error instanceof SocketError && error.code === 'ENOTCONN') done();
      else done(asError(error));
    }
  }

  override _destroy(error: Error | null, done: Done): void {
    clearTimeout(this.#idle);
    this.#connection.close();
    done(error);
  }

  /** Bytes received so far. */
  get bytesRead(): number {
    const { bytesReceived, bytesAhead } = this.#connection.counters;
    return bytesReceived - bytesAhead;
  }

  /** Bytes given to be sent so far, those that wait in here included. */
  get bytesWritten(): number {
    return this.#taken + this.writableLength;
  }

  get remoteAddress(): string | undefined {
    return partsOf(this.#connection.peer)?.address;
  }

  get remoteFamily(): string | undefined {
    return partsOf(this.#connection.peer)?.family;
  }

  get remotePort(): number | undefined {
    return partsOf(this.#connection.peer)?.port;
  }

  get localAddress(): string | undefined {
    return partsOf(this.#local)?.address;
  }

  get localPort(): number | undefined {
    return partsOf(this.#local)?.port;
  }

  get localFamily(): string | undefined {
    return partsOf(this.#local)?.family;
  }

  /** Always false: a connection is connected. */
  get connecting(): boolean {
    return false;
  }

  get pending(): boolean {
    return this.#connection.isClosed;
  }

  get timeout(): number | undefined {
    return this.#timeoutMs === 0 ? undefined : this.#timeoutMs;
  }

  /** This side's address; empty where there is none. */
  address(): DuplexAddress | Record<string, never> {
    return partsOf(this.#local) ?? {};
  }

  /**
   * Emits 'timeout' when nothing has moved for so long; nothing else happens then. 0: no longer.
   *
   * @see net.Socket.setTimeout
   */
  setTimeout(ms: number, onTimeout?: () => void): this {
    clearTimeout(this.#idle);
    this.#idle = undefined;
    this.#timeoutMs = ms;
    if (ms > 0) {
      this.#idle = setTimeout(() => this.emit('timeout'), ms).unref();
      if (onTimeout !== undefined) this.once('timeout', onTimeout);
    } else if (onTimeout !== undefined) {
      this.off('timeout', onTimeout);
    }
    return this;
  }

  /** Whether small sends wait for others; true, Node's default, says that they do not. @see tcp(7) TCP_NODELAY */
  setNoDelay(isOn = true): this {
    this.#connection.socket?.setOption(IPPROTO_TCP, TCP_NODELAY, isOn);
    return this;
  }

  /** Whether the kernel asks a silent peer if it is still there, and after how long. @see tcp(7) TCP_KEEPIDLE */
  setKeepAlive(isOn = false, initialDelayMs = 0): this {
    const { socket } = this.#connection;
    socket?.setOption(SOL_SOCKET, SO_KEEPALIVE, isOn);
    const seconds = Math.floor(initialDelayMs / 1000);
    if (isOn && seconds > 0 && TCP_KEEPIDLE !== undefined) {
      socket?.setOption(IPPROTO_TCP, TCP_KEEPIDLE, seconds);
    }
    return this;
  }

  /** Nothing: while it is read, a connection keeps the process alive. */
  ref(): this {
    return this;
  }

  /** Nothing: while it is read, a connection keeps the process alive; destroy it to end that. */
  unref(): this {
    return this;
  }

  /** Ends sending, and closes when everything was sent. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  /** Closes with a reset. */
  resetAndDestroy(): this {
    this.#connection.reset();
    return this.destroy();
  }

  get #local(): SockaddrLike | undefined {
    return this.#connection.isClosed ? undefined : this.#connection.local;
  }

  #send(data: Uint8Array | readonly Uint8Array[], done: Done): void {
    this.#connection.send(data).then(
      (count) => {
        this.#taken += count;
        this.#moved();
        done();
      },
      (error: unknown) => done(this.destroyed ? null : asError(error)),
    );
  }

  #moved(): void {
    this.#idle?.refresh();
  }

  /** Closing it here is what made the receive fail: nobody wants to hear of that. */
  #failed(error: Error): void {
    if (!this.destroyed) this.destroy(error);
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function partsOf(name: SockaddrLike | undefined): DuplexAddress | undefined {
  if (!(name instanceof SockaddrIn || name instanceof SockaddrIn6)) return undefined;
  const family = name.family === AF_INET6 ? 'IPv6' : 'IPv4';
  return { address: name.address, family, port: name.port };
}
