/**
 * Text to the four or sixteen bytes of an address, as in C: inet_pton(3), winsock2 InetPtonW.
 *
 * glibc's dialect on every system; never a port, never a zone. What other systems accept beyond it stands in
 * docs/internals/address-dialects.md.
 */
import { type AddressMemory, addressMemory } from './address-memory.js';
import { assertInt, assertString } from './arguments.js';
import { parseIpv4 } from './ipv4-text.js';
import { parseIpv6 } from './ipv6-text.js';
import { setLastError, WSAEAFNOSUPPORT, WSAEFAULT, WSAEINVAL } from './last-error.js';
import { hostLayout } from './layout.js';
import { writeUint32BigEndian } from './memory.js';

const { AF_INET, AF_INET6 } = hostLayout.families;

/**
 * Converts the text of an address into its bytes, in network order.
 *
 * IPv4 is four decimal octets without leading zeros; IPv6 is RFC 4291's forms. A NUL ends the text, as it ends a C
 * string: `parseIp` is the function that refuses one.
 *
 * @param af - AF_INET or AF_INET6
 * @param src - the text; null is C's NULL: -1 and 10014
 * @param dst - `&addr.sin_addr`, that is `addr.sin_addr`, or any view of 4 or 16 bytes or more; untouched unless 1 is returned
 * @returns 1 converted; 0 `src` is no address of this family, and the last error is left alone; -1 with last error
 *   10047 for any other family, 10014 where `dst` is too short
 * @throws {TypeError} an argument of the wrong JavaScript type; no text makes it throw
 * @see inet_pton(3) · winsock2 InetPton
 *
 * @example
 * ```ts
 * import { AF_INET, AF_INET6, In6Addr, inet_ntop, inet_pton, SockaddrIn } from '@netloom/sockaddr';
 *
 * const address = new SockaddrIn();
 * console.log(inet_pton(AF_INET, '192.168.1.20', address.sin_addr), address.sin_addr.bytes);
 * console.log(inet_pton(AF_INET, '192.168.1.020', address.sin_addr)); // no leading zeros
 * const six = new In6Addr();
 * console.log(inet_pton(AF_INET6, '2001:DB8::0:1', six), inet_ntop(AF_INET6, six));
 * ```
 *
 * ```text
 * 1 Uint8Array(4) [ 192, 168, 1, 20 ]
 * 0
 * 1 2001:db8::1
 * ```
 */
export function inet_pton(af: number, src: string | null, dst: AddressMemory | null): 1 | 0 | -1 {
  return convert('inet_pton', af, src, dst);
}

/**
 * Converts the text of an address into its bytes: {@link inet_pton} with wide text, which JavaScript's strings are.
 *
 * @returns as inet_pton; but with 0 it leaves 10022 in the last error, as Windows does
 * @throws {TypeError} an argument of the wrong JavaScript type
 * @see winsock2 InetPtonW
 */
export function InetPtonW(af: number, src: string | null, dst: AddressMemory | null): 1 | 0 | -1 {
  const result = convert('InetPtonW', af, src, dst);
  if (result === 0) setLastError(WSAEINVAL);
  return result;
}

function convert(
  where: string,
  af: number,
  src: string | null,
  dst: AddressMemory | null,
): 1 | 0 | -1 {
  assertInt(where, 'af', af);
  if (src !== null) assertString(where, 'src', src);
  const bytes = addressMemory(where, 'dst', dst);
  if (af !== AF_INET && af !== AF_INET6) return fail(WSAEAFNOSUPPORT);
  if (src === null || bytes === null) return fail(WSAEFAULT);
  if (bytes.length < (af === AF_INET ? 4 : 16)) return fail(WSAEFAULT);
  if (convertUpTo(af, src, src.length, bytes)) return 1;
  // Looked for only after a failure: text without NUL, nearly all there is, does not pay for it.
  const terminator = src.indexOf('\0');
  return terminator >= 0 && convertUpTo(af, src, terminator, bytes) ? 1 : 0;
}

function convertUpTo(af: number, src: string, end: number, bytes: Uint8Array): boolean {
  if (af === AF_INET6) return parseIpv6(src, 0, end, bytes, 0);
  const address = parseIpv4(src, 0, end);
  if (address < 0) return false;
  writeUint32BigEndian(bytes, 0, address);
  return true;
}

function fail(code: number): -1 {
  setLastError(code);
  return -1;
}
