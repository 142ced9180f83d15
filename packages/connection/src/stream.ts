/**
 * What the operations of one connection share: the socket, its watch, one waiter per direction, the bytes read ahead.
 *
 * Only asks the kernel when it may have something: the watch's hints are kept here as DESIGN's decision 3 states them,
 * so that an exchange costs no call that answers "would block". Knows no frames and no promises; never loops.
 */
import { AF_INET, AF_INET6, type SockaddrLike } from '@netloom/sockaddr';
import {
  type Socket,
  SocketError,
  type SocketErrorCode,
  WOULD_BLOCK,
  WSAECONNABORTED,
  WSAECONNRESET,
  WSAEHOSTUNREACH,
  WSAENETDOWN,
  WSAENETRESET,
  WSAENETUNREACH,
  WSAETIMEDOUT,
} from '@netloom/winsock-native';
import { EVENT_CLOSED, EVENT_HANGUP, type Watch, watch } from '@netloom/winsock-native/reactor';
import { NO_TIMEOUT } from './deadline.js';
import { ByteQueue } from './framing/byte-queue.js';

export type Direction = 'read' | 'write';

/** An operation that waits for its direction. */
export interface Waiter {
  /** The kernel may have something: go on. */
  resume(): void;
  /** The connection ends under it. */
  abandon(error: SocketError): void;
  /** The call to name in errors. */
  readonly syscall: string;
}

export interface StreamOptions {
  readonly watch?: Watch | undefined;
  readonly peer?: SockaddrLike | undefined;
  readonly receiveTimeoutMs?: number | undefined;
  readonly sendTimeoutMs?: number | undefined;
}

/** Room for one read on behalf of a frame reader; shared by the thread, see ByteQueue. */
const SCRATCH_BYTES = 65_536;
let scratch: Uint8Array | undefined;

/** Memory that belongs to nobody: filled and emptied within one synchronous step. */
export function sharedScratch(): Uint8Array {
  scratch ??= new Uint8Array(SCRATCH_BYTES);
  return scratch;
}

export class Stream {
  readonly socket: Socket;
  reader: Waiter | undefined = undefined;
  writer: Waiter | undefined = undefined;
  readonly receiveTimeoutMs: number;
  readonly sendTimeoutMs: number;
  bytesReceived = 0;
  bytesSent = 0;
  receives = 0;
  sends = 0;
  /** No byte will come any more: FIN was read, or receiving was shut down here. */
  hasEnded = false;

  #state: 'open' | 'closed' | 'detached' = 'open';
  #watch: Watch | undefined;
  #ahead: ByteQueue | undefined = undefined;
  /** Why the connection is beyond use (Winsock's code), from the first call that was told: the kernel says it once. */
  #failure: number | undefined = undefined;
  readonly #knownPeer: SockaddrLike | undefined;
  #isReadArmed = false;
  #isWriteArmed = false;
  #wakeReader: ((events: number) => void) | undefined = undefined;
  #wakeWriter: ((events: number) => void) | undefined = undefined;

  constructor(socket: Socket, options: StreamOptions) {
    this.socket = socket;
    this.#watch = options.watch;
    this.#knownPeer = options.peer;
    this.receiveTimeoutMs = options.receiveTimeoutMs ?? NO_TIMEOUT;
    this.sendTimeoutMs = options.sendTimeoutMs ?? NO_TIMEOUT;
  }

  get state(): 'open' | 'closed' | 'detached' {
    return this.#state;
  }

  get peer(): SockaddrLike | undefined {
    return this.#knownPeer ?? this.socket.peerAddress;
  }

  get bytesAhead(): number {
    return this.#ahead?.length ?? 0;
  }

  /** The bytes read ahead; made when the first frame is read. */
  get ahead(): ByteQueue {
    this.#ahead ??= new ByteQueue();
    return this.#ahead;
  }

  /** Refuses a use after the end, and a second waiter in one direction. */
  assertUsable(direction: Direction, syscall: string): void {
    if (this.#state !== 'open') throw this.#notOpen(syscall);
    const waiting = direction === 'read' ? this.reader : this.writer;
    if (waiting === undefined) return;
    const doing = direction === 'read' ? 'receives from' : 'sends to';
    throw new TypeError(
      `${syscall}: ${waiting.syscall} already ${doing} ${String(this.peer)}, and each direction has one waiter: ` +
        'wait for it, or stop it with its AbortSignal, before starting the next',
    );
  }

  /** What the peer has sent: a count, 0 when no more will come, or WOULD_BLOCK. Read-ahead bytes are the caller's affair. */
  receive(into: Uint8Array): number {
    if (this.hasEnded) return 0;
    const watched = this.#watched();
    if (!watched.readable && this.#failure === undefined) return WOULD_BLOCK;
    const count = this.#tryReceive(into);
    if (count > 0) {
      this.receives += 1;
      this.bytesReceived += count;
      // A short read has emptied the stream, and what comes later is a new event; see #drainsWhenShort.
      if (count < into.length && this.#drainsWhenShort && !watched.hasHangup && !watched.hasUrgent)
        watched.readable = false;
      return count;
    }
    if (this.#failure !== undefined) {
      throw new SocketError({ wsaCode: this.#failure, syscall: 'recv', peer: this.peer });
    }
    if (count === 0) {
      this.hasEnded = true;
      return count;
    }
    // Empty, and so the mark of urgent data is passed.
    watched.readable = false;
    watched.hasUrgent = false;
    return count;
  }

  /** Gives the kernel what it takes: a count, or WOULD_BLOCK. */
  send(from: Uint8Array): number {
    if (this.#watch !== undefined && !this.#watch.writable) return WOULD_BLOCK;
    let count: number;
    try {
      count = this.socket.trySend(from);
    } catch (error) {
      throw this.#remember(error);
    }
    // Less than asked for: the buffer is full, and asking again would only be told so.
    if (count < from.length) this.#watched().writable = false;
    if (count > 0) {
      this.sends += 1;
      this.bytesSent += count;
    }
    return count;
  }

  /** Lets the waiter of this direction be resumed when the kernel has news. */
  arm(direction: Direction): void {
    if (direction === 'read') {
      if (this.#isReadArmed) return;
      this.#isReadArmed = true;
      this.#wakeReader ??= (events) => {
        this.#isReadArmed = false;
        const { reader } = this;
        if ((events & EVENT_CLOSED) === 0) return reader?.resume();
        this.reader = undefined;
        if (reader !== undefined) this.#abandonClosed(reader);
      };
      this.#watched().wait('read', this.#wakeReader);
      return;
    }
    if (this.#isWriteArmed) return;
    this.#isWriteArmed = true;
    this.#wakeWriter ??= (events) => {
      this.#isWriteArmed = false;
      const { writer } = this;
      if ((events & EVENT_CLOSED) === 0) return writer?.resume();
      this.writer = undefined;
      if (writer !== undefined) this.#abandonClosed(writer);
    };
    this.#watched().wait('write', this.#wakeWriter);
  }

  /** Takes arm() back. A wake that is on its way already finds nobody, or the next waiter, who looks again. */
  disarm(direction: Direction): void {
    if (direction === 'read') {
      if (this.#isReadArmed && this.#watch?.cancel('read') === true) this.#isReadArmed = false;
      return;
    }
    if (this.#isWriteArmed && this.#watch?.cancel('write') === true) this.#isWriteArmed = false;
  }

  /** Makes the next attempt in this direction ask the kernel, whatever the hint says. */
  doubt(direction: Direction): void {
    const watched = this.#watched();
    if (direction === 'read') watched.readable = true;
    else watched.writable = true;
  }

  shutdown(how: 'receive' | 'send' | 'both'): void {
    if (this.#state !== 'open') throw this.#notOpen('shutdown');
    this.socket.shutdown(how);
    // Whoever waits in that direction is woken by the kernel, as by every change of state. Linux would then go on
    // delivering bytes, Windows would not: here it is the end, on every system.
    if (how === 'send') return;
    this.hasEnded = true;
    if (process.platform === 'win32') this.#wakeReaderOurselves();
  }

  /** WINDOWS: a shutdown of one's own receiving is no news there. */
  #wakeReaderOurselves(): void {
    const wake = this.#wakeReader;
    if (wake === undefined || this.#watch?.cancel('read') !== true) return;
    queueMicrotask(() => wake(EVENT_HANGUP));
  }

  close(): void {
    if (this.#state !== 'open') return;
    this.#state = 'closed';
    const { reader, writer } = this;
    this.reader = undefined;
    this.writer = undefined;
    if (this.#watch === undefined) this.socket.close();
    else this.#watch.closeWithSocket();
    this.#ahead = undefined;
    // Last: whoever waited may go on at once, and must find it closed.
    if (reader !== undefined) this.#abandonClosed(reader);
    if (writer !== undefined) this.#abandonClosed(writer);
  }

  detach(): Socket {
    if (this.#state !== 'open') throw this.#notOpen('detach');
    const waiting = this.reader ?? this.writer;
    if (waiting !== undefined) {
      throw new TypeError(`detach: ${waiting.syscall} still waits; wait for it or stop it first`);
    }
    if (this.bytesAhead > 0) {
      throw new TypeError(
        `detach: ${this.bytesAhead} bytes have been read ahead and would be lost; take them with recv() first`,
      );
    }
    this.#state = 'detached';
    this.#watch?.close();
    return this.socket;
  }

  /** The error of a call on this connection, with what the code alone does not say. */
  error(code: SocketErrorCode, syscall: string, because: string): SocketError {
    return new SocketError({ code, syscall, peer: this.peer, cause: new Error(because) });
  }

  #notOpen(syscall: string): SocketError {
    return this.error('EBADF', syscall, `the connection is ${this.#state}`);
  }

  #abandonClosed(waiter: Waiter): void {
    const because = 'the socket was closed in this process while this waited';
    waiter.abandon(this.error('EINTR', waiter.syscall, because));
  }

  #tryReceive(into: Uint8Array): number {
    try {
      return this.socket.tryRecv(into);
    } catch (error) {
      throw this.#remember(error);
    }
  }

  /**
   * After a reset the kernel answers the next read with 0, which would pass for an orderly end, and a sender may be the
   * one that was told of the reset: so the first such error stays.
   */
  #remember(error: unknown): unknown {
    if (!(error instanceof SocketError)) return error;
    if (FATAL.has(error.wsaCode)) this.#failure ??= error.wsaCode;
    // A socket that came from another thread as a number does not know whom to name.
    if (error.address !== undefined || this.#knownPeer === undefined) return error;
    const { code, wsaCode, syscall } = error;
    return new SocketError({ code, wsaCode, syscall, peer: this.#knownPeer, cause: error });
  }

  /**
   * Only of TCP is it known that a read stops short where the stream is empty, or at the mark of urgent data, which the
   * watch tells. Unix streams stop at credentials too.
   */
  get #drainsWhenShort(): boolean {
    const { family } = this.socket;
    return family === AF_INET || family === AF_INET6;
  }

  /** Registered when it is first needed: a connection that only sends and closes never is. */
  #watched(): Watch {
    this.#watch ??= watch(this.socket);
    return this.#watch;
  }
}

/** Errors after which no byte comes or goes any more, whatever caused them. */
const FATAL: ReadonlySet<number> = new Set([
  WSAENETDOWN,
  WSAENETUNREACH,
  WSAENETRESET,
  WSAECONNABORTED,
  WSAECONNRESET,
  WSAETIMEDOUT,
  WSAEHOSTUNREACH,
]);
