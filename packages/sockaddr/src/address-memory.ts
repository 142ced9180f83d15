/**
 * The memory behind a C argument that points to an address: a view, `InAddr` or `In6Addr`, or NULL.
 *
 * An address structure is known by its field and not by its class, so that two copies of this package agree.
 */
import { quote } from './arguments.js';
import { bytesOfView } from './memory.js';

/** The four or sixteen bytes of an address: any view of them, or the structure itself. */
export type AddressMemory = ArrayBufferView | AddressStructure;

/** `InAddr` or `In6Addr`, by shape. */
export type AddressStructure = { readonly bytes: Uint8Array } & (
  | { readonly s_addr: number }
  | { readonly s6_addr: Uint8Array }
);

/**
 * @returns the bytes themselves, nothing copied; null for null
 * @throws {TypeError} anything else, a whole sockaddr in particular
 */
export function addressMemory(
  where: string,
  argument: string,
  value: AddressMemory | null,
): Uint8Array | null {
  if (value instanceof Uint8Array) return value;
  if (value === null) return null;
  if (ArrayBuffer.isView(value)) return bytesOfView(value);
  if (typeof value === 'object') {
    if ('s_addr' in value || 's6_addr' in value) return value.bytes;
    const field = 'sin_addr' in value ? 'sin_addr' : 'sin6_addr';
    if (field in value) {
      throw new TypeError(
        `${where}: ${argument} must be the address alone: got ${quote(value)}; give its ${field}`,
      );
    }
  }
  throw new TypeError(
    `${where}: ${argument} must be a view of the address's bytes, InAddr, In6Addr or null: got ${quote(value)}`,
  );
}
