/**
 * Datagrams with their addresses, under C's names: sendto(2) and recvfrom(2). Messages of several pieces of memory and with
 * control bytes are in `gather.ts`.
 */
import {
  addressOf,
  bufferOf,
  checkInt,
  checkInt32Bits,
  checkSocket,
  closeAddress,
  type InOut,
  openInOut,
  type SockaddrArgument,
} from './arguments.js';
import type { SOCKET } from './handle.js';
import { native } from './native.js';
import { WSAEMSGSIZE } from './wsa-codes.js';

/**
 * Sends one datagram to an address.
 *
 * With MSG_FASTOPEN on a stream the kernel connects, and fails with 10036 where it has no cookie of that server: the connect
 * has then begun and nothing was sent, on a blocking socket too. Wait until it can be written, then `send`.
 *
 * @param len - bytes of `buf`; beyond the view: 10014
 * @param to - `null` on a connected socket
 * @param tolen - `sizeof(to)`, by value
 * @returns bytes sent, or SOCKET_ERROR: 10040 larger than the protocol takes, 10051 and 10065 no way there
 * @see sendto(2) · winsock2 sendto
 */
export function sendto(
  s: SOCKET,
  buf: ArrayBufferView | null,
  len: number,
  flags: number,
  to: SockaddrArgument | null,
  tolen: number,
): number {
  checkSocket('sendto', s);
  const bytes = bufferOf('sendto', 'buf', buf);
  checkInt('sendto', 'len', len);
  checkInt32Bits('sendto', 'flags', flags);
  const address = addressOf('sendto', 'to', to);
  checkInt('sendto', 'tolen', tolen);
  return native.sendto(s, bytes, len, flags | 0, address, tolen);
}

/**
 * Receives one datagram and the address it came from, waiting for one if the socket blocks.
 *
 * @param len - room in bytes; a larger datagram: its first part is delivered and the call fails with 10040, as in Winsock
 * @param from - is filled with the sender's address, a cut datagram's too; `null`: not wanted
 * @param fromlen - in: the room in `from`, too small: 10014 and the datagram stays; out: the address's true length
 * @returns bytes received (0 is an empty datagram), or SOCKET_ERROR: 10035, 10060, 10040
 * @see recvfrom(2) · winsock2 recvfrom
 */
export function recvfrom(
  s: SOCKET,
  buf: ArrayBufferView | null,
  len: number,
  flags: number,
  from: SockaddrArgument | null,
  fromlen: InOut | null,
): number {
  checkSocket('recvfrom', s);
  const bytes = bufferOf('recvfrom', 'buf', buf);
  checkInt('recvfrom', 'len', len);
  checkInt32Bits('recvfrom', 'flags', flags);
  const address = addressOf('recvfrom', 'from', from);
  const length = openInOut('recvfrom', 'fromlen', fromlen);
  const received = native.recvfrom(s, bytes, len, flags | 0, address, length);
  // A datagram that was cut fails, and yet its sender is known.
  const wasDelivered = received >= 0 || native.lastError() === WSAEMSGSIZE;
  if (wasDelivered && from !== null) closeAddress(from, fromlen, length);
  return received;
}
