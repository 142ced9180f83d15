/**
 * What kind of address it is: our questions for both families, by the registries of RFC 6890 and its successors.
 *
 * An IPv4 address inside of IPv6 (`::ffff:127.0.0.1`) is judged as the IPv4 address that the kernel will use, so that a filter
 * cannot be walked round by spelling. C's own macros are in in6-predicates.ts.
 */
import { type IpLike, toIp } from './ip.js';

/** Says whether the address stands for no address: 0.0.0.0 or `::`. */
export function isUnspecified(address: IpLike): boolean {
  const { ipv4, groups } = classify('isUnspecified', address);
  return groups ? groups.every((group) => group === 0) : ipv4 === 0;
}

/** Says whether the address stays on this host: 127.0.0.0/8 or `::1`. */
export function isLoopback(address: IpLike): boolean {
  const { ipv4, groups } = classify('isLoopback', address);
  if (!groups) return ipv4 >>> 24 === 127;
  return groups.every((group, at) => group === (at === 7 ? 1 : 0));
}

/** Says whether the address is for private networks: 10/8, 172.16/12, 192.168/16 (RFC 1918), fc00::/7 (RFC 4193). */
export function isPrivate(address: IpLike): boolean {
  const { ipv4, first, groups } = classify('isPrivate', address);
  if (groups) return (first & 0xfe00) === 0xfc00;
  return ipv4 >>> 24 === 10 || ipv4 >>> 20 === 0xac1 || ipv4 >>> 16 === 0xc0a8;
}

/** Says whether the address is valid on one link only: 169.254/16 (RFC 3927), fe80::/10. Such an IPv6 address needs a zone. */
export function isLinkLocal(address: IpLike): boolean {
  const { ipv4, first, groups } = classify('isLinkLocal', address);
  return groups ? (first & 0xffc0) === 0xfe80 : ipv4 >>> 16 === 0xa9fe;
}

/** Says whether the address names a group: 224/4, ff00::/8. */
export function isMulticast(address: IpLike): boolean {
  const { ipv4, first, groups } = classify('isMulticast', address);
  return groups ? first >>> 8 === 0xff : ipv4 >>> 28 === 0xe;
}

/** Says whether the address is 255.255.255.255. A network's own broadcast address cannot be told without its prefix. */
export function isBroadcast(address: IpLike): boolean {
  const { ipv4, groups } = classify('isBroadcast', address);
  return !groups && ipv4 === 0xffff_ffff;
}

/** Says whether the address is shared among a provider's customers: 100.64/10 (RFC 6598). IPv6 has no such block. */
export function isShared(address: IpLike): boolean {
  const { ipv4, groups } = classify('isShared', address);
  return !groups && ipv4 >>> 22 === 0x191;
}

/**
 * Says whether the address is for examples: 192.0.2/24, 198.51.100/24, 203.0.113/24 (RFC 5737), 2001:db8::/32 (RFC 3849),
 * 3fff::/20 (RFC 9637).
 */
export function isDocumentation(address: IpLike): boolean {
  const { ipv4, first, groups } = classify('isDocumentation', address);
  if (groups)
    return (first === 0x2001 && groups[1] === 0xdb8) || isSecondDocumentation(first, groups);
  const network = ipv4 >>> 8;
  return network === 0xc0_0002 || network === 0xc6_3364 || network === 0xcb_0071;
}

/** Says whether the address is IPv6 with an IPv4 address in it that the kernel will use: `::ffff:0:0/96`. */
export function isIpv4Mapped(address: IpLike): boolean {
  const { family } = toIp('isIpv4Mapped', address);
  return family === 6 && classify('isIpv4Mapped', address).groups === undefined;
}

interface Kind {
  /** The IPv4 address as a number, first byte highest; 0 for IPv6. */
  readonly ipv4: number;
  /** The first sixteen bits of IPv6. */
  readonly first: number;
  /** The eight groups of IPv6; undefined for IPv4, written as such or mapped. */
  readonly groups: readonly number[] | undefined;
}

function classify(where: string, address: IpLike): Kind {
  const { family, bytes } = toIp(where, address);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (family === 4) return { ipv4: view.getUint32(0), first: 0, groups: undefined };
  const groups = Array.from({ length: 8 }, (_, at) => view.getUint16(2 * at));
  const isMapped = groups.every((group, at) => at > 5 || group === (at === 5 ? 0xffff : 0));
  if (isMapped) return { ipv4: view.getUint32(12), first: 0, groups: undefined };
  return { ipv4: 0, first: view.getUint16(0), groups };
}

function isSecondDocumentation(first: number, groups: readonly number[]): boolean {
  return first === 0x3fff && (groups[1] ?? 0) < 0x1000;
}
