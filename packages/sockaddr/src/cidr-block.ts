/**
 * A block of addresses that begin with the same bits: `10.0.0.0/8`, `2001:db8::/32` (RFC 4632 §3.1, RFC 4291 §2.3). Ours.
 *
 * One value for each block: bits behind the prefix are 0, and a block of IPv4 inside of IPv6 is the IPv4 block. So a block
 * of IPv6, `::/0` too, holds no IPv4 address, however that is written. See plain-address.ts for the rule.
 */
import { assertInteger, assertString, quote } from './arguments.js';
import { formatIp, readIp } from './ip.js';
import { type AddressOrEnd, isMapped, MAPPED_BITS, plainAddress } from './plain-address.js';

/** A block of addresses. */
export interface Cidr {
  readonly family: 4 | 6;
  /** The block's first address: 4 or 16 bytes in network order, all bits behind the prefix 0. */
  readonly bytes: Uint8Array;
  /** How many leading bits all its addresses share: 0 to 32, 0 to 128. */
  readonly prefixLength: number;
}

/** What functions about a block take: its text or the value. */
export type CidrLike = string | Cidr;

export interface ParseCidrOptions {
  /**
   * Whether `10.1.2.3/8` is taken for `10.0.0.0/8`; default: it is refused, because who writes it may have meant
   * `10.1.2.3/32`, and a list that lets in sixteen million others would say nothing.
   */
  readonly allowsHostBits?: boolean | undefined;
}

/** How large the block around an address is, for each family. */
export interface BlockSizes {
  /** 0 to 32; default: 32, the address alone. */
  readonly ipv4?: number | undefined;
  /** 0 to 128; default: 128, the address alone. 64 is what a network commonly gives one customer (RFC 6177). */
  readonly ipv6?: number | undefined;
}

/** The longest text looked at: an address and a length. */
const LONGEST = 64;

/**
 * Reads a block.
 *
 * @param text - `10.0.0.0/8`, `2001:db8::/32`; an address alone is the block of that address. `::ffff:10.0.0.0/104` is
 *   `10.0.0.0/8`
 * @throws {TypeError} not a string
 * @throws {RangeError} no address, a zone, a length out of range or with sign, leading zero or mask (`/255.0.0.0`), or bits
 *   behind the prefix; the message shows the block that was perhaps meant
 * @see RFC 4632 §3.1 · RFC 4291 §2.3
 *
 * @example
 * ```ts
 * import { cidrContains, formatCidr, parseCidr } from '@netloom/sockaddr/cidr';
 *
 * const office = parseCidr('2001:DB8:0::/48');
 * console.log(formatCidr(office), cidrContains(office, '2001:db8::17'));
 * console.log(cidrContains('10.0.0.0/8', '::ffff:10.1.2.3'));
 * ```
 *
 * ```text
 * 2001:db8::/48 true
 * true
 * ```
 */
export function parseCidr(text: string, options: ParseCidrOptions = {}): Cidr {
  assertString('parseCidr', 'text', text);
  const slash = text.length > LONGEST ? -1 : text.indexOf('/');
  const ip = readIp(slash < 0 ? text : text.slice(0, slash));
  if (!ip) throw refused(text, 'there is no IP address before its length');
  if (ip.zone !== undefined) throw refused(text, 'a block has no zone');
  const most = 8 * ip.bytes.length;
  const prefixLength = slash < 0 ? most : readLength(text, slash + 1, most);
  if (prefixLength < 0) {
    throw refused(text, `the length must be 0 to ${most}, without sign, leading zero and mask`);
  }
  const given = canonical(ip.family, ip.bytes, prefixLength);
  const block = blockOf(given.family, given.bytes, given.prefixLength);
  if (options.allowsHostBits !== true && !isSame(block.bytes, given.bytes)) {
    const alone = formatIp(given);
    throw refused(
      text,
      `it has bits behind its prefix; the block is '${formatCidr(block)}', the address alone '${alone}'`,
    );
  }
  return block;
}

/**
 * Writes a block: one text for each, always with its length.
 *
 * @throws as {@link parseCidr}
 */
export function formatCidr(cidr: CidrLike): string {
  const { family, bytes, prefixLength } = toCidr('formatCidr', cidr);
  return `${formatIp({ family, bytes })}/${prefixLength}`;
}

/**
 * Gives the block around an address: what to count by where one customer has many addresses.
 *
 * An IPv4 address inside of IPv6 is an IPv4 address here too, with the size for IPv4.
 *
 * @throws {TypeError} not an address
 * @throws {RangeError} not an address, or a size out of range
 *
 * @example
 * ```ts
 * import { cidrOf, formatCidr } from '@netloom/sockaddr/cidr';
 *
 * for (const peer of ['192.0.2.7', '::ffff:192.0.2.7', '2001:db8:1:2:3:4:5:6'])
 *   console.log(formatCidr(cidrOf(peer, { ipv6: 64 })));
 * ```
 *
 * ```text
 * 192.0.2.7/32
 * 192.0.2.7/32
 * 2001:db8:1:2::/64
 * ```
 */
export function cidrOf(address: AddressOrEnd, sizes: BlockSizes = {}): Cidr {
  const { ipv4 = 32, ipv6 = 128 } = sizes;
  assertInteger('cidrOf', 'ipv4', ipv4, 0, 32);
  assertInteger('cidrOf', 'ipv6', ipv6, 0, 128);
  const { family, bytes } = plainAddress('cidrOf', address);
  return blockOf(family, bytes, family === 4 ? ipv4 : ipv6);
}

/**
 * Says whether an address is in the block.
 *
 * @throws {TypeError} not an address
 * @throws {RangeError} text that is no address or no block
 */
export function cidrContains(cidr: CidrLike, address: AddressOrEnd): boolean {
  const block = toCidr('cidrContains', cidr);
  const { family, bytes } = plainAddress('cidrContains', address);
  return family === block.family && startsAlike(block.bytes, bytes, block.prefixLength);
}

/**
 * Orders two blocks, for `sort`: IPv4 before IPv6, then by first address, a block before the ones inside of it.
 *
 * @returns -1, 0 or 1
 * @throws as {@link parseCidr}
 */
export function compareCidr(a: CidrLike, b: CidrLike): -1 | 0 | 1 {
  const left = toCidr('compareCidr', a);
  const right = toCidr('compareCidr', b);
  if (left.family !== right.family) return left.family < right.family ? -1 : 1;
  for (let at = 0; at < left.bytes.length; at++) {
    const difference = byteAt(left.bytes, at) - byteAt(right.bytes, at);
    if (difference !== 0) return difference < 0 ? -1 : 1;
  }
  if (left.prefixLength === right.prefixLength) return 0;
  return left.prefixLength < right.prefixLength ? -1 : 1;
}

/** A block in either of its forms; a value is made canonical, since anybody can write one. */
export function toCidr(where: string, cidr: CidrLike): Cidr {
  if (typeof cidr === 'string') return parseCidr(cidr);
  const isObject = typeof cidr === 'object' && cidr !== null;
  const size = isObject && cidr.family === 4 ? 4 : isObject && cidr.family === 6 ? 16 : -1;
  if (!isObject || !(cidr.bytes instanceof Uint8Array) || cidr.bytes.length !== size) {
    throw new TypeError(
      `${where}: cidr must be a block like '10.0.0.0/8', as text or from parseCidr: got ${quote(cidr)}`,
    );
  }
  assertInteger(where, 'cidr.prefixLength', cidr.prefixLength, 0, 8 * size);
  const { family, bytes, prefixLength } = canonical(cidr.family, cidr.bytes, cidr.prefixLength);
  return blockOf(family, bytes, prefixLength);
}

/** The block in memory of its own. */
export function blockOf(family: 4 | 6, address: Uint8Array, prefixLength: number): Cidr {
  const bytes = new Uint8Array(address.length);
  const whole = prefixLength >>> 3;
  bytes.set(address.subarray(0, whole));
  const rest = prefixLength & 7;
  if (rest > 0) bytes[whole] = byteAt(address, whole) & (0xff00 >>> rest);
  return { family, bytes, prefixLength };
}

/** Whether the first `bits` bits of two addresses are the same. */
export function startsAlike(a: Uint8Array, b: Uint8Array, bits: number): boolean {
  const whole = bits >>> 3;
  for (let at = 0; at < whole; at++) if (a[at] !== b[at]) return false;
  const rest = bits & 7;
  if (rest === 0) return true;
  return (byteAt(a, whole) ^ byteAt(b, whole)) >>> (8 - rest) === 0;
}

/** A block of IPv4 inside of IPv6 is the IPv4 block. */
function canonical(family: 4 | 6, bytes: Uint8Array, prefixLength: number): Cidr {
  if (family === 4 || prefixLength < MAPPED_BITS || !isMapped(bytes))
    return { family, bytes, prefixLength };
  return {
    family: 4,
    bytes: bytes.subarray(MAPPED_BITS / 8),
    prefixLength: prefixLength - MAPPED_BITS,
  };
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return startsAlike(a, b, 8 * a.length);
}

/** The number behind the slash, or -1. */
function readLength(text: string, start: number, most: number): number {
  const digits = text.length - start;
  if (digits < 1 || digits > 3) return -1;
  if (digits > 1 && text.charCodeAt(start) === 0x30) return -1;
  let length = 0;
  for (let at = start; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    length = length * 10 + digit;
  }
  return length <= most ? length : -1;
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function refused(text: string, reason: string): RangeError {
  return new RangeError(
    `parseCidr: text must be a block like '10.0.0.0/8' or '2001:db8::/32': got ${quote(text)}; ${reason}`,
  );
}
