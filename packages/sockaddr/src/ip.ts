/**
 * IP addresses as values: text to address and back, and their order. Ours, not C's: returns values, throws on bad text.
 *
 * One grammar: inet_pton's, and behind an IPv6 address a zone (RFC 4007 §11). No look-up of names, no ports.
 */
import { type AddressStructure, addressMemory } from './address-memory.js';
import { quote } from './arguments.js';
import { formatIpv4, parseIpv4 } from './ipv4-text.js';
import { formatIpv6, parseIpv6 } from './ipv6-text.js';
import { writeUint32BigEndian } from './memory.js';

/** Longest text of a zone: more than any system's interface names have (15 to 256 characters). */
const LONGEST_ZONE = 256;
/** An address with its zone; longer text is refused first, so that a megabyte costs nothing. */
const LONGEST = 45 + 1 + LONGEST_ZONE;

/** Where bytes go that nobody asked for. */
const unwanted = new Uint8Array(16);

/** An IP address as a value. */
export interface Ip {
  readonly family: 4 | 6;
  /** 4 or 16 bytes, in network order. */
  readonly bytes: Uint8Array;
  /** IPv6 only, and only where the text had one: an interface's name or index. */
  readonly zone?: string;
}

/** What functions about an address take: its text, the value, C's structure, or its 4 or 16 bytes. */
export type IpLike = string | Ip | AddressStructure | Uint8Array;

/**
 * Reads an IP address.
 *
 * @param text - `192.0.2.1`, `2001:db8::1`, `fe80::1%eth0`: as inet_pton, with an optional zone
 * @throws {TypeError} not a string
 * @throws {RangeError} no IP address; a name, a port, a prefix, brackets, blanks, leading zeros and short forms are not
 * @see RFC 4291 §2.2 · RFC 4007 §11
 */
export function parseIp(text: string): Ip {
  const ip = typeof text === 'string' ? readIp(text) : undefined;
  if (ip) return ip;
  if (typeof text !== 'string') {
    throw new TypeError(`parseIp: text must be a string: got ${quote(text)}`);
  }
  throw new RangeError(
    `parseIp: text must be an IP address like '192.0.2.1' or 'fe80::1%eth0': got ${quote(text)}; ` +
      'a name has to be resolved first, a port goes through parseEndpoint',
  );
}

/**
 * Writes an IP address as text: one text for each address.
 *
 * As inet_ntop: RFC 5952's form, with the IPv4 address shown inside of `::ffff:1.2.3.4` and also of `::1.2.3.4`.
 *
 * @throws {TypeError} not an address
 * @throws {RangeError} not 4 or 16 bytes, or text that is no address
 */
export function formatIp(address: IpLike): string {
  const { family, bytes, zone } = toIp('formatIp', address);
  const text = family === 4 ? formatIpv4(bytes, 0) : formatIpv6(bytes, 0);
  return zone === undefined ? text : `${text}%${zone}`;
}

/**
 * Orders two addresses, for `sort`: IPv4 before IPv6, then by value, then by zone.
 *
 * `::ffff:1.2.3.4` is an IPv6 address here, different from `1.2.3.4`.
 *
 * @returns -1, 0 or 1
 * @throws as {@link formatIp}
 */
export function compareIp(a: IpLike, b: IpLike): -1 | 0 | 1 {
  const left = toIp('compareIp', a);
  const right = toIp('compareIp', b);
  if (left.family !== right.family) return left.family < right.family ? -1 : 1;
  for (let at = 0; at < left.bytes.length; at++) {
    const difference = (left.bytes[at] ?? 0) - (right.bytes[at] ?? 0);
    if (difference !== 0) return difference < 0 ? -1 : 1;
  }
  const leftZone = left.zone ?? '';
  const rightZone = right.zone ?? '';
  if (leftZone === rightZone) return 0;
  return leftZone < rightZone ? -1 : 1;
}

/** Says whether a text is an IP address, and of which family: 4, 6, or 0. Never throws. */
export function isIp(text: unknown): 0 | 4 | 6 {
  if (typeof text !== 'string' || text.length > LONGEST) return 0;
  if (parseIpv4(text, 0, text.length) >= 0) return 4;
  return parseZoned(text, unwanted) ? 6 : 0;
}

/** Says whether a text is an IPv4 address. Never throws. */
export function isIpv4(text: unknown): text is string {
  return isIp(text) === 4;
}

/** Says whether a text is an IPv6 address, with or without a zone. Never throws. */
export function isIpv6(text: unknown): text is string {
  return isIp(text) === 6;
}

/** An address in any of its forms, as a value. */
export function toIp(where: string, address: IpLike): Ip {
  if (typeof address === 'string') return parseIp(address);
  if (typeof address === 'object' && address !== null && 'family' in address) {
    const { family, bytes } = address;
    // A sockaddr has a family and bytes too; its numbers are never 4 and 4 or 6 and 16.
    const size = family === 4 ? 4 : family === 6 ? 16 : -1;
    if (bytes instanceof Uint8Array && bytes.length === size) return address;
  }
  // SAFETY: a value of the wrong shape is what addressMemory refuses, with a TypeError.
  const bytes = addressMemory(where, 'address', address as Exclude<IpLike, string | Ip>);
  if (bytes?.length === 4) return { family: 4, bytes };
  if (bytes?.length === 16) return { family: 6, bytes };
  throw new RangeError(`${where}: address must have 4 or 16 bytes: got ${bytes?.length ?? 'null'}`);
}

/** The address that the text is, or undefined. */
export function readIp(text: string): Ip | undefined {
  if (text.length > LONGEST) return undefined;
  const ipv4 = parseIpv4(text, 0, text.length);
  if (ipv4 >= 0) {
    const bytes = new Uint8Array(4);
    writeUint32BigEndian(bytes, 0, ipv4);
    return { family: 4, bytes };
  }
  const bytes = new Uint8Array(16);
  if (!parseZoned(text, bytes)) return undefined;
  const percent = text.indexOf('%');
  return percent < 0 ? { family: 6, bytes } : { family: 6, bytes, zone: text.slice(percent + 1) };
}

/** Reads IPv6 with or without a zone. */
function parseZoned(text: string, bytes: Uint8Array): boolean {
  const percent = text.indexOf('%');
  if (percent < 0) return parseIpv6(text, 0, text.length, bytes, 0);
  return isZone(text, percent + 1) && parseIpv6(text, 0, percent, bytes, 0);
}

/** Printable ASCII without blank and without what ends a zone elsewhere: `%`, `/`, `[`, `]`. */
function isZone(text: string, start: number): boolean {
  const length = text.length - start;
  if (length === 0 || length > LONGEST_ZONE) return false;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const isReserved = code === 0x25 || code === 0x2f || code === 0x5b || code === 0x5d;
    if (code <= 0x20 || code > 0x7e || isReserved) return false;
  }
  return true;
}
