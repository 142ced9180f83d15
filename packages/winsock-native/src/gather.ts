/**
 * Several pieces of memory in one call, names and control bytes beside them, under C's names: sendmsg(2), recvmsg(2), and
 * Winsock's WSASend, WSARecv, WSASendTo, WSARecvFrom, which are the same with other arguments. socketpair(2).
 *
 * Nothing is copied: the kernel reads and writes the views' own memory.
 */
import {
  addressOf,
  bufferOf,
  checkInt,
  checkInt32Bits,
  checkSocket,
  checkUint32,
  closeAddress,
  closeInOut,
  type InOut,
  openInOut,
  refuse,
  type SockaddrArgument,
} from './arguments.js';
import type { SOCKET } from './handle.js';
import { native } from './native.js';
import { WSAEMSGSIZE, WSAEOPNOTSUPP } from './wsa-codes.js';

/** One piece of memory: C's `struct iovec`. */
export interface iovec {
  iov_base: ArrayBufferView | null;
  /** Bytes, as in C; beyond the view: 10014. */
  iov_len: number;
}

/** A message: C's `struct msghdr`. */
export interface msghdr {
  /** Where it goes, or room for where it came from; `null`: none. */
  msg_name: SockaddrArgument | null;
  /** In: the length, or the room; out of recvmsg: the name's true length. */
  msg_namelen: number;
  msg_iov: readonly iovec[];
  /** How many of `msg_iov`; at most 1024, beyond: 10040. */
  msg_iovlen: number;
  /** Control bytes: `packControl()` lays them out, `controlMessages()` reads them; `null`: none. */
  msg_control: ArrayBufferView | null;
  /** In: how many, or the room; out of recvmsg: how many were written. */
  msg_controllen: number;
  /** Out of recvmsg: MSG_TRUNC, MSG_CTRUNC … OR-ed. */
  msg_flags: number;
}

/** One piece of memory: Winsock's WSABUF. */
export class WSABUF {
  /** Bytes, as in C; beyond the view: 10014. */
  len: number;
  buf: ArrayBufferView | null;

  constructor(len = 0, buf: ArrayBufferView | null = null) {
    this.len = len;
    this.buf = buf;
  }
}

/** Views and lengths, as the addon takes them: those of name and control bytes come last. */
interface Pieces {
  readonly views: ArrayBufferView[];
  readonly lengths: Float64Array;
}

/**
 * Sends one message, gathered from several pieces.
 *
 * A blocking stream waits until everything is taken, as `send`. Never raises SIGPIPE. Descriptors in the control bytes
 * (SCM_RIGHTS, over a Unix socket) stay open here; the receiver has duplicates.
 *
 * @returns bytes sent, or SOCKET_ERROR as `send` and `sendto`; 10045: control bytes on Windows, which sends none
 * @see sendmsg(2) · winsock2 WSASendMsg
 */
export function sendmsg(s: SOCKET, msg: Readonly<msghdr>, flags: number): number {
  checkSocket('sendmsg', s);
  const { views, lengths } = piecesOf('sendmsg', msg);
  checkInt32Bits('sendmsg', 'flags', flags);
  const name = addressOf('sendmsg', 'msg_name', msg.msg_name);
  const control = controlOf('sendmsg', msg.msg_control);
  return native.sendmsg(s, name, views, lengths, control, flags | 0);
}

/**
 * Receives one message, scattered over several pieces, the first filled first.
 *
 * Writes `msg_namelen`, `msg_controllen` and `msg_flags` back. A datagram larger than the room: its first part is delivered,
 * `msg_flags` has MSG_TRUNC, and the call fails with 10040. Descriptors that come with it (SCM_RIGHTS) close on exec;
 * sockets among them belong to this thread from then on and are closed by `closesocket`, others by `fs.closeSync`. Those that the
 * control bytes have no room for are closed by the kernel, and `msg_flags` has MSG_CTRUNC.
 *
 * @returns bytes received, 0 at the end of a stream, or SOCKET_ERROR as `recv` and `recvfrom`
 * @see recvmsg(2) · winsock2 WSARecvMsg
 */
export function recvmsg(s: SOCKET, msg: msghdr, flags: number): number {
  checkSocket('recvmsg', s);
  const { views, lengths } = piecesOf('recvmsg', msg);
  checkInt32Bits('recvmsg', 'flags', flags);
  const name = addressOf('recvmsg', 'msg_name', msg.msg_name);
  const control = controlOf('recvmsg', msg.msg_control);
  const out = new Int32Array(3);
  const received = native.recvmsg(s, name, views, lengths, control, flags | 0, out);
  if (received >= 0 || native.lastError() === WSAEMSGSIZE) {
    const length = { value: 0 };
    closeAddress(msg.msg_name, length, out);
    msg.msg_namelen = length.value;
    msg.msg_controllen = out[1] ?? 0;
    msg.msg_flags = out[2] ?? 0;
  }
  return received;
}

/**
 * Makes two sockets that are connected to each other.
 *
 * @param af - AF_UNIX
 * @param sv - gets the two sockets
 * @returns 0, or SOCKET_ERROR: 10045 on Windows, which has no such call
 * @see socketpair(2)
 */
export function socketpair(af: number, type: number, protocol: number, sv: SOCKET[]): number {
  checkInt('socketpair', 'af', af);
  checkInt('socketpair', 'type', type);
  checkInt('socketpair', 'protocol', protocol);
  if (!Array.isArray(sv)) refuse('socketpair', 'sv', 'an array', sv);
  const out = new Int32Array(2);
  const result = native.socketpair(af, type, protocol, out);
  if (result === 0) {
    // SAFETY: the addon has just opened them.
    for (let end = 0; end < 2; end += 1) sv[end] = out[end] as SOCKET;
  }
  return result;
}

/**
 * Sends what several buffers hold.
 *
 * @param lpBuffers - the first `dwBufferCount` of them
 * @param lpNumberOfBytesSent - gets the count; `null`: not wanted
 * @param lpOverlapped - `null`: there is no overlapped I/O here; other than that 10045
 * @returns 0, or SOCKET_ERROR as `send`
 * @see winsock2 WSASend
 */
export function WSASend(
  s: SOCKET,
  lpBuffers: readonly WSABUF[],
  dwBufferCount: number,
  lpNumberOfBytesSent: InOut | null,
  dwFlags: number,
  lpOverlapped: null,
  lpCompletionRoutine: null,
): number {
  return sendBuffers('WSASend', s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags, {
    name: null,
    length: 0,
    isOverlapped: lpOverlapped !== null || lpCompletionRoutine !== null,
  });
}

/**
 * Sends one datagram, gathered from several buffers, to an address.
 *
 * @param lpTo - `null` on a connected socket
 * @returns 0, or SOCKET_ERROR as `sendto`
 * @see winsock2 WSASendTo
 */
export function WSASendTo(
  s: SOCKET,
  lpBuffers: readonly WSABUF[],
  dwBufferCount: number,
  lpNumberOfBytesSent: InOut | null,
  dwFlags: number,
  lpTo: SockaddrArgument | null,
  iTolen: number,
  lpOverlapped: null,
  lpCompletionRoutine: null,
): number {
  checkInt('WSASendTo', 'iTolen', iTolen);
  return sendBuffers('WSASendTo', s, lpBuffers, dwBufferCount, lpNumberOfBytesSent, dwFlags, {
    name: addressOf('WSASendTo', 'lpTo', lpTo),
    length: iTolen,
    isOverlapped: lpOverlapped !== null || lpCompletionRoutine !== null,
  });
}

/**
 * Receives into several buffers, the first filled first.
 *
 * @param lpNumberOfBytesRecvd - gets the count, 0 at the end of the stream; `null`: not wanted
 * @param lpFlags - in: MSG_PEEK …; out: what `msg_flags` says
 * @param lpOverlapped - `null`: there is no overlapped I/O here; other than that 10045
 * @returns 0, or SOCKET_ERROR as `recv`
 * @see winsock2 WSARecv
 */
export function WSARecv(
  s: SOCKET,
  lpBuffers: readonly WSABUF[],
  dwBufferCount: number,
  lpNumberOfBytesRecvd: InOut | null,
  lpFlags: InOut,
  lpOverlapped: null,
  lpCompletionRoutine: null,
): number {
  return recvBuffers('WSARecv', s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags, {
    name: null,
    length: null,
    isOverlapped: lpOverlapped !== null || lpCompletionRoutine !== null,
  });
}

/**
 * Receives one datagram into several buffers, and the address that it came from.
 *
 * @param lpFromlen - in: the room in `lpFrom`; out: the address's true length
 * @returns 0, or SOCKET_ERROR as `recvfrom`
 * @see winsock2 WSARecvFrom
 */
export function WSARecvFrom(
  s: SOCKET,
  lpBuffers: readonly WSABUF[],
  dwBufferCount: number,
  lpNumberOfBytesRecvd: InOut | null,
  lpFlags: InOut,
  lpFrom: SockaddrArgument | null,
  lpFromlen: InOut | null,
  lpOverlapped: null,
  lpCompletionRoutine: null,
): number {
  return recvBuffers('WSARecvFrom', s, lpBuffers, dwBufferCount, lpNumberOfBytesRecvd, lpFlags, {
    name: lpFrom,
    length: lpFromlen,
    isOverlapped: lpOverlapped !== null || lpCompletionRoutine !== null,
  });
}

function sendBuffers(
  fn: string,
  s: SOCKET,
  buffers: readonly WSABUF[],
  count: number,
  sent: InOut | null,
  flags: number,
  to: { name: ArrayBufferView | null; length: number; isOverlapped: boolean },
): number {
  checkSocket(fn, s);
  const { views, lengths } = piecesFrom(fn, buffers, count);
  lengths[views.length] = to.length;
  if (sent !== null) openInOut(fn, 'lpNumberOfBytesSent', sent);
  checkInt32Bits(fn, 'dwFlags', flags);
  if (to.isOverlapped) return notOverlapped();
  const result = native.sendmsg(s, to.name, views, lengths, null, flags | 0);
  if (result < 0) return result;
  if (sent !== null) sent.value = result;
  return 0;
}

function recvBuffers(
  fn: string,
  s: SOCKET,
  buffers: readonly WSABUF[],
  count: number,
  received: InOut | null,
  flags: InOut,
  from: { name: SockaddrArgument | null; length: InOut | null; isOverlapped: boolean },
): number {
  checkSocket(fn, s);
  const { views, lengths } = piecesFrom(fn, buffers, count);
  if (received !== null) openInOut(fn, 'lpNumberOfBytesRecvd', received);
  const flagsIn = openInOut(fn, 'lpFlags', flags);
  const name = addressOf(fn, 'lpFrom', from.name);
  lengths[views.length] = openInOut(fn, 'lpFromlen', from.length)[0] ?? 0;
  if (from.isOverlapped) return notOverlapped();
  const out = new Int32Array(3);
  const result = native.recvmsg(s, name, views, lengths, null, flagsIn[0] ?? 0, out);
  if (result < 0 && native.lastError() !== WSAEMSGSIZE) return result;
  if (from.name !== null) closeAddress(from.name, from.length, out);
  closeInOut(flags, out.subarray(2));
  if (result < 0) return result;
  if (received !== null) received.value = result;
  return 0;
}

function notOverlapped(): number {
  native.setLastError(WSAEOPNOTSUPP);
  return -1;
}

function piecesOf(fn: string, msg: Readonly<msghdr>): Pieces {
  if (typeof msg !== 'object' || msg === null) refuse(fn, 'msg', 'a msghdr', msg);
  const { msg_iov, msg_iovlen } = msg;
  if (!Array.isArray(msg_iov)) refuse(fn, 'msg_iov', 'an array of iovec', msg_iov);
  checkUint32(fn, 'msg_iovlen', msg_iovlen);
  checkInt(fn, 'msg_namelen', msg.msg_namelen);
  checkInt(fn, 'msg_controllen', msg.msg_controllen);
  const found = collect(fn, 'msg_iov', msg_iov, msg_iovlen, 'iov_base', 'iov_len');
  found.lengths.set([msg.msg_namelen, msg.msg_controllen], found.views.length);
  return found;
}

function piecesFrom(fn: string, buffers: readonly WSABUF[], count: number): Pieces {
  if (!Array.isArray(buffers)) refuse(fn, 'lpBuffers', 'an array of WSABUF', buffers);
  checkUint32(fn, 'dwBufferCount', count);
  return collect(fn, 'lpBuffers', buffers, count, 'buf', 'len');
}

/** The first `count` elements; one that is missing is C's memory beyond the array: no room, so that its length is a fault. */
function collect<P extends string, L extends string>(
  fn: string,
  list: string,
  elements: readonly (Readonly<Record<P, unknown>> & Readonly<Record<L, unknown>>)[],
  count: number,
  memory: P,
  length: L,
): Pieces {
  if (count > elements.length) {
    throw new RangeError(`${fn}: ${list} has ${elements.length} elements: got a count of ${count}`);
  }
  const views: ArrayBufferView[] = [];
  const lengths = new Float64Array(count + 2);
  for (let at = 0; at < count; at += 1) {
    const element = elements[at];
    if (typeof element !== 'object' || element === null) {
      return refuse(fn, `${list}[${at}]`, `{ ${memory}, ${length} }`, element);
    }
    views.push(bufferOf(fn, `${list}[${at}].${memory}`, element[memory]));
    const bytes: unknown = element[length];
    checkUint32(fn, `${list}[${at}].${length}`, bytes);
    lengths[at] = bytes;
  }
  return { views, lengths };
}

function controlOf(fn: string, control: unknown): ArrayBufferView | null {
  return control === null ? null : bufferOf(fn, 'msg_control', control);
}
