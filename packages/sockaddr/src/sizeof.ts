/**
 * C's sizeof for the length arguments of calls: `bind(s, addr, sizeof(addr))`.
 */
import { quote } from './arguments.js';

/** What {@link sizeof} measures: a structure class, one of its instances, or any view. */
export type Sizeable = { readonly SIZE: number } | { readonly bytes: Uint8Array } | ArrayBufferView;

/**
 * Gives the size in bytes of a structure class, of an instance, or of a view.
 *
 * Of a Unix name it is the whole structure's, as in C; the length that counts there is `name.length`.
 *
 * @throws {TypeError} anything else: a string's or a number's size in C has no meaning here
 */
export function sizeof(value: Sizeable): number {
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (typeof value === 'function' || (typeof value === 'object' && value !== null)) {
    const size: unknown = Reflect.get(value, 'SIZE');
    if (typeof size === 'number') return size;
    const bytes: unknown = Reflect.get(value, 'bytes');
    if (bytes instanceof Uint8Array) return bytes.length;
  }
  throw new TypeError(
    `sizeof: value must be a structure class, an instance of one, or a view: got ${quote(value)}`,
  );
}
