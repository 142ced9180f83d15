/**
 * An IPv6 address, port and scope as the kernel takes them: struct sockaddr_in6, RFC 3493 §3.3; winsock2 SOCKADDR_IN6.
 *
 * A view over bytes, as sockaddr-in.ts. The scope is an interface's index and tells one `fe80::1` from the next (RFC 4007); a
 * zone that is a name needs the system to become one, so it is not taken here.
 */

import { assertUint16, assertUint32, quote } from './arguments.js';
import { DEHYDRATE, type Dehydrated, DISCARD, dehydrate, hydrate, REVIVE } from './crossing.js';
import { readFamily, readLength, writeFamily, writeLength } from './family.js';
import { In6Addr, writeIpv6 } from './in6-addr.js';
import { INSPECT } from './inspect.js';
import { formatIpv6 } from './ipv6-text.js';
import { SOCKADDR_IN6 as AT, hostLayout, type Layout } from './layout.js';
import { readUint16, readUint32, structureMemory, writeUint16, writeUint32 } from './memory.js';

/** What {@link SockaddrIn6.from} takes. */
export interface SockaddrIn6Options {
  /** IPv6 text; a zone only as a number, `fe80::1%2`. */
  readonly address: string;
  /** In host order; default 0, which lets the system choose where one binds. */
  readonly port?: number;
  /** The interface's index; default: the zone in `address`, else 0. */
  readonly scopeId?: number;
  /** As C reads the field on this host; default 0. */
  readonly flowInfo?: number;
}

/** Decimal digits of the largest 32-bit number. */
const SCOPE_DIGITS = 10;

/** An IPv6 endpoint in memory. */
export class SockaddrIn6 {
  /** sizeof(struct sockaddr_in6), the same on every system. */
  static readonly SIZE = AT.size;

  /** The very memory that the kernel reads and writes. */
  readonly bytes: Uint8Array;
  /** Whose layout the bytes have: this host's, unless said otherwise. */
  readonly layout: Layout;
  #address: In6Addr | undefined;

  /**
   * @param bytes - memory to look at, 28 bytes or more; fresh zeroed memory if left out, with family 0 as in C
   * @throws {RangeError} less than 28 bytes
   */
  constructor(bytes?: Uint8Array, layout: Layout = hostLayout) {
    this.bytes = structureMemory('SockaddrIn6', bytes, AT.size);
    this.layout = layout;
  }

  /**
   * Makes an endpoint of text and numbers.
   *
   * @throws {RangeError} no IPv6 address, no port, a zone that is a name: the message says which and shows the value
   */
  static from(options: SockaddrIn6Options, layout: Layout = hostLayout): SockaddrIn6 {
    if (typeof options !== 'object' || options === null) {
      throw new TypeError(
        `SockaddrIn6.from: options must be { address, port }: got ${quote(options)}`,
      );
    }
    const { port = 0, flowInfo = 0 } = options;
    const made = new SockaddrIn6(undefined, layout);
    made.address = options.address;
    if (options.scopeId !== undefined) made.sin6_scope_id = options.scopeId;
    made.port = port;
    made.sin6_flowinfo = flowInfo;
    writeLength(made.bytes, layout, AT.size);
    made.sin6_family = layout.families.AF_INET6;
    return made;
  }

  /** The length field of BSD systems; undefined where the structure has none. */
  get sin6_len(): number | undefined {
    return readLength(this.bytes, this.layout);
  }

  /** AF_INET6, once somebody has written it. */
  get sin6_family(): number {
    return readFamily(this.bytes, this.layout);
  }

  set sin6_family(value: number) {
    writeFamily(this.bytes, this.layout, 'sin6_family', value);
  }

  /** The port in network order, as C reads it on this host. */
  get sin6_port(): number {
    return readUint16(this.bytes, AT.sin6_port);
  }

  set sin6_port(value: number) {
    assertUint16('sin6_port', 'value', value);
    writeUint16(this.bytes, AT.sin6_port, value);
  }

  /** Traffic class and flow label, in network order as C reads it on this host; normally 0. */
  get sin6_flowinfo(): number {
    return readUint32(this.bytes, AT.sin6_flowinfo);
  }

  set sin6_flowinfo(value: number) {
    assertUint32('sin6_flowinfo', 'value', value);
    writeUint32(this.bytes, AT.sin6_flowinfo, value);
  }

  /** The address, a view of the same memory. Assigning copies sixteen bytes, as in C. */
  get sin6_addr(): In6Addr {
    this.#address ??= new In6Addr(this.bytes.subarray(AT.sin6_addr, AT.sin6_scope_id));
    return this.#address;
  }

  set sin6_addr(value: In6Addr) {
    this.bytes.set(value.bytes, AT.sin6_addr);
  }

  /** The index of the interface that a link-local address belongs to, in host order; 0 for none. */
  get sin6_scope_id(): number {
    return readUint32(this.bytes, AT.sin6_scope_id);
  }

  set sin6_scope_id(value: number) {
    assertUint32('sin6_scope_id', 'value', value);
    writeUint32(this.bytes, AT.sin6_scope_id, value);
  }

  /** The family, whichever structure this is. */
  get family(): number {
    return this.sin6_family;
  }

  /** The length that a call is given with this address: 28. */
  get length(): number {
    return AT.size;
  }

  /** The address as text, with its scope as `%2` unless that is 0. Assigning sets both. */
  get address(): string {
    const text = formatIpv6(this.bytes, AT.sin6_addr);
    return this.sin6_scope_id === 0 ? text : `${text}%${this.sin6_scope_id}`;
  }

  set address(value: string) {
    const zoneAt = typeof value === 'string' ? value.indexOf('%') : -1;
    const scopeId = zoneAt < 0 ? 0 : parseScopeId(value, zoneAt + 1);
    const address = zoneAt < 0 ? value : value.slice(0, zoneAt);
    writeIpv6(this.bytes, AT.sin6_addr, 'SockaddrIn6.address', address, value);
    this.sin6_scope_id = scopeId;
  }

  /** The port in host order. */
  get port(): number {
    return ((this.bytes[AT.sin6_port] ?? 0) << 8) | (this.bytes[AT.sin6_port + 1] ?? 0);
  }

  set port(value: number) {
    assertUint16('SockaddrIn6.port', 'value', value);
    this.bytes[AT.sin6_port] = value >>> 8;
    this.bytes[AT.sin6_port + 1] = value;
  }

  /** `[::1]:9008`, `[fe80::1%2]:9008` */
  toString(): string {
    return `[${this.address}]:${this.port}`;
  }

  /** What `console.log` shows: class and text. */
  [INSPECT](): string {
    return `SockaddrIn6 ${this}`;
  }

  /** Prepares a copy to cross to another thread. */
  [DEHYDRATE](): Dehydrated {
    return dehydrate(import.meta.url, 'SockaddrIn6', this.bytes, this.layout);
  }

  /** Makes the copy on the other thread. */
  static [REVIVE](data: unknown): SockaddrIn6 {
    const { bytes, layout } = hydrate('SockaddrIn6', data);
    return new SockaddrIn6(bytes, layout);
  }

  /** Bytes have nothing to give back. */
  static [DISCARD](_data: unknown): void {}
}

/** @throws {RangeError} the zone is not a decimal number of 32 bits */
function parseScopeId(text: string, start: number): number {
  let scopeId = 0;
  for (let at = start; at < text.length && at < start + SCOPE_DIGITS; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    scopeId = digit >= 0 && digit <= 9 ? scopeId * 10 + digit : Number.NaN;
  }
  const digits = text.length - start;
  if (digits > 0 && digits <= SCOPE_DIGITS && scopeId <= 0xffff_ffff) return scopeId;
  throw new RangeError(
    `SockaddrIn6.address: the zone must be an interface's index, a number: got ${quote(text)}; ` +
      'turn a name into its index (if_nametoindex) and give that as scopeId, with the address alone',
  );
}
