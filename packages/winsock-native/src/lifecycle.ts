/**
 * From `socket` to `closesocket`, under C's names: socket(2) bind(2) listen(2) accept(2) connect(2) shutdown(2) close(2).
 *
 * Each function answers as in C: SOCKET_ERROR or INVALID_SOCKET, then `WSAGetLastError()`. Before `WSAStartup` all of them
 * fail with 10093; a number that is no open socket gives 10038.
 */
import {
  addressOf,
  checkInt,
  checkSocket,
  closeAddress,
  type InOut,
  NO_MEMORY,
  openInOut,
  type SockaddrArgument,
} from './arguments.js';
import type { SOCKET } from './handle.js';
import { native } from './native.js';

/**
 * Makes a socket, blocking and close-on-exec.
 *
 * @param af - `AF_INET`, `AF_INET6`, `AF_UNIX` …
 * @param type - `SOCK_STREAM`, `SOCK_DGRAM` …
 * @param protocol - 0 lets family and type decide
 * @returns the socket, or INVALID_SOCKET: 10047 family, 10043 protocol, 10044 type, 10024 no descriptors left
 * @see socket(2) · winsock2 socket
 */
export function socket(af: number, type: number, protocol: number): SOCKET {
  checkInt('socket', 'af', af);
  checkInt('socket', 'type', type);
  checkInt('socket', 'protocol', protocol);
  return asSocket(native.socket(af, type, protocol));
}

/**
 * Gives a socket its own address.
 *
 * @param namelen - `sizeof(name)`; too small for the family: 10014
 * @returns 0, or SOCKET_ERROR: 10048 in use, 10049 not an address of this machine, 10013 not allowed, 10022 bound already
 * @see bind(2) · winsock2 bind
 */
export function bind(s: SOCKET, name: SockaddrArgument | null, namelen: number): number {
  checkSocket('bind', s);
  const bytes = addressOf('bind', 'name', name);
  checkInt('bind', 'namelen', namelen);
  return native.bind(s, bytes ?? NO_MEMORY, namelen);
}

/**
 * Makes a bound socket passive.
 *
 * @param backlog - how many finished connections may wait; a hint. Linux holds one more, and caps it at net.core.somaxconn
 * @returns 0, or SOCKET_ERROR: 10022 connected, 10045 no stream
 * @see listen(2) · winsock2 listen
 */
export function listen(s: SOCKET, backlog: number): number {
  checkSocket('listen', s);
  checkInt('listen', 'backlog', backlog);
  return native.listen(s, backlog);
}

/**
 * Takes the first finished connection, waiting for one if the socket blocks.
 *
 * The new socket starts blocking on every system. With an `addrlen` too small for the listener's family the call fails with
 * 10014 and the connection is still there for the next call, as in Winsock; Linux would cut the address off.
 *
 * @param addr - is filled with the peer's address; `null`: not wanted, and `addrlen` is ignored
 * @param addrlen - in: the room in `addr`; out: the address's true length
 * @returns the new socket, or INVALID_SOCKET: 10035 would block, 10022 does not listen, 10004 closed meanwhile
 * @see accept(2) · winsock2 accept
 */
export function accept(s: SOCKET, addr: SockaddrArgument | null, addrlen: InOut | null): SOCKET {
  checkSocket('accept', s);
  const bytes = addressOf('accept', 'addr', addr);
  const length = openInOut('accept', 'addrlen', addrlen);
  const accepted = native.accept(s, bytes, length);
  if (accepted >= 0 && addr !== null) closeAddress(addr, addrlen, length);
  return asSocket(accepted);
}

/**
 * Connects to a server, waiting for the outcome if the socket blocks.
 *
 * @returns 0, or SOCKET_ERROR: 10035 begun on a non-blocking socket, 10061 refused, 10060 no answer, 10056 connected already
 * @see connect(2) · winsock2 connect
 */
export function connect(s: SOCKET, name: SockaddrArgument | null, namelen: number): number {
  checkSocket('connect', s);
  const bytes = addressOf('connect', 'name', name);
  checkInt('connect', 'namelen', namelen);
  return native.connect(s, bytes ?? NO_MEMORY, namelen);
}

/**
 * Ends one or both directions of a connection; the handle stays open.
 *
 * @param how - SD_RECEIVE, SD_SEND or SD_BOTH
 * @returns 0, or SOCKET_ERROR: 10057 not connected, 10022 `how` is something else
 * @see shutdown(2) · winsock2 shutdown
 */
export function shutdown(s: SOCKET, how: number): number {
  checkSocket('shutdown', s);
  checkInt('shutdown', 'how', how);
  return native.shutdown(s, how);
}

/**
 * Closes a socket. Calls that wait on it in any thread end with 10004; the number is free when the last of them has left.
 *
 * @returns 0, or SOCKET_ERROR: 10038
 * @see close(2) · winsock2 closesocket
 */
export function closesocket(s: SOCKET): number {
  checkSocket('closesocket', s);
  return native.closesocket(s);
}

/** Hands the addon's answer on. @internal */
function asSocket(handle: number): SOCKET {
  // SAFETY: the addon returns a handle that it has just opened, or -1, which is INVALID_SOCKET.
  return handle as SOCKET;
}
