/**
 * The four or sixteen bytes of an address to text, as in C: inet_ntop(3), winsock2 InetNtopW.
 *
 * glibc's dialect on every system, which is RFC 5952's but for `::1.2.3.4`; never a port, never a zone.
 */
import { type AddressMemory, addressMemory } from './address-memory.js';
import { assertInt, assertInteger, quote } from './arguments.js';
import { formatIpv4 } from './ipv4-text.js';
import { formatIpv6 } from './ipv6-text.js';
import { ERROR_INVALID_PARAMETER, setLastError, WSAEAFNOSUPPORT, WSAEFAULT } from './last-error.js';
import { hostLayout } from './layout.js';
import { bytesOfView } from './memory.js';

const { AF_INET, AF_INET6 } = hostLayout.families;

/**
 * Converts the bytes of an address into text.
 *
 * @param af - AF_INET or AF_INET6
 * @param src - exactly the 4 or 16 bytes: `addr.sin_addr`, or a view
 * @param dst - filled with the text and its terminating NUL, if given
 * @param size - bytes that may be written to `dst`; all of it if left out
 * @returns the text, or C's NULL: last error 10047 for any other family, 10014 where `src` has another length or `size`
 *   reaches beyond `dst`, 87 (ERROR_INVALID_PARAMETER) where `size` is too small for text and NUL
 * @throws {TypeError} an argument of the wrong JavaScript type
 * @see inet_ntop(3) · winsock2 InetNtop
 */
export function inet_ntop(
  af: number,
  src: AddressMemory | null,
  dst?: ArrayBufferView | null,
  size?: number,
): string | null {
  if (dst !== undefined && dst !== null && !ArrayBuffer.isView(dst)) {
    throw new TypeError(`inet_ntop: dst must be a view or null: got ${quote(dst)}`);
  }
  const room = dst ? bytesOfView(dst) : null;
  return convert('inet_ntop', af, src, room, size);
}

/**
 * Converts the bytes of an address into wide text: {@link inet_ntop} with a buffer of UTF-16 units.
 *
 * @param buf - filled with the text and its terminating NUL, if given
 * @param size - in characters, not bytes: that of `buf` if left out
 * @returns as inet_ntop
 * @throws {TypeError} an argument of the wrong JavaScript type
 * @see winsock2 InetNtopW
 */
export function InetNtopW(
  af: number,
  src: AddressMemory | null,
  buf?: Uint16Array | null,
  size?: number,
): string | null {
  if (buf !== undefined && buf !== null && !(buf instanceof Uint16Array)) {
    throw new TypeError(`InetNtopW: buf must be a Uint16Array or null: got ${quote(buf)}`);
  }
  return convert('InetNtopW', af, src, buf ?? null, size);
}

function convert(
  where: string,
  af: number,
  src: AddressMemory | null,
  dst: Uint8Array | Uint16Array | null,
  size: number | undefined,
): string | null {
  assertInt(where, 'af', af);
  // A negative size is C's huge unsigned one: it reaches beyond any buffer, and is answered so below.
  if (size !== undefined) {
    assertInteger(where, 'size', size, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  }
  const bytes = addressMemory(where, 'src', src);
  if (af !== AF_INET && af !== AF_INET6) return fail(WSAEAFNOSUPPORT);
  if (bytes === null || bytes.length !== (af === AF_INET ? 4 : 16)) return fail(WSAEFAULT);
  if (size !== undefined && (size < 0 || (dst !== null && size > dst.length))) {
    return fail(WSAEFAULT);
  }
  const text = af === AF_INET ? formatIpv4(bytes, 0) : formatIpv6(bytes, 0);
  if (text.length >= (size ?? dst?.length ?? Number.POSITIVE_INFINITY)) {
    return fail(ERROR_INVALID_PARAMETER);
  }
  if (dst !== null) fill(dst, text);
  return text;
}

function fill(dst: Uint8Array | Uint16Array, text: string): void {
  for (let at = 0; at < text.length; at++) dst[at] = text.charCodeAt(at);
  dst[text.length] = 0;
}

function fail(code: number): null {
  setLastError(code);
  return null;
}
