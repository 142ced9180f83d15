/**
 * Start-up, clean-up, and the last error of this thread: winsock2 WSAStartup, WSACleanup, WSAGetLastError.
 *
 * Start-ups are counted per process; the last error is per thread. Loading this file gives `@netloom/sockaddr` the place
 * where its C functions leave their errors.
 */
import { checkInt, checkUint16, refuse } from './arguments.js';
import { native } from './native.js';
import { WSAEFAULT } from './wsa-codes.js';

/** By this name sockaddr, which knows no addon, finds the last error of this thread. */
const SET_LAST_ERROR = Symbol.for('netloom.setLastError');

Object.defineProperty(globalThis, SET_LAST_ERROR, {
  value: (code: number) => native.setLastError(code),
  configurable: true,
  writable: true,
});

/**
 * What `WSAStartup` tells about the implementation; C's `WSADATA`.
 *
 * The fields beyond the versions are Winsock 1's: 2.x leaves them 0 and so does ours.
 */
export class WSADATA {
  /** The version that will be used, low byte major, high byte minor: 0x0202. */
  wVersion = 0;
  /** The highest version there is. */
  wHighVersion = 0;
  iMaxSockets = 0;
  iMaxUdpDg = 0;
  szDescription = '';
  szSystemStatus = '';
}

/**
 * Makes a 16-bit word of two bytes: `MAKEWORD(2, 2)` asks for Winsock 2.2.
 *
 * @param low - the low byte: the major version
 * @param high - the high byte: the minor version
 * @see windef MAKEWORD
 */
export function MAKEWORD(low: number, high: number): number {
  checkInt('MAKEWORD', 'low', low);
  checkInt('MAKEWORD', 'high', high);
  return (low & 0xff) | ((high & 0xff) << 8);
}

/** Gives the low byte of a word: the major version of `wVersion`. */
export function LOBYTE(word: number): number {
  checkInt('LOBYTE', 'word', word);
  return word & 0xff;
}

/** Gives the high byte of a word: the minor version of `wVersion`. */
export function HIBYTE(word: number): number {
  checkInt('HIBYTE', 'word', word);
  return (word >>> 8) & 0xff;
}

/**
 * Starts the sockets under their C names; needed once per process, counted, on every system.
 *
 * @param version - `MAKEWORD(2, 2)`
 * @param data - is filled in; `null`: 10014
 * @returns 0, or the error itself: nothing is left for `WSAGetLastError`
 * @see winsock2 WSAStartup
 */
export function WSAStartup(version: number, data: WSADATA | null): number {
  checkUint16('WSAStartup', 'version', version);
  if (data === null) return WSAEFAULT;
  if (!(data instanceof WSADATA)) refuse('WSAStartup', 'data', 'a WSADATA or null', data);
  const started = native.startup(version);
  data.wVersion = started.version;
  data.wHighVersion = started.highVersion;
  if (started.code !== 0) return started.code;
  data.szDescription = 'WinSock 2.0';
  data.szSystemStatus = 'Running';
  return 0;
}

/**
 * Takes back one `WSAStartup`; after the last, socket calls fail with 10093 again.
 *
 * @returns 0, or SOCKET_ERROR: 10093 when there is none to take back
 * @see winsock2 WSACleanup
 */
export function WSACleanup(): number {
  return native.cleanup();
}

/**
 * Gives the code of this thread's last failed call.
 *
 * A successful call leaves it alone, so it says something only right after a failure.
 *
 * @see winsock2 WSAGetLastError
 */
export function WSAGetLastError(): number {
  return native.lastError();
}

/** Sets this thread's last error. @see winsock2 WSASetLastError */
export function WSASetLastError(code: number): void {
  checkInt('WSASetLastError', 'code', code);
  native.setLastError(code);
}

/**
 * Gives the system's id of the calling thread: gettid on Linux, as `/proc/self/task` lists it.
 *
 * Node's own `threadId` counts environments instead: 0 is the main thread.
 *
 * @see gettid(2) · processthreadsapi GetCurrentThreadId
 */
export function GetCurrentThreadId(): number {
  return native.threadId();
}
