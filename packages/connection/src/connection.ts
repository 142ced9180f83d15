/**
 * The object users hold: one connected stream, from the first byte to `close()`.
 *
 * Says what there is to do and checks arguments; how it is done lies in the operations beside it.
 */
import type { Operation } from '@netloom/coroutines';
import type { SockaddrLike } from '@netloom/sockaddr';
import { Socket } from '@netloom/winsock-native';
import type { Watch } from '@netloom/winsock-native/reactor';
import { checkTimeoutMs, NO_TIMEOUT, type WaitOptions } from './deadline.js';
import { FrameOperation, FrameReader } from './frames.js';
import type { FrameCodec } from './framing/codec.js';
import { type LineOptions, lines } from './framing/lines.js';
import { encodeWideText, type WideTextOptions, wideText } from './framing/wide-text.js';
import { RecvExactlyOperation, RecvOperation } from './receive.js';
import { SendOperation } from './send.js';
import { Stream } from './stream.js';

export interface ConnectionOptions {
  /** For every receiving operation that states no `timeoutMs` of its own; default: none, `Infinity`. */
  readonly receiveTimeoutMs?: number | undefined;
  /** For every sending operation that states no `timeoutMs` of its own; default: none, `Infinity`. */
  readonly sendTimeoutMs?: number | undefined;
  /** Who is on the other side, where the socket may not know (it came from another thread); default: it is asked. */
  readonly peer?: SockaddrLike | undefined;
  /** The socket's watch, from whoever has waited for it before (a socket is registered once). Taken over too. */
  readonly watch?: Watch | undefined;
}

/** What has gone over a connection so far. */
export interface ConnectionCounters {
  /** Bytes that the kernel has given, those read ahead included. */
  readonly bytesReceived: number;
  /** Bytes that the kernel has taken. */
  readonly bytesSent: number;
  /** Reads of the kernel that brought bytes. */
  readonly receives: number;
  /** Writes of which the kernel took bytes. */
  readonly sends: number;
  /** Bytes read ahead that no reader has taken yet; part of `bytesReceived`. */
  readonly bytesAhead: number;
}

/** An operation that waits: one object for as long as it does, so that who looks again sees whether it is the same. */
export interface PendingOperation {
  /** Its name: `recv`, `recvExactly`, `send` … */
  readonly syscall: string;
}

export type LineReader = FrameReader<string>;
export type RecvWideTextOptions = WaitOptions & WideTextOptions;

/** Made once: most messages are read with the defaults, and a codec keeps nothing. */
const DEFAULT_WIDE_TEXT = wideText();

/**
 * One connected stream socket.
 *
 * Each direction has one waiter: a reader and a writer at the same time are fine, a second reader gets a `TypeError`.
 * Every wait takes `timeoutMs` and `signal`; without them, and without a default in the options, it waits for ever.
 * Closing is the owner's duty: `close()`, `using` or `await using`.
 *
 * @example
 * ```ts
 * import { connectTcp } from '@netloom/client';
 * import type { Connection } from '@netloom/connection';
 * import { createServer } from '@netloom/server';
 *
 * const handler = async (peer: Connection) => {
 *   for await (const line of peer.lines()) {
 *     await peer.send(new TextEncoder().encode(line.toUpperCase()));
 *   }
 * };
 * await using server = await createServer({ port: 0, strategy: 'coroutine', handler });
 *
 * using connection = await connectTcp({ host: '127.0.0.1', port: server.address().port });
 * await connection.send(new TextEncoder().encode('hello\n'), { timeoutMs: 1000 });
 * console.log(new TextDecoder().decode(await connection.recvExactly(5)));
 * ```
 *
 * ```text
 * HELLO
 * ```
 */
export class Connection implements Disposable, AsyncDisposable {
  readonly #stream: Stream;

  /**
   * Takes over a connected stream socket; the connection closes it.
   *
   * @throws {RangeError} a default timeout is no duration
   */
  constructor(socket: Socket, options: ConnectionOptions = {}) {
    if (!(socket instanceof Socket)) {
      throw new TypeError(
        `Connection: socket must be a Socket of @netloom/winsock-native; of a number Socket.fromRaw() makes one: got ${String(socket)}`,
      );
    }
    checkTimeoutMs('receiveTimeoutMs', options.receiveTimeoutMs ?? NO_TIMEOUT);
    checkTimeoutMs('sendTimeoutMs', options.sendTimeoutMs ?? NO_TIMEOUT);
    this.#stream = new Stream(socket, options);
  }

  /** The other side's address; undefined where it has none (an unnamed Unix socket). */
  get peer(): SockaddrLike | undefined {
    return this.#stream.peer;
  }

  /** This side's address. */
  get local(): SockaddrLike {
    return this.#stream.socket.localAddress;
  }

  /** Whether `close()` or `detach()` was called. */
  get isClosed(): boolean {
    return this.#stream.state !== 'open';
  }

  /** Whether the peer has finished sending and everything has been taken: `recv` gives 0 from now on. */
  get hasEnded(): boolean {
    return this.#stream.hasEnded && this.#stream.bytesAhead === 0;
  }

  /** A snapshot. */
  get counters(): ConnectionCounters {
    const { bytesReceived, bytesSent, receives, sends, bytesAhead } = this.#stream;
    return { bytesReceived, bytesSent, receives, sends, bytesAhead };
  }

  /** What waits now in each direction: for who watches a connection from outside. Undefined: nothing does. */
  get pending(): {
    readonly receive: PendingOperation | undefined;
    readonly send: PendingOperation | undefined;
  } {
    const { reader, writer } = this.#stream;
    return { receive: reader, send: writer };
  }

  /**
   * Receives what has arrived, waiting until there is something.
   *
   * Writes from `into[0]` on. 0 means that the peer has finished sending, now and at every later call.
   *
   * @param into - memory to fill; 64 KiB is a good size, less costs system calls
   * @param options.timeoutMs - from the start of the wait; default: the connection's
   * @returns bytes written, 0 to `into.length`
   * @throws {SocketError} ECONNRESET, ETIMEDOUT (deadline), EBADF (already closed here), EINTR (closed here meanwhile)
   * @throws {RangeError} `into` is empty: its 0 would look like the end
   * @throws {TypeError} another operation already receives
   * @see recv(2) · winsock2 recv · RFC 9293 §3.10.3
   */
  recv(into: Uint8Array, options?: WaitOptions): Operation<number> {
    return new RecvOperation(this.#stream, into, options);
  }

  /**
   * Receives exactly `n` bytes.
   *
   * Stopped half-way (deadline, signal, cancellation), what had come stays in the connection for the next reader.
   *
   * @param n - from 0; memory for all of them is made at once, so bound it before it comes from a peer
   * @returns fresh memory of `n` bytes
   * @throws {StreamError} ERR_STREAM_ENDED: the peer finished sending before; `received` holds what had come
   * @throws {SocketError} as `recv`
   * @throws {RangeError} `n` is not an integer from 0 on
   */
  recvExactly(n: number, options?: WaitOptions): Operation<Uint8Array> {
    return new RecvExactlyOperation(this.#stream, n, options);
  }

  /**
   * Sends all of `bytes`, waiting whenever the kernel has no room for more.
   *
   * Do not change `bytes` before it has ended. Stopped half-way, `bytesSent` of the operation says how many the kernel
   * has taken: those are on their way, and the connection can be used further.
   *
   * @returns `bytes.length`: the kernel has them all; whether the peer has, only the peer can say
   * @throws {SocketError} ECONNRESET, EPIPE (10054, or 10058 after `shutdown('send')`), ETIMEDOUT, EBADF, EINTR as in `recv`
   * @throws {TypeError} another operation already sends
   * @see send(2) · winsock2 send
   */
  send(bytes: Uint8Array, options?: WaitOptions): SendOperation {
    return new SendOperation(this.#stream, bytes, options);
  }

  /**
   * Reads lines, ended by LF or CR LF, as text without their line ends.
   *
   * @param options.limitBytes - the longest line, line end included; default: 64 KiB
   * @param options.encoding - default: `utf-8`
   */
  lines(options?: LineOptions): LineReader {
    return this.frames(lines(options));
  }

  /**
   * Reads frames as `codec` cuts them.
   *
   * @throws {RangeError} `codec.limitBytes` is not an integer from 1 on
   *
   * @example
   * ```ts
   * import { connectTcp } from '@netloom/client';
   * import { lengthPrefixed } from '@netloom/connection';
   * import { createServer } from '@netloom/server';
   *
   * await using server = await createServer({
   *   port: 0,
   *   strategy: 'coroutine',
   *   handler: (peer) => peer.send(Uint8Array.of(0, 0, 0, 2, 104, 105, 0, 0, 0, 1, 33)),
   * });
   *
   * using connection = await connectTcp({ host: '127.0.0.1', port: server.address().port });
   * for await (const frame of connection.frames(lengthPrefixed())) console.log(frame);
   * ```
   *
   * ```text
   * Uint8Array(2) [ 104, 105 ]
   * Uint8Array(1) [ 33 ]
   * ```
   */
  frames<T>(codec: FrameCodec<T>): FrameReader<T> {
    return new FrameReader(this.#stream, codec);
  }

  /**
   * Receives one message of wide text (UTF-16LE), without its U+000A.
   *
   * It ends at the end of the stream, behind U+000A, at `limitBytes`, or when nothing more has come for `quietMs` after
   * its latest byte; whichever is first. An odd byte at its end becomes U+FFFD.
   *
   * @param options.limitBytes - default: 200
   * @param options.quietMs - default: 1000
   * @param options.timeoutMs - for the whole message
   * @returns the text; empty also when the peer has finished sending (`hasEnded` tells)
   * @throws {SocketError} as `recv`
   */
  recvWideText(options?: RecvWideTextOptions): Operation<string> {
    const isDefault = options?.limitBytes === undefined && options?.quietMs === undefined;
    const codec = isDefault ? DEFAULT_WIDE_TEXT : wideText(options);
    return new FrameOperation(this.#stream, codec, '', options);
  }

  /**
   * Sends text as UTF-16LE: two bytes a unit, nothing added.
   *
   * @returns the number of bytes, twice `text.length`
   * @throws as `send`
   */
  sendWideText(text: string, options?: WaitOptions): SendOperation {
    return new SendOperation(this.#stream, encodeWideText(text), options);
  }

  /**
   * Ends one direction, or both, and keeps the socket.
   *
   * `send`: the peer reads our end of stream behind what was sent; a send that still waits fails with EPIPE (10058).
   * `receive`: `recv` gives 0 from now on, on every system.
   *
   * @throws {SocketError} ENOTCONN: the peer has reset the connection
   * @see shutdown(2) · winsock2 shutdown
   */
  shutdown(how: 'receive' | 'send' | 'both'): void {
    this.#stream.shutdown(how);
  }

  /**
   * Closes the socket; what the kernel has taken is still sent. May be called twice.
   *
   * Whoever waits fails with EINTR (10004). Bytes that have arrived and were not received make the kernel reset the
   * connection, which may cost the peer what it has not read yet: read to the end first where that matters.
   */
  close(): void {
    this.#stream.close();
  }

  /**
   * Gives the socket back; the connection refuses from then on.
   *
   * @throws {TypeError} an operation waits, or bytes have been read ahead
   */
  detach(): Socket {
    return this.#stream.detach();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /** What `console.log` and `util.inspect` show. @internal */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    const { state, bytesReceived, bytesSent } = this.#stream;
    const ends = state === 'open' ? ` ${this.local} - ${this.peer}` : '';
    return `Connection${ends} (${state}, ${bytesReceived} bytes received, ${bytesSent} sent)`;
  }
}
