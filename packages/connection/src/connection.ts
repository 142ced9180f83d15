/**
 * The object users hold: one connected stream, from the first byte to `close()`.
 *
 * Says what there is to do and checks arguments; how it is done lies in the operations beside it.
 */

import type { Duplex } from 'node:stream';
import type { Operation } from '@netloom/coroutines';
import type { SockaddrLike } from '@netloom/sockaddr';
import { Socket, type tcp_info } from '@netloom/winsock-native';
import { BufferPool, type PooledBytes } from './buffer-pool.js';
import {
  type ConnectionCounters,
  type ConnectionOptions,
  checkConnectionOptions,
  type PendingOperation,
} from './connection-options.js';
import { NO_TIMEOUT, type WaitOptions } from './deadline.js';
import { ConnectionDuplex, type DuplexOptions } from './duplex.js';
import { DuplexStream } from './duplex-stream.js';
import { FrameOperation, FrameReader } from './frames.js';
import type { FrameCodec } from './framing/codec.js';
import { DEFAULT_FRAME_LIMIT_BYTES, type DelimiterOptions, upTo } from './framing/delimiter.js';
import { type LineOptions, lines } from './framing/lines.js';
import { encodeWideText, type WideTextOptions, wideText } from './framing/wide-text.js';
import { limitLifetime } from './lifetime.js';
import {
  RecvExactlyOperation,
  RecvOperation,
  RecvPooledOperation,
  RecvSomeOperation,
} from './receive.js';
import { SendOperation, UncorkOperation } from './send.js';
import { descriptorOf, SendFileOperation, type SendFileOptions } from './send-file.js';
import { SocketStream } from './socket-stream.js';
import type { Stream } from './stream.js';
import { tcpInfoOf } from './tcp-info.js';
import { type WebStreams, webStreams } from './web-streams.js';

export type LineReader = FrameReader<string>;
export type RecvWideTextOptions = WaitOptions & WideTextOptions;
export type RecvUntilOptions = WaitOptions & DelimiterOptions;

/** Made once: most messages are read with the defaults, and a codec keeps nothing. */
const DEFAULT_WIDE_TEXT = wideText();

/** Of who states none: this thread's. */
let commonPool: BufferPool | undefined;

/** A text that was read but is not there is an empty one. */
const AT_END_EMPTY = { value: '' };

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
   * @throws {RangeError} a time is no duration, or a rate no rate
   */
  constructor(socket: Socket, options: ConnectionOptions = {}) {
    // What stands on a Duplex is made by fromDuplex(), which hands in the stream itself.
    const given: unknown = socket;
    if (!(given instanceof Socket) && !(given instanceof DuplexStream)) {
      throw new TypeError(
        `Connection: socket must be a Socket of @netloom/winsock-native; of a number Socket.fromRaw() makes one: got ${String(socket)}`,
      );
    }
    checkConnectionOptions(options);
    this.#stream = given instanceof Socket ? new SocketStream(given, options) : given;
    const { idleTimeoutMs = NO_TIMEOUT, lifetimeMs = NO_TIMEOUT } = options;
    if (idleTimeoutMs !== NO_TIMEOUT || lifetimeMs !== NO_TIMEOUT) {
      limitLifetime(this.#stream, idleTimeoutMs, lifetimeMs);
    }
  }

  /**
   * Makes a connection of a Duplex of Node: of a `tls.TLSSocket` for one, so that frames, deadlines and coroutines go over it.
   *
   * Takes it over. `send` has ended when the Duplex has taken the bytes; as much as one `send` of at most 64 KiB may be on
   * its way through it. `peer` and `local` are known where it has `remoteAddress` and its like.
   *
   * @throws {TypeError} `duplex` is not readable and writable, or in object mode, or has an encoding
   */
  static fromDuplex(duplex: Duplex, options: ConnectionOptions = {}): Connection {
    checkConnectionOptions(options);
    const stream: unknown = new DuplexStream(duplex, options);
    // SAFETY: the constructor tells the two apart.
    return new Connection(stream as Socket, options);
  }

  /** The other side's address; undefined where it has none (an unnamed Unix socket). */
  get peer(): SockaddrLike | undefined {
    return this.#stream.peer;
  }

  /**
   * This side's address; over a Duplex that has none an unnamed Unix address.
   *
   * @throws {SocketError} EBADF: closed
   */
  get local(): SockaddrLike {
    return this.#stream.local;
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
    const { bytesReceived, bytesSent, receives, sends, bytesAhead, bytesWaiting } = this.#stream;
    return { bytesReceived, bytesSent, receives, sends, bytesAhead, bytesWaiting };
  }

  /**
   * What the kernel knows of the connection now, by C's field names: round-trip time, congestion window, retransmissions,
   * bytes not sent yet … A system call.
   *
   * @returns undefined where there is none: another system than Linux, no TCP, closed
   * @see tcp(7) TCP_INFO
   */
  get tcpInfo(): tcp_info | undefined {
    return this.isClosed ? undefined : tcpInfoOf(this.#stream.socket);
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
   * Receives up to and with `delimiter`.
   *
   * What comes behind it stays for the next reader; so does what had come when it is stopped half-way.
   *
   * @param delimiter - one byte or more
   * @param options.limitBytes - the most to receive, delimiter included; default: 64 KiB
   * @returns the bytes, the delimiter at their end
   * @throws {StreamError} ERR_STREAM_ENDED: the peer finished sending before; ERR_FRAME_TOO_LONG
   * @throws {SocketError} as `recv`
   * @throws {RangeError} `delimiter` is empty, or `limitBytes` leaves no room for it
   */
  recvUntil(delimiter: Uint8Array, options?: RecvUntilOptions): Operation<Uint8Array> {
    const codec = upTo(delimiter, options?.limitBytes ?? DEFAULT_FRAME_LIMIT_BYTES);
    return new FrameOperation<Uint8Array, never>(
      this.#stream,
      codec,
      undefined,
      options,
      'recvUntil',
    );
  }

  /**
   * Receives what has arrived into a buffer of a pool, which is borrowed only once something has: a connection that waits
   * holds no memory.
   *
   * @param options.pool - default: one that all connections of this thread share
   * @returns the bytes, to be released (`using`); null when the peer has finished sending
   * @throws {SocketError} as `recv`
   */
  recvPooled(
    options?: WaitOptions & { readonly pool?: BufferPool | undefined },
  ): Operation<PooledBytes | null> {
    commonPool ??= new BufferPool();
    return new RecvPooledOperation(this.#stream, options?.pool ?? commonPool, options);
  }

  /** Gives what arrives, each time in memory of its own, until the peer has finished sending; leaving early closes nothing. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const bytes = await new RecvSomeOperation(this.#stream, undefined);
      if (bytes.length === 0) return;
      yield bytes;
    }
  }

  /**
   * Sends all of `bytes`, waiting whenever the kernel has no room for more.
   *
   * Do not change `bytes` before it has ended. Stopped half-way, `bytesSent` of the operation says how many the kernel
   * has taken: those are on their way, and the connection can be used further.
   *
   * @param bytes - one buffer, or several, which go with one system call, one behind the other
   * @returns the number of bytes: the kernel has them all; whether the peer has, only the peer can say
   * @throws {SocketError} ECONNRESET, EPIPE (10054, or 10058 after `shutdown('send')`), ETIMEDOUT, EBADF, EINTR as in `recv`
   * @throws {TypeError} another operation already sends
   * @see send(2) · sendmsg(2) · winsock2 send, WSASend
   */
  send(bytes: Uint8Array | readonly Uint8Array[], options?: WaitOptions): SendOperation {
    return new SendOperation(this.#stream, bytes, options);
  }

  /**
   * Sends a frame as `codec` lays it out, prefix and bytes with one system call.
   *
   * @throws {TypeError} `codec` only reads
   * @throws what `codec.encode` throws: the frame cannot be sent so
   * @throws as `send`
   */
  sendFrame<T>(codec: FrameCodec<T>, frame: T, options?: WaitOptions): SendOperation {
    if (codec.encode === undefined) throw new TypeError('sendFrame: the codec has no encode()');
    return this.send(codec.encode(frame), options);
  }

  /**
   * Sends bytes of an open file. On Linux and macOS the kernel takes them from its own memory; elsewhere they are read.
   *
   * What is not in memory yet is read from the disk on this thread, which waits for it.
   *
   * @param file - a FileHandle, or a descriptor; a regular file. It stays open, its position where it is
   * @returns how many bytes were sent: fewer than `length` only where the file has no more
   * @throws as `send`; what the file system says (EBADF, EIO …)
   * @throws {TypeError} `file` is no regular file
   * @throws {RangeError} `offset` or `length` is not an integer from 0 on
   * @see sendfile(2)
   */
  sendFile(
    file: number | { readonly fd: number },
    options: SendFileOptions = {},
  ): SendFileOperation {
    return new SendFileOperation(this.#stream, descriptorOf(file), options);
  }

  /**
   * Begins to hold back what is sent, so that many small sends go as one: each copies its bytes and has ended. More than
   * 64 KiB are not held: what goes beyond is sent, together with what was held, and waited for.
   *
   * May be called several times; as many `uncork()` let go. What is held when the connection closes is lost.
   */
  cork(): void {
    if (this.isClosed) throw this.#stream.notOpen('cork');
    this.#stream.corks += 1;
  }

  /**
   * Takes one `cork()` back; the last one sends what was held, with one system call.
   *
   * @returns 0 when the kernel has it all
   * @throws as `send`; what the kernel has not taken stays held for the next sending
   * @throws {TypeError} there was no `cork()`
   */
  uncork(options?: WaitOptions): SendOperation {
    return new UncorkOperation(this.#stream, options);
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
    return new FrameOperation(this.#stream, codec, AT_END_EMPTY, options);
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
   * Closes with a reset: the peer's next call fails with ECONNRESET, and what it has not read is lost. On purpose, for a peer
   * that is not to be waited for. Over a Unix socket, which knows no reset, as `close()`.
   *
   * @see setsockopt(2) SO_LINGER · RFC 9293 §3.10.5
   */
  reset(): void {
    this.#stream.reset();
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
   * @throws {TypeError} an operation waits, bytes have been read ahead or are held back, or there is no socket but a Duplex
   */
  detach(): Socket {
    if (this.#stream instanceof SocketStream) return this.#stream.detach();
    throw new TypeError('detach: this connection stands on a Duplex and has no socket to give');
  }

  /**
   * Makes a Duplex of Node of this connection, for what takes one: `tls.connect({ socket })`, `server.emit('connection', …)`
   * of `node:http` and `node:tls`, `pipeline`. It takes the connection over and closes it.
   *
   * Its ends are independent where `allowHalfOpen`; else, as with `net.Socket`, the end of receiving ends sending.
   *
   * @throws {TypeError} an operation waits
   */
  toDuplex(options?: DuplexOptions): ConnectionDuplex {
    return new ConnectionDuplex(this, options);
  }

  /**
   * Makes a pair of web streams of this connection, which take it over. Cancelling `readable` ends receiving, closing
   * `writable` ends sending, aborting it resets; when both have ended the connection is closed.
   */
  toWebStreams(): WebStreams {
    return webStreams(this);
  }

  /** Receives what has arrived into fresh memory of just that size; empty at the end. For the streams here. @internal */
  recvSome(options?: WaitOptions): Operation<Uint8Array> {
    return new RecvSomeOperation(this.#stream, options);
  }

  /** The socket below, where there is one. For the streams here. @internal */
  get socket(): Socket | undefined {
    return this.#stream.socket;
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
