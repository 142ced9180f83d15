/**
 * Options and controls of a socket, under C's names: setsockopt(2), getsockopt(2), winsock2 ioctlsocket.
 *
 * Values are views over C's own bytes, or numbers, booleans and structure objects where the option table knows the option.
 */
import {
  checkInt,
  checkSocket,
  closeInOut,
  type InOut,
  NO_MEMORY,
  openInOut,
  refuse,
} from './arguments.js';
import type { SOCKET } from './handle.js';
import { native } from './native.js';
import { int, type linger } from './option-codecs.js';
import { optionRow } from './option-table.js';
import type { timeval } from './wait.js';

/** What `setsockopt` takes: C's bytes, or a value that becomes them. */
export type OptionValue =
  | ArrayBufferView
  | number
  | boolean
  | Readonly<linger>
  | Readonly<timeval>
  | null;

/** Where `getsockopt` puts its answer: C's bytes, an `int *`, or a structure object. */
export type OptionTarget = ArrayBufferView | InOut | linger | timeval | null;

/** FIONBIO and FIONREAD travel as unsigned 32 bits: BSD's and Windows' numbers have the highest bit set. */
const UINT32_MAX = 0xffff_ffff;

/** An argument that is C's NULL: no cell to write to. */
const NO_ARGUMENT = new Int32Array(0);

/**
 * Sets an option.
 *
 * `SO_RCVTIMEO` and `SO_SNDTIMEO` take `{ tv_sec, tv_usec }`, its bytes, or a number: milliseconds, as in Winsock.
 *
 * @param optval - a view; a number or boolean, sent as a 4-byte int; a structure object
 * @param optlen - bytes of `optval`; may be left out for numbers and objects; too small or beyond the view: 10014
 * @returns 0, or SOCKET_ERROR: 10042 the protocol does not know the option, 10022 the value is not acceptable
 * @throws {TypeError} an object or number that the option does not take
 * @see setsockopt(2) · winsock2 setsockopt
 */
export function setsockopt(
  s: SOCKET,
  level: number,
  optname: number,
  optval: OptionValue,
  optlen?: number,
): number {
  checkSocket('setsockopt', s);
  checkInt('setsockopt', 'level', level);
  checkInt('setsockopt', 'optname', optname);
  if (optval === null || ArrayBuffer.isView(optval)) {
    checkInt('setsockopt', 'optlen', optlen);
    return native.setsockopt(s, level, optname, optval, optlen);
  }
  const bytes = encodeOption('setsockopt', level, optname, optval);
  if (optlen !== undefined) checkInt('setsockopt', 'optlen', optlen);
  // A structure has its own size; a number is an int to the caller, whatever the option's own bytes are.
  const needed = typeof optval === 'object' ? bytes.length : Math.min(int.size, bytes.length);
  const isShort = optlen !== undefined && optlen < needed;
  return native.setsockopt(s, level, optname, bytes, isShort ? optlen : bytes.length);
}

/**
 * Reads an option.
 *
 * `SO_ERROR` gives Winsock's code and clears it.
 *
 * @param optval - a view for C's bytes, `{ value: number }` for an int (a timeout: milliseconds), or a structure object to fill
 * @param optlen - in: the room, 4 bytes for a number; out: the bytes written. May be left out where `optval` is an object
 * @returns 0, or SOCKET_ERROR: 10014 the room is too small, 10042 the protocol does not know the option
 * @throws {TypeError} an object that the option's value does not fit into: `{ value }` for a structure without a number form
 * @see getsockopt(2) · winsock2 getsockopt
 */
export function getsockopt(
  s: SOCKET,
  level: number,
  optname: number,
  optval: OptionTarget,
  optlen?: InOut | null,
): number {
  checkSocket('getsockopt', s);
  checkInt('getsockopt', 'level', level);
  checkInt('getsockopt', 'optname', optname);
  if (optval === null || ArrayBuffer.isView(optval)) {
    const length = openInOut('getsockopt', 'optlen', optlen);
    const result = native.getsockopt(s, level, optname, optval ?? NO_MEMORY, length);
    if (result === 0) closeInOut(optlen, length);
    return result;
  }
  if (typeof optval !== 'object') {
    refuse('getsockopt', 'optval', 'a view, { value: number } or a structure object', optval);
  }
  const known = optionRow(level, optname);
  const { size, isStructure, takes, toNumber, decode } = known?.codec ?? int;
  const wantsNumber = 'value' in optval;
  if (wantsNumber && toNumber === undefined) {
    refuse('getsockopt', 'optval', `a view or ${takes}, for ${known?.name}`, optval);
  }
  if (!wantsNumber && !isStructure) {
    refuse('getsockopt', 'optval', 'a view or { value: number }, for this option', optval);
  }
  // What the caller's C type takes: an int where a number is wanted, though the system's own form may be longer.
  const needed = wantsNumber ? Math.min(int.size, size) : size;
  const length = Int32Array.of(size);
  if (optlen != null) {
    const room = openInOut('getsockopt', 'optlen', optlen)[0] ?? 0;
    length[0] = room >= needed && room <= size ? size : room;
  }
  const bytes = new Uint8Array(size);
  const result = native.getsockopt(s, level, optname, bytes, length);
  if (result !== 0) return result;
  const value = decode(bytes.subarray(0, length[0]));
  length[0] = Math.min(length[0] ?? 0, needed);
  closeInOut(optlen, length);
  if (toNumber !== undefined && 'value' in optval) optval.value = toNumber(value);
  else Object.assign(optval, value);
  return 0;
}

/**
 * Reads or changes a socket's mode.
 *
 * @param cmd - FIONBIO (argument not 0: calls do not wait), FIONREAD (argument out: bytes that can be read), SIOCATMARK
 * @param argp - `{ value }`, in or out
 * @returns 0, or SOCKET_ERROR: 10022 or 10045 unknown `cmd`, 10014 `argp` is `null`
 * @see winsock2 ioctlsocket · ioctl(2)
 */
export function ioctlsocket(s: SOCKET, cmd: number, argp: InOut | null): number {
  checkSocket('ioctlsocket', s);
  if (typeof cmd !== 'number') refuse('ioctlsocket', 'cmd', "a number (C's long)", cmd);
  if (!Number.isInteger(cmd) || cmd < -UINT32_MAX || cmd > UINT32_MAX) {
    throw new RangeError(`ioctlsocket: cmd must be an integer of 32 bits: got ${cmd}`);
  }
  const cell = openInOut('ioctlsocket', 'argp', argp);
  const result = native.ioctlsocket(s, cmd, argp === null ? NO_ARGUMENT : cell);
  // FIONREAD and SIOCATMARK answer in u_long: never negative.
  if (result === 0 && argp !== null) argp.value = (cell[0] ?? 0) >>> 0;
  return result;
}

/**
 * The bytes of an option's value, by the option table.
 *
 * @throws {TypeError} the option does not take such a value
 * @internal
 */
export function encodeOption(
  fn: string,
  level: number,
  option: number,
  value: unknown,
): Uint8Array {
  const known = optionRow(level, option);
  const codec = known?.codec ?? int;
  const bytes = codec.encode(value);
  if (bytes !== undefined) return bytes;
  return refuse(fn, `the value of ${known?.name ?? `option ${option}`}`, codec.takes, value);
}

/**
 * The value in an option's bytes, by the option table; for an option that is in no row a number of four bytes, else the bytes.
 *
 * @internal
 */
export function decodeOption(level: number, option: number, bytes: Uint8Array): unknown {
  const known = optionRow(level, option);
  if (known !== undefined) return known.codec.decode(bytes);
  return bytes.length === int.size ? int.decode(bytes) : bytes.slice();
}
