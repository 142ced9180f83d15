/**
 * Byte order of numbers: byteorder(3); winsock2 htons, htonll, htonf, htond.
 *
 * Numbers only; nothing here knows addresses. C cuts a number that is too large for its type and goes on with another
 * one; ours refuses. On a big-endian machine both orders are the same and every function gives back what it got,
 * except that the floating-point forms still turn a number into its bits.
 */
import { assertUint16, assertUint32, assertUint64, quote } from './arguments.js';
import { isLittleEndian, swapUint32 } from './memory.js';

/** One number's memory, for the forms that reinterpret or swap eight bytes. Used and left within one call. */
const scratch = new DataView(new ArrayBuffer(8));

/**
 * Gives the 16-bit number whose memory, on this machine, reads in network order.
 *
 * @param hostShort - an integer from 0 to 65535
 * @throws {RangeError} anything else: C's silent truncation has sent many a server to the wrong port
 * @see byteorder(3) · winsock2 htons
 */
export function htons(hostShort: number): number {
  assertUint16('htons', 'hostShort', hostShort);
  return swap16(hostShort);
}

/**
 * Gives the 16-bit number that a number in network order stands for; the inverse of {@link htons}.
 *
 * @param netShort - an integer from 0 to 65535
 * @throws {RangeError} anything else
 * @see byteorder(3) · winsock2 ntohs
 */
export function ntohs(netShort: number): number {
  assertUint16('ntohs', 'netShort', netShort);
  return swap16(netShort);
}

/**
 * Gives the 32-bit number whose memory, on this machine, reads in network order.
 *
 * @param hostLong - an integer from 0 to 4294967295; the l of C's name is 32 bits on every system
 * @throws {RangeError} anything else
 * @see byteorder(3) · winsock2 htonl
 */
export function htonl(hostLong: number): number {
  assertUint32('htonl', 'hostLong', hostLong);
  return isLittleEndian ? swapUint32(hostLong) : hostLong;
}

/**
 * Gives the 32-bit number that a number in network order stands for; the inverse of {@link htonl}.
 *
 * @param netLong - an integer from 0 to 4294967295
 * @throws {RangeError} anything else
 * @see byteorder(3) · winsock2 ntohl
 */
export function ntohl(netLong: number): number {
  assertUint32('ntohl', 'netLong', netLong);
  return isLittleEndian ? swapUint32(netLong) : netLong;
}

/**
 * Gives the 64-bit number whose memory, on this machine, reads in network order.
 *
 * @param hostLongLong - a bigint from 0n to 2n ** 64n - 1n
 * @throws {RangeError} outside of that
 * @see winsock2 htonll
 */
export function htonll(hostLongLong: bigint): bigint {
  assertUint64('htonll', 'hostLongLong', hostLongLong);
  return swap64(hostLongLong);
}

/**
 * Gives the 64-bit number that a number in network order stands for; the inverse of {@link htonll}.
 *
 * @param netLongLong - a bigint from 0n to 2n ** 64n - 1n
 * @throws {RangeError} outside of that
 * @see winsock2 ntohll
 */
export function ntohll(netLongLong: bigint): bigint {
  assertUint64('ntohll', 'netLongLong', netLongLong);
  return swap64(netLongLong);
}

/**
 * Gives the bits of a 32-bit float, in network order, as an unsigned integer.
 *
 * @param value - any number; rounded to 32 bits, as C's conversion to `float` does
 * @returns an integer from 0 to 4294967295, not a float: swapped bits are seldom a useful number
 * @see winsock2 htonf
 */
export function htonf(value: number): number {
  assertNumber('htonf', value);
  scratch.setFloat32(0, value, false);
  return scratch.getUint32(0, isLittleEndian);
}

/**
 * Gives the 32-bit float whose bits, in network order, are `bits`; the inverse of {@link htonf}.
 *
 * @param bits - an integer from 0 to 4294967295
 * @throws {RangeError} anything else
 * @see winsock2 ntohf
 */
export function ntohf(bits: number): number {
  assertUint32('ntohf', 'bits', bits);
  scratch.setUint32(0, bits, isLittleEndian);
  return scratch.getFloat32(0, false);
}

/**
 * Gives the bits of a 64-bit float, in network order, as an unsigned integer.
 *
 * @param value - any number
 * @returns a bigint from 0n to 2n ** 64n - 1n
 * @see winsock2 htond
 */
export function htond(value: number): bigint {
  assertNumber('htond', value);
  scratch.setFloat64(0, value, false);
  return scratch.getBigUint64(0, isLittleEndian);
}

/**
 * Gives the 64-bit float whose bits, in network order, are `bits`; the inverse of {@link htond}.
 *
 * @param bits - a bigint from 0n to 2n ** 64n - 1n
 * @throws {RangeError} outside of that
 * @see winsock2 ntohd
 */
export function ntohd(bits: bigint): number {
  assertUint64('ntohd', 'bits', bits);
  scratch.setBigUint64(0, bits, isLittleEndian);
  return scratch.getFloat64(0, false);
}

function swap16(value: number): number {
  return isLittleEndian ? ((value & 0xff) << 8) | (value >>> 8) : value;
}

function swap64(value: bigint): bigint {
  scratch.setBigUint64(0, value, false);
  return scratch.getBigUint64(0, isLittleEndian);
}

function assertNumber(where: string, value: number): void {
  if (typeof value !== 'number') {
    throw new TypeError(`${where}: value must be a number: got ${quote(value)}`);
  }
}
