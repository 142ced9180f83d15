/**
 * The two ends of a socket, under C's names: getsockname(2) and getpeername(2).
 */
import {
  addressOf,
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
 * Gives a socket's own address.
 *
 * @param namelen - in: the room in `name`, too small: 10014; out: the address's true length
 * @returns 0, or SOCKET_ERROR
 * @see getsockname(2) · winsock2 getsockname
 */
export function getsockname(
  s: SOCKET,
  name: SockaddrArgument | null,
  namelen: InOut | null,
): number {
  return nameOf('getsockname', s, name, namelen);
}

/**
 * Gives the address of the other side.
 *
 * @param namelen - in: the room in `name`, too small: 10014; out: the address's true length
 * @returns 0, or SOCKET_ERROR: 10057 not connected
 * @see getpeername(2) · winsock2 getpeername
 */
export function getpeername(
  s: SOCKET,
  name: SockaddrArgument | null,
  namelen: InOut | null,
): number {
  return nameOf('getpeername', s, name, namelen);
}

function nameOf(
  fn: 'getsockname' | 'getpeername',
  s: SOCKET,
  name: SockaddrArgument | null,
  namelen: InOut | null,
): number {
  checkSocket(fn, s);
  const bytes = addressOf(fn, 'name', name);
  const length = openInOut(fn, 'namelen', namelen);
  const result = native[fn](s, bytes ?? NO_MEMORY, length);
  if (result === 0) closeAddress(name, namelen, length);
  return result;
}
