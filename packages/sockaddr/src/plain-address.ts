/**
 * An address as blocks see it: the bytes that decide, IPv4 wherever it is IPv4.
 *
 * An IPv4 address written inside of IPv6 (`::ffff:10.0.0.1`, as a dual-stack listener gives its peers) is that IPv4 address,
 * so that no list is walked round by spelling. A zone says where an address is valid, not which it is: it does not count.
 */
import type { AddressStructure } from './address-memory.js';
import { type Ip, type IpLike, toIp } from './ip.js';

/** An address, or the end of a connection that has one: `SockaddrIn`, `SockaddrIn6`. */
export type AddressOrEnd =
  | IpLike
  | { readonly sin_addr: AddressStructure }
  | { readonly sin6_addr: AddressStructure };

/** Bits of `::ffff:0:0/96`, behind which an IPv4 address lies inside of IPv6 (RFC 4291 §2.5.5.2). */
export const MAPPED_BITS = 96;
const MAPPED_BYTES = MAPPED_BITS / 8;

/** @returns the address without its zone; IPv4 where it is mapped */
export function plainAddress(where: string, address: AddressOrEnd): Ip {
  const { family, bytes } = toIp(where, ofEnd(address));
  if (family === 6 && isMapped(bytes)) return { family: 4, bytes: bytes.subarray(MAPPED_BYTES) };
  return { family, bytes };
}

/** Whether sixteen bytes begin as `::ffff:0:0/96` does. */
export function isMapped(bytes: Uint8Array): boolean {
  for (let at = 0; at < MAPPED_BYTES; at++) {
    if (bytes[at] !== (at < MAPPED_BYTES - 2 ? 0 : 0xff)) return false;
  }
  return true;
}

function ofEnd(address: AddressOrEnd): IpLike {
  if (typeof address !== 'object' || address === null) return address;
  if ('sin_addr' in address) return address.sin_addr;
  if ('sin6_addr' in address) return address.sin6_addr;
  return address;
}
