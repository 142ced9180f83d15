/**
 * Receives one message, where the original calls `recv` once and hopes.
 *
 * TCP has no message boundary, and the tutorial's messages have neither length nor terminator: a message that comes in two
 * segments is cut by one `recv`. So it needs a rule where a message ends: at FIN, at U+000A, when the room is full, or when
 * nothing more has come for a second after its first bytes.
 */
import {
  recv,
  SO_RCVTIMEO,
  type SOCKET,
  SOCKET_ERROR,
  SOL_SOCKET,
  setsockopt,
  WSAETIMEDOUT,
  WSAGetLastError,
} from '@netloom/winsock-native';

const QUIET_MS = 1000;
const LF = 0x0a;

/**
 * Receives a whole message of wide text, blocking.
 *
 * Leaves SO_RCVTIMEO set, once bytes have come. The U+000A that ended the message is not part of it.
 *
 * @param buf - zeroed; is written from its first unit on
 * @param len - room in bytes, as in `recv`; beyond `buf`: 10014
 * @returns bytes of the message, 0 when the peer ended without one, or SOCKET_ERROR, as `recv`
 */
export function recvMessage(s: SOCKET, buf: Uint16Array, len: number): number {
  const memory = new Uint8Array(buf.buffer, buf.byteOffset, buf.byteLength);
  let received = 0;
  while (received < len) {
    const count = recv(s, memory.subarray(received), len - received, 0);
    if (count === 0) return received;
    if (count === SOCKET_ERROR) {
      return received > 0 && WSAGetLastError() === WSAETIMEDOUT ? received : SOCKET_ERROR;
    }
    received += count;
    const end = buf.subarray(0, received >>> 1).indexOf(LF);
    if (end >= 0) {
      buf.fill(0, end);
      return end * buf.BYTES_PER_ELEMENT;
    }
    // Only from here on: before its first bytes a message may take as long as a person takes to type it.
    if (setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, QUIET_MS) === SOCKET_ERROR) return SOCKET_ERROR;
  }
  return received;
}
