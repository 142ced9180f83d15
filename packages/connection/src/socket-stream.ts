/**
 * A connection's bytes over a socket.
 *
 * Only asks the kernel when it may have something: the watch's hints are kept here as DESIGN's decision 3 states them,
 * so that an exchange costs no call that answers "would block".
 */
import { AF_INET, AF_INET6, type SockaddrLike } from '@netloom/sockaddr';
import {
  SO_LINGER,
  SOL_SOCKET,
  type Socket,
  SocketError,
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
import { type Direction, Stream, type StreamOptions, type Waiter } from './stream.js';

export interface SocketStreamOptions extends StreamOptions {
  readonly watch?: Watch | undefined;
  readonly peer?: SockaddrLike | undefined;
}

/** Files that the kernel cannot send by itself, and systems that cannot send any: they are read. */
const CANNOT_SEND_FILE: ReadonlySet<string> = new Set([
  'EINVAL',
  'ENOSYS',
  'ENOTSUP',
  'EOPNOTSUPP',
]);

export class SocketStream extends Stream {
  readonly socket: Socket;
  #watch: Watch | undefined;
  /** Why the connection is beyond use (Winsock's code), from the first call that was told: the kernel says it once. */
  #failure: number | undefined = undefined;
  readonly #knownPeer: SockaddrLike | undefined;
  #isReadArmed = false;
  #isWriteArmed = false;
  #wakeReader: ((events: number) => void) | undefined = undefined;
  #wakeWriter: ((events: number) => void) | undefined = undefined;

  constructor(socket: Socket, options: SocketStreamOptions) {
    super(options);
    this.socket = socket;
    this.#watch = options.watch;
    this.#knownPeer = options.peer;
  }

  override get peer(): SockaddrLike | undefined {
    return this.#knownPeer ?? this.socket.peerAddress;
  }

  override get local(): SockaddrLike {
    return this.socket.localAddress;
  }

  override receive(into: Uint8Array): number {
    if (this.hasEnded) return 0;
    const watched = this.#watched();
    if (!watched.readable && this.#failure === undefined) return WOULD_BLOCK;
    const count = this.#tryReceive(into);
    if (count > 0) {
      this.noteReceived(count);
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

  override send(from: Uint8Array): number {
    if (this.#watch !== undefined && !this.#watch.writable) return WOULD_BLOCK;
    let count: number;
    try {
      count = this.socket.trySend(from);
    } catch (error) {
      throw this.#remember(error);
    }
    // Less than asked for: the buffer is full, and asking again would only be told so.
    if (count < from.length) this.#watched().writable = false;
    return this.#sent(count);
  }

  override sendParts(parts: readonly Uint8Array[]): number {
    if (this.#watch !== undefined && !this.#watch.writable) return WOULD_BLOCK;
    let count: number;
    try {
      count = this.socket.trySendParts(parts);
    } catch (error) {
      throw this.#remember(error);
    }
    // The call takes a limited number of pieces, so that a short count need not mean a full buffer.
    if (count === WOULD_BLOCK) this.#watched().writable = false;
    return this.#sent(count);
  }

  override sendFile(file: number, offset: number, length: number): number {
    if (this.#watch !== undefined && !this.#watch.writable) return WOULD_BLOCK;
    try {
      const count = this.socket.trySendFile(file, offset, length);
      // A short count may also be the end of the file: only a refusal says that the buffer is full.
      if (count === WOULD_BLOCK) this.#watched().writable = false;
      return this.#sent(count);
    } catch (error) {
      if (!(error instanceof SocketError && CANNOT_SEND_FILE.has(error.code))) {
        throw this.#remember(error);
      }
      return super.sendFile(file, offset, length);
    }
  }

  #sent(count: number): number {
    if (count > 0) this.noteSent(count);
    return count;
  }

  override arm(direction: Direction): void {
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

  override disarm(direction: Direction): void {
    if (direction === 'read') {
      if (this.#isReadArmed && this.#watch?.cancel('read') === true) this.#isReadArmed = false;
      return;
    }
    if (this.#isWriteArmed && this.#watch?.cancel('write') === true) this.#isWriteArmed = false;
  }

  override doubt(direction: Direction): void {
    const watched = this.#watched();
    if (direction === 'read') watched.readable = true;
    else watched.writable = true;
  }

  protected override shut(how: 'receive' | 'send' | 'both'): void {
    this.socket.shutdown(how);
    // Whoever waits in that direction is woken by the kernel, as by every change of state. Linux would then go on
    // delivering bytes, Windows would not: `hasEnded` makes it the end, on every system.
    if (how !== 'send' && process.platform === 'win32') this.#wakeReaderOurselves();
  }

  /** WINDOWS: a shutdown of one's own receiving is no news there. */
  #wakeReaderOurselves(): void {
    const wake = this.#wakeReader;
    if (wake === undefined || this.#watch?.cancel('read') !== true) return;
    queueMicrotask(() => wake(EVENT_HANGUP));
  }

  protected override release(): void {
    if (this.#watch === undefined) this.socket.close();
    else this.#watch.closeWithSocket();
  }

  protected override prepareReset(): void {
    try {
      this.socket.setOption(SOL_SOCKET, SO_LINGER, { l_onoff: 1, l_linger: 0 });
    } catch (error) {
      // MACOS: EINVAL when the peer has reset it already (setsockopt(2)); closing is then all there is to do.
      if (!(error instanceof SocketError)) throw error;
    }
  }

  detach(): Socket {
    this.letGo();
    this.#watch?.close();
    return this.socket;
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
