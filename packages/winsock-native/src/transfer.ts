/**
 * Bytes over a connection, under C's names: send(2) and recv(2).
 *
 * Datagrams with addresses are in `messages.ts`. Nothing is copied: the kernel reads and writes the view's own memory.
 */
import { bufferOf, checkInt, checkInt32Bits, checkSocket } from './arguments.js';
import type { SOCKET } from './handle.js';
import { native } from './native.js';

/**
 * Sends bytes; may take fewer than asked.
 *
 * Never raises SIGPIPE. A blocking socket waits until everything is taken, `SO_SNDTIMEO` passes or the socket is closed, and
 * then returns what was taken so far.
 *
 * @param buf - bytes from its first on; `null` only with `len` 0
 * @param len - bytes, as in C; beyond the view: 10014, nothing is sent
 * @param flags - 0, or MSG_DONTROUTE, MSG_OOB … OR-ed
 * @returns bytes taken, or SOCKET_ERROR: 10035 would block, 10054 reset, 10058 after `shutdown`, 10057 never connected
 * @see send(2) · winsock2 send
 */
export function send(s: SOCKET, buf: ArrayBufferView | null, len: number, flags: number): number {
  checkSocket('send', s);
  const bytes = bufferOf('send', 'buf', buf);
  checkInt('send', 'len', len);
  checkInt32Bits('send', 'flags', flags);
  return native.send(s, bytes, len, flags | 0);
}

/**
 * Receives what has arrived, waiting for something if the socket blocks.
 *
 * @param buf - is written from its first byte on; `null` only with `len` 0
 * @param len - room in bytes, as in C; beyond the view: 10014, nothing is taken
 * @param flags - 0, or MSG_PEEK, MSG_OOB, MSG_WAITALL … OR-ed
 * @returns bytes received, 0 when the peer has ended sending, or SOCKET_ERROR: 10054 reset, 10035 would block,
 *   10060 `SO_RCVTIMEO` passed, 10040 the datagram was larger than the room (its first part is in `buf`)
 * @see recv(2) · winsock2 recv
 */
export function recv(s: SOCKET, buf: ArrayBufferView | null, len: number, flags: number): number {
  checkSocket('recv', s);
  const bytes = bufferOf('recv', 'buf', buf);
  checkInt('recv', 'len', len);
  checkInt32Bits('recv', 'flags', flags);
  return native.recv(s, bytes, len, flags | 0);
}
