/**
 * Waiting for several sockets at once, under C's names: winsock2 select and WSAPoll.
 *
 * Both block the calling thread, as in C. What waits beside an event loop is in `reactor.ts`.
 */
import { checkInt, checkInt16Bits, checkSocket, checkUint32, refuse, show } from './arguments.js';
import type { SOCKET } from './handle.js';
import { native } from './native.js';

/** The binding's word for "without end". */
const FOR_EVER_MS = -1;

/** What a negative timeval becomes: neither a time nor "for ever", so the call fails with 10022. */
const IMPOSSIBLE_MS = -2;

/** C's `timeval`: a span of time in seconds and microseconds. */
export interface timeval {
  tv_sec: number;
  tv_usec: number;
}

/**
 * A set of sockets, in Winsock's sense: handles, not a bit field, so a number may be as large as it likes.
 *
 * There is no limit to its size (C's is FD_SETSIZE, 64).
 */
export class fd_set {
  /** The sockets in the order they were added; C's `fd_array`, whose length is `fd_count`. */
  readonly fd_array: SOCKET[] = [];

  get fd_count(): number {
    return this.fd_array.length;
  }
}

/** Adds a socket; one that is there already stays once. */
export function FD_SET(fd: SOCKET, set: fd_set): void {
  checkSocket('FD_SET', fd);
  checkSet('FD_SET', set);
  if (!set.fd_array.includes(fd)) set.fd_array.push(fd);
}

/** Takes a socket out, if it is there. */
export function FD_CLR(fd: SOCKET, set: fd_set): void {
  checkSocket('FD_CLR', fd);
  checkSet('FD_CLR', set);
  const at = set.fd_array.indexOf(fd);
  if (at >= 0) set.fd_array.splice(at, 1);
}

/** Tells whether a socket is in the set: not 0 if so. */
export function FD_ISSET(fd: SOCKET, set: fd_set): number {
  checkSocket('FD_ISSET', fd);
  checkSet('FD_ISSET', set);
  return set.fd_array.includes(fd) ? 1 : 0;
}

/** Empties the set. */
export function FD_ZERO(set: fd_set): void {
  checkSet('FD_ZERO', set);
  set.fd_array.length = 0;
}

/**
 * Waits until a socket of one of the sets is ready, and leaves in the sets those that are.
 *
 * A refused connect shows in `exceptfds`.
 *
 * @param _nfds - ignored, as in Winsock
 * @param timeout - `null`: without end; zero: only looks
 * @returns how many sockets are ready, 0 when the time has passed, or SOCKET_ERROR: 10022 when all sets are empty or the time
 *   is negative, 10038 one is no socket
 * @see winsock2 select · select(2)
 *
 * @example
 * ```ts
 * import { AF_INET, SockaddrIn, sizeof } from '@netloom/sockaddr';
 * import {
 *   bind,
 *   closesocket,
 *   FD_ISSET,
 *   FD_SET,
 *   fd_set,
 *   MAKEWORD,
 *   recvfrom,
 *   SOCK_DGRAM,
 *   select,
 *   sendto,
 *   socket,
 *   getsockname,
 *   WSACleanup,
 *   WSADATA,
 *   WSAStartup,
 * } from '@netloom/winsock-native';
 *
 * WSAStartup(MAKEWORD(2, 2), new WSADATA());
 * const sock = socket(AF_INET, SOCK_DGRAM, 0);
 * const address = SockaddrIn.from({ address: '127.0.0.1', port: 0 });
 * bind(sock, address, sizeof(address));
 * getsockname(sock, address, { value: sizeof(address) });
 *
 * const readable = new fd_set();
 * FD_SET(sock, readable);
 * console.log(select(0, readable, null, null, { tv_sec: 0, tv_usec: 0 })); // nothing yet
 *
 * sendto(sock, new Uint8Array(3), 3, 0, address, sizeof(address)); // to itself
 * FD_SET(sock, readable);
 * console.log(select(0, readable, null, null, null), FD_ISSET(sock, readable));
 * console.log(recvfrom(sock, new Uint8Array(16), 16, 0, null, null));
 * closesocket(sock);
 * WSACleanup();
 * ```
 *
 * ```text
 * 0
 * 1 1
 * 3
 * ```
 */
export function select(
  _nfds: number,
  readfds: fd_set | null,
  writefds: fd_set | null,
  exceptfds: fd_set | null,
  timeout: Readonly<timeval> | null,
): number {
  checkInt('select', 'nfds', _nfds);
  const read = handlesOf('readfds', readfds);
  const write = handlesOf('writefds', writefds);
  const except = handlesOf('exceptfds', exceptfds);
  const ready = native.select(read, write, except, milliseconds(timeout));
  if (ready < 0) return ready;
  const given = [
    { set: readfds, handles: read },
    { set: writefds, handles: write },
    { set: exceptfds, handles: except },
  ];
  return keepReady(given);
}

/** One socket to wait for, and what for; C's `WSAPOLLFD` (`struct pollfd`). */
export interface WSAPOLLFD {
  /** A negative one is skipped: its `revents` is 0. */
  fd: number;
  /** What to wait for: POLLIN, POLLOUT … OR-ed; 16 bits. */
  events: number;
  /** Written by the call: what there is, POLLERR, POLLHUP and POLLNVAL included. */
  revents: number;
}

/**
 * Waits until one of several sockets has what was asked for.
 *
 * @param fds - of the first `nfds`, `revents` is written; what lies beyond is not looked at
 * @param nfds - how many count; more than there are: 10014
 * @param timeout - milliseconds; negative: without end; 0: only looks
 * @returns how many have `revents`, 0 when the time has passed, or SOCKET_ERROR
 * @see winsock2 WSAPoll · poll(2)
 */
export function WSAPoll(fds: readonly WSAPOLLFD[] | null, nfds: number, timeout: number): number {
  if (fds !== null && !Array.isArray(fds)) {
    refuse('WSAPoll', 'fds', 'an array of { fd, events, revents }', fds);
  }
  checkUint32('WSAPoll', 'nfds', nfds);
  checkInt('WSAPoll', 'timeout', timeout);
  const entries = Array.from(fds?.slice(0, nfds) ?? [], checkEntry);
  const triples = new Float64Array(entries.length * 3);
  for (const [i, { fd, events }] of entries.entries()) {
    triples[3 * i] = fd;
    triples[3 * i + 1] = events;
  }
  const ready = native.poll(triples, nfds, timeout < 0 ? FOR_EVER_MS : timeout);
  if (ready >= 0) {
    for (const [i, entry] of entries.entries()) entry.revents = triples[3 * i + 2] ?? 0;
  }
  return ready;
}

function checkSet(fn: string, set: unknown): asserts set is fd_set {
  if (!(set instanceof fd_set)) refuse(fn, 'set', 'an fd_set', set);
}

/** The binding's form of a set: the count, then the handles. */
function handlesOf(name: string, set: fd_set | null): Float64Array | null {
  if (set === null) return null;
  if (!(set instanceof fd_set)) refuse('select', name, 'an fd_set or null', set);
  const handles = new Float64Array(1 + set.fd_count);
  handles[0] = set.fd_count;
  // As an array of C's it is open to everybody; a hole or a null would become 0, which is a handle.
  for (let i = 0; i < set.fd_count; i++) {
    const fd = set.fd_array[i];
    if (!Number.isSafeInteger(fd)) refuse('select', `${name}.fd_array[${i}]`, 'a SOCKET', fd);
    handles[1 + i] = fd ?? 0;
  }
  return handles;
}

/**
 * Leaves in each set what is ready, and counts that. One set may be given in several places, as in Winsock: it keeps what is
 * ready in any of them, counted once.
 */
function keepReady(given: readonly { set: fd_set | null; handles: Float64Array | null }[]): number {
  const ready = new Map<fd_set, Set<number>>();
  for (const { set, handles } of given) {
    if (set === null || handles === null) continue;
    const inIt = handles.subarray(1, 1 + (handles[0] ?? 0));
    ready.set(set, new Set([...(ready.get(set) ?? []), ...inIt]));
  }
  let count = 0;
  for (const [set, handles] of ready) {
    const kept = [...new Set(set.fd_array)].filter((fd) => handles.has(fd));
    set.fd_array.splice(0, set.fd_array.length, ...kept);
    count += kept.length;
  }
  return count;
}

function milliseconds(timeout: Readonly<timeval> | null): number {
  if (timeout === null) return FOR_EVER_MS;
  if (typeof timeout !== 'object') {
    refuse('select', 'timeout', 'a { tv_sec, tv_usec } or null', timeout);
  }
  const { tv_sec: seconds, tv_usec: microseconds } = timeout;
  for (const [name, value] of [
    ['tv_sec', seconds],
    ['tv_usec', microseconds],
  ] as const) {
    if (typeof value !== 'number') refuse('select', `timeout.${name}`, 'a number', value);
    if (!Number.isSafeInteger(value)) {
      throw new RangeError(`select: timeout.${name} must be an integer: got ${show(value)}`);
    }
  }
  if (seconds < 0 || microseconds < 0) return IMPOSSIBLE_MS;
  return seconds * 1000 + microseconds / 1000;
}

/** A hole in the array is no entry either: it comes as `undefined`. */
function checkEntry(entry: WSAPOLLFD | undefined, i: number): WSAPOLLFD {
  if (typeof entry !== 'object' || entry === null) {
    refuse('WSAPoll', `fds[${i}]`, 'an object { fd, events, revents }', entry);
  }
  if (!Number.isSafeInteger(entry.fd)) refuse('WSAPoll', `fds[${i}].fd`, 'a SOCKET', entry.fd);
  checkInt16Bits('WSAPoll', `fds[${i}].events`, entry.events);
  return entry;
}
