/**
 * The listening socket: made, bound, asked for the next connection; and what a failed `accept` means.
 *
 * Linux passes on errors that were already pending on the new connection (accept(2), "Error handling"): they are that
 * connection's fault. Others say that this process or machine has run out of something, which passes. The rest is the end.
 */
import {
  AF_INET,
  AF_INET6,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  SockaddrIn,
  SockaddrIn6,
} from '@netloom/sockaddr';
import {
  IPV6_V6ONLY,
  SO_EXCLUSIVEADDRUSE,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  SocketError,
  type WOULD_BLOCK,
} from '@netloom/winsock-native';
import { type Watch, watch } from '@netloom/winsock-native/reactor';
import type { AcceptSource } from './accept-loop.js';

/** One connection's fault: go on with the next. Out of something: pause. The listening socket is gone: end. */
export type AcceptVerdict = 'go-on' | 'pause' | 'end';

/** accept(2) lists them as to be treated like EAGAIN, by retrying; ECONNRESET is Winsock's for a peer that has left. */
const FAULT_OF_ONE_CONNECTION: ReadonlySet<unknown> = new Set([
  'ECONNABORTED',
  'ECONNRESET',
  'EPROTO',
  'EINTR',
  'EPERM',
  'ENETDOWN',
  'ENOPROTOOPT',
  'EHOSTDOWN',
  'ENONET',
  'EHOSTUNREACH',
  'EOPNOTSUPP',
  'ENETUNREACH',
  'ETIMEDOUT',
]);

const LISTENER_IS_GONE: ReadonlySet<unknown> = new Set(['EBADF', 'EINVAL', 'ENOTSOCK']);

/**
 * Says what an error of `accept` means for the loop.
 *
 * Besides EMFILE, ENFILE, ENOBUFS and ENOMEM everything unknown is a reason to pause: going on might spin, and ending
 * would turn a server off for something that may pass.
 *
 * @see accept(2) · winsock2 accept
 */
export function judgeAcceptError(error: unknown): AcceptVerdict {
  const code = error instanceof SocketError ? error.code : undefined;
  if (FAULT_OF_ONE_CONNECTION.has(code)) return 'go-on';
  if (LISTENER_IS_GONE.has(code)) return 'end';
  return 'pause';
}

/** Where a TCP server listens. */
export type TcpAddress = SockaddrIn | SockaddrIn6;

export interface ListenerOptions {
  readonly address: TcpAddress;
  readonly reusePort: boolean;
  readonly ipv6Only: boolean;
}

/** A listening socket on this thread's reactor. Bound first: a port that is taken should show before threads start. */
export class Listener implements AcceptSource {
  readonly #socket: Socket;
  #watch: Watch | undefined;
  /** Where it listens, the port filled in by the system. Remains readable after closing. */
  readonly address: TcpAddress;

  /** @throws {SocketError} what `bind` says: EADDRINUSE, EACCES, EADDRNOTAVAIL */
  constructor(options: ListenerOptions) {
    const family = options.address instanceof SockaddrIn6 ? AF_INET6 : AF_INET;
    const socket = Socket.create(family, SOCK_STREAM, IPPROTO_TCP);
    try {
      setOptions(socket, options);
      socket.bind(options.address);
      // Of this package's own copy of the classes, whichever copy the socket's is.
      const { bytes } = socket.localAddress;
      this.address = family === AF_INET6 ? new SockaddrIn6(bytes) : new SockaddrIn(bytes);
    } catch (error) {
      socket.close();
      throw error;
    }
    this.#socket = socket;
  }

  /** @throws {SocketError} EADDRINUSE: another socket that shares the address listens already */
  listen(backlog: number): void {
    this.#socket.listen(backlog);
    this.#watch = watch(this.#socket);
  }

  tryAccept(): Socket | typeof WOULD_BLOCK {
    return this.#socket.tryAccept();
  }

  whenReadable(wake: () => void): void {
    if (this.#watch === undefined) throw new TypeError('listen() comes before whenReadable()');
    // The loop comes here only after WOULD_BLOCK: edge-triggered, the next newcomer will be news.
    this.#watch.readable = false;
    this.#watch.wait('read', wake);
  }

  stopWaiting(): void {
    this.#watch?.cancel('read');
  }

  close(): void {
    this.#watch?.close();
    this.#watch = undefined;
    this.#socket.close();
  }
}

function setOptions(socket: Socket, options: ListenerOptions): void {
  if (process.platform === 'win32') {
    // WINDOWS: SO_REUSEADDR would let any other program take the port over; this forbids it, as on other systems.
    if (SO_EXCLUSIVEADDRUSE !== undefined) socket.setOption(SOL_SOCKET, SO_EXCLUSIVEADDRUSE, true);
  } else {
    // A restarted server binds although old connections are in TIME_WAIT: what Node does, and every server needs.
    socket.setOption(SOL_SOCKET, SO_REUSEADDR, true);
  }
  if (options.reusePort && SO_REUSEPORT !== undefined) {
    socket.setOption(SOL_SOCKET, SO_REUSEPORT, true);
  }
  if (options.address instanceof SockaddrIn6) {
    socket.setOption(IPPROTO_IPV6, IPV6_V6ONLY, options.ipv6Only);
  }
}
