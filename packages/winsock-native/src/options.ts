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
import { int, type linger, type OptionCodec } from './option-codecs.js';
import { type OptionRow, optionRow } from './option-table.js';
import type { tcp_info } from './tcp-info.js';
import type { timeval } from './wait.js';

/** What `setsockopt` takes: C's bytes, or a value that becomes them. */
export type OptionValue =
  | ArrayBufferView
  | number
  | boolean
  | string
  | Readonly<linger>
  | Readonly<timeval>
  | null;

/** C's `char *` of an answer that is text. */
export interface TextOut {
  value: string;
}

/** Where `getsockopt` puts its answer: C's bytes, an `int *`, a `char *`, or a structure object. */
export type OptionTarget =
  | ArrayBufferView
  | InOut
  | TextOut
  | linger
  | timeval
  | Partial<tcp_info>
  | null;

/** FIONBIO and FIONREAD travel as unsigned 32 bits: BSD's and Windows' numbers have the highest bit set. */
const UINT32_MAX = 0xffff_ffff;

/** An argument that is C's NULL: no cell to write to. */
const NO_ARGUMENT = new Int32Array(0);

/**
 * Sets an option.
 *
 * `SO_RCVTIMEO` and `SO_SNDTIMEO` take `{ tv_sec, tv_usec }`, its bytes, or a number: milliseconds, as in Winsock.
 * `TCP_CONGESTION` and other names are strings.
 *
 * @param optval - a view; a number or boolean, sent as a 4-byte int; a string with its terminator; a structure object
 * @param optlen - bytes of `optval`; may be left out for all but views; too small or beyond the value: 10014
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
  // C programs give a string's length with its terminator or without.
  if (typeof optval === 'string') {
    return native.setsockopt(s, level, optname, bytes, optlen ?? bytes.length);
  }
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
 * @param optval - a view for C's bytes, `{ value: 0 }` for an int (a timeout: milliseconds), `{ value: '' }` for text, or a
 *   structure object to fill: `{ l_onoff: 0, l_linger: 0 }`, for `TCP_INFO` `{}` (what a system does not give stays unset)
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
  const codec = known?.codec ?? int;
  const { size, isText, toNumber } = codec;
  if (!canHold(optval, codec)) refuse('getsockopt', 'optval', formsOf(known), optval);
  const isOneValue = 'value' in optval;
  // What the caller's C type takes: an int where a number is wanted, though the system's own form may be longer; text has
  // as much room as the caller gives it.
  const needed = isText ? 0 : isOneValue ? Math.min(int.size, size) : size;
  const length = Int32Array.of(size);
  if (optlen != null) {
    const room = openInOut('getsockopt', 'optlen', optlen)[0] ?? 0;
    // A C program's char array may be longer than any name.
    if (isText) length[0] = Math.min(room, size);
    else length[0] = room >= needed && room <= size ? size : room;
  }
  const bytes = new Uint8Array(size);
  const result = native.getsockopt(s, level, optname, bytes, length);
  if (result !== 0) return result;
  const value = codec.decode(bytes.subarray(0, length[0]));
  if (!isText) length[0] = Math.min(length[0] ?? 0, needed);
  closeInOut(optlen, length);
  if (!isOneValue) Object.assign(optval, value);
  else Object.assign(optval, { value: toNumber === undefined ? value : toNumber(value) });
  return 0;
}

/** Whether an object stands for the C type of an option: one value of the right kind, or a structure's fields. */
function canHold(optval: object, { isStructure, isText, toNumber }: OptionCodec): boolean {
  if (!('value' in optval)) return isStructure === true;
  return typeof optval.value === 'string' ? isText === true : toNumber !== undefined;
}

/** What `getsockopt` can put an option's value into, for the message of the TypeError. */
function formsOf(known: OptionRow | undefined): string {
  const { codec, name } = known ?? { codec: int, name: 'this option' };
  if (codec.isText) return `a view or { value: '' }, for ${name}`;
  if (!codec.isStructure) return `a view or { value: number }, for ${name}`;
  return `a view or ${codec.takes}, for ${name}`;
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
