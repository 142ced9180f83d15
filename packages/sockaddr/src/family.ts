/**
 * The first two bytes of every socket address: its family, and on BSD systems its length before it.
 */
import { assertInteger } from './arguments.js';
import type { Layout } from './layout.js';
import { readUint16, writeUint16 } from './memory.js';

export function readFamily(bytes: Uint8Array, layout: Layout): number {
  return layout.hasLength ? (bytes[1] ?? 0) : readUint16(bytes, 0);
}

/** @throws {RangeError} more than the field has room for: 8 bits on BSD systems, else 16 */
export function writeFamily(
  bytes: Uint8Array,
  layout: Layout,
  field: string,
  family: number,
): void {
  assertInteger(field, 'value', family, 0, layout.hasLength ? 0xff : 0xffff);
  if (layout.hasLength) bytes[1] = family;
  else writeUint16(bytes, 0, family);
}

/** The length that BSD systems keep in the structure; undefined where there is no such field. */
export function readLength(bytes: Uint8Array, layout: Layout): number | undefined {
  return layout.hasLength ? bytes[0] : undefined;
}

/** Does nothing where the layout has no such field. */
export function writeLength(bytes: Uint8Array, layout: Layout, length: number): void {
  if (layout.hasLength) bytes[0] = length;
}
