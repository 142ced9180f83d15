/**
 * C's questions about an IPv6 address, under C's names: RFC 3493 §6.4, the macros of <netinet/in.h> and ws2ipdef.h.
 *
 * They take the structure (or its sixteen bytes) and answer as the macros do; text and IPv4 go to predicates.ts.
 */
import { type AddressMemory, addressMemory } from './address-memory.js';
import { quote } from './arguments.js';

/** `::` */
export function IN6_IS_ADDR_UNSPECIFIED(a: AddressMemory): boolean {
  return isZeroUpTo(memory('IN6_IS_ADDR_UNSPECIFIED', a), 16);
}

/** `::1` */
export function IN6_IS_ADDR_LOOPBACK(a: AddressMemory): boolean {
  const bytes = memory('IN6_IS_ADDR_LOOPBACK', a);
  return isZeroUpTo(bytes, 15) && bytes[15] === 1;
}

/** ff00::/8 */
export function IN6_IS_ADDR_MULTICAST(a: AddressMemory): boolean {
  return memory('IN6_IS_ADDR_MULTICAST', a)[0] === 0xff;
}

/** fe80::/10 */
export function IN6_IS_ADDR_LINKLOCAL(a: AddressMemory): boolean {
  const bytes = memory('IN6_IS_ADDR_LINKLOCAL', a);
  return bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80;
}

/** fec0::/10, which RFC 3879 took out of use. */
export function IN6_IS_ADDR_SITELOCAL(a: AddressMemory): boolean {
  const bytes = memory('IN6_IS_ADDR_SITELOCAL', a);
  return bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0xc0;
}

/** ::ffff:0:0/96, an IPv4 address as an IPv6 socket shows it. */
export function IN6_IS_ADDR_V4MAPPED(a: AddressMemory): boolean {
  const bytes = memory('IN6_IS_ADDR_V4MAPPED', a);
  return isZeroUpTo(bytes, 10) && bytes[10] === 0xff && bytes[11] === 0xff;
}

/** ::/96 without `::` and `::1`, which RFC 4291 §2.5.5.1 took out of use. */
export function IN6_IS_ADDR_V4COMPAT(a: AddressMemory): boolean {
  const bytes = memory('IN6_IS_ADDR_V4COMPAT', a);
  if (!isZeroUpTo(bytes, 12)) return false;
  return !isZeroUpTo(bytes, 15) || (bytes[15] ?? 0) > 1;
}

/** A group whose scope is one node: ff01::/16, whatever its flags. */
export function IN6_IS_ADDR_MC_NODELOCAL(a: AddressMemory): boolean {
  return hasScope(memory('IN6_IS_ADDR_MC_NODELOCAL', a), 0x1);
}

/** A group whose scope is one link: ff02::/16, whatever its flags. */
export function IN6_IS_ADDR_MC_LINKLOCAL(a: AddressMemory): boolean {
  return hasScope(memory('IN6_IS_ADDR_MC_LINKLOCAL', a), 0x2);
}

/** A group whose scope is one site: ff05::/16, whatever its flags. */
export function IN6_IS_ADDR_MC_SITELOCAL(a: AddressMemory): boolean {
  return hasScope(memory('IN6_IS_ADDR_MC_SITELOCAL', a), 0x5);
}

/** A group whose scope is one organisation: ff08::/16, whatever its flags. */
export function IN6_IS_ADDR_MC_ORGLOCAL(a: AddressMemory): boolean {
  return hasScope(memory('IN6_IS_ADDR_MC_ORGLOCAL', a), 0x8);
}

/** A group without bounds: ff0e::/16, whatever its flags. */
export function IN6_IS_ADDR_MC_GLOBAL(a: AddressMemory): boolean {
  return hasScope(memory('IN6_IS_ADDR_MC_GLOBAL', a), 0xe);
}

/** Whether two addresses have the same bytes; the zone is no part of them. */
export function IN6_ARE_ADDR_EQUAL(a: AddressMemory, b: AddressMemory): boolean {
  const left = memory('IN6_ARE_ADDR_EQUAL', a);
  const right = memory('IN6_ARE_ADDR_EQUAL', b);
  for (let at = 0; at < 16; at++) if (left[at] !== right[at]) return false;
  return true;
}

/** @throws {TypeError} not the memory of an IPv6 address */
function memory(where: string, a: AddressMemory): Uint8Array {
  const bytes = addressMemory(where, 'a', a);
  if (bytes?.length === 16) return bytes;
  throw new TypeError(
    `${where}: a must be In6Addr or a view of 16 bytes: got ${bytes ? `${bytes.length} bytes` : quote(a)}`,
  );
}

function isZeroUpTo(bytes: Uint8Array, end: number): boolean {
  for (let at = 0; at < end; at++) if (bytes[at] !== 0) return false;
  return true;
}

function hasScope(bytes: Uint8Array, scope: number): boolean {
  return bytes[0] === 0xff && ((bytes[1] ?? 0) & 0x0f) === scope;
}
