/**
 * Checks of what JavaScript hands to a C function: the right type, and a number that fits the C type.
 *
 * These are the only failures for which a C name throws. Whether the bytes make sense is C's own affair: a wrong length or
 * a closed socket ends as a Winsock code, never here.
 */

import { inspect } from 'node:util';
import { type SockaddrLike, SockaddrUn } from '@netloom/sockaddr';

const INT16_MIN = -0x8000;
const UINT16_MAX = 0xffff;
const INT32_MIN = -0x8000_0000;
const INT32_MAX = 0x7fff_ffff;
const UINT32_MAX = 0xffff_ffff;

/** Stands for memory that C was given as NULL: no room, so that any length beyond 0 is a fault (10014). */
export const NO_MEMORY: Uint8Array = new Uint8Array(0);

/** C's `int *` of an argument that goes in and comes out. */
export interface InOut {
  value: number;
}

/** A `const sockaddr *` or `sockaddr *`: any of the structures, or plain bytes. */
export type SockaddrArgument = SockaddrLike | ArrayBufferView;

/** @throws {TypeError | RangeError} not an integer, or it does not fit C's int */
export function checkInt(fn: string, name: string, value: unknown): asserts value is number {
  checkInteger(fn, name, value, INT32_MIN, INT32_MAX, 'int');
}

/** A C int or unsigned int: for flags and option values, where both spellings of the same bits are common. */
export function checkInt32Bits(fn: string, name: string, value: unknown): asserts value is number {
  checkInteger(fn, name, value, INT32_MIN, UINT32_MAX, '32-bit integer');
}

/** A C short or unsigned short, for bits as well. */
export function checkInt16Bits(fn: string, name: string, value: unknown): asserts value is number {
  checkInteger(fn, name, value, INT16_MIN, UINT16_MAX, '16-bit integer');
}

/** A C u_long or DWORD. */
export function checkUint32(fn: string, name: string, value: unknown): asserts value is number {
  checkInteger(fn, name, value, 0, UINT32_MAX, '32-bit unsigned integer');
}

/** A C unsigned short or WORD. */
export function checkUint16(fn: string, name: string, value: unknown): asserts value is number {
  checkInteger(fn, name, value, 0, UINT16_MAX, '16-bit unsigned integer');
}

/** A handle: any integer that a system may use for one; whether it is open is the call's to say. */
export function checkSocket(fn: string, value: unknown): asserts value is number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return;
  refuse(fn, 's', 'a SOCKET (the number that socket() or accept() returned)', value);
}

/** A buffer; C's NULL becomes memory without room. */
export function bufferOf(fn: string, name: string, value: unknown): ArrayBufferView {
  if (value === null) return NO_MEMORY;
  if (ArrayBuffer.isView(value)) return value;
  return refuse(fn, name, 'an ArrayBufferView', value);
}

/** The memory of an address; C's NULL stays `null`. */
export function addressOf(fn: string, name: string, value: unknown): ArrayBufferView | null {
  if (value === null) return null;
  if (ArrayBuffer.isView(value)) return value;
  if (typeof value === 'object' && value !== undefined && 'bytes' in value) {
    const { bytes } = value;
    if (bytes instanceof Uint8Array) return bytes;
  }
  return refuse(fn, name, 'a sockaddr structure or an ArrayBufferView', value);
}

/**
 * Opens an `int *`: the number that goes in, as the one element of an array that the addon writes to.
 *
 * C's NULL gives 0, which is no room: the call then fails with 10014.
 */
export function openInOut(fn: string, name: string, value: unknown): Int32Array {
  const cell = new Int32Array(1);
  if (value === null) return cell;
  if (typeof value !== 'object' || value === undefined || !('value' in value)) {
    return refuse(fn, name, 'an object { value: number }', value);
  }
  checkInt32Bits(fn, `${name}.value`, value.value);
  cell[0] = value.value;
  return cell;
}

/** Closes an `int *` after a call that succeeded: the number that came out. */
export function closeInOut(into: InOut | null | undefined, cell: Int32Array): void {
  if (into !== null && into !== undefined) into.value = cell[0] ?? 0;
}

/** The same for an address: a Unix name also learns its true length, which C keeps beside it. */
export function closeAddress(
  address: SockaddrArgument | null,
  into: InOut | null,
  cell: Int32Array,
): void {
  closeInOut(into, cell);
  if (address instanceof SockaddrUn) {
    address.length = Math.min(cell[0] ?? 0, address.bytes.length);
  }
}

/** Throws the TypeError that names function, argument, what it must be and what was seen. */
export function refuse(fn: string, name: string, rule: string, value: unknown): never {
  throw new TypeError(`${fn}: ${name} must be ${rule}: got ${show(value)}`);
}

/** Says a value in one line of bounded length. */
export function show(value: unknown): string {
  const text = inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY });
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function checkInteger(
  fn: string,
  name: string,
  value: unknown,
  min: number,
  max: number,
  type: string,
): asserts value is number {
  if (typeof value !== 'number') refuse(fn, name, `a number (C's ${type})`, value);
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new RangeError(
    `${fn}: ${name} must be an integer from ${min} to ${max} (C's ${type}): got ${show(value)}`,
  );
}
