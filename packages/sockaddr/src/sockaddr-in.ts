/**
 * An IPv4 address and port as the kernel takes them: struct sockaddr_in, ip(7); winsock2 SOCKADDR_IN.
 *
 * A view over bytes: the fields under C's names hold what C would see there, port and address in network order; the ones in
 * camelCase are what people read and write. Both are the same memory.
 */

import { assertUint16, quote } from './arguments.js';
import { DEHYDRATE, type Dehydrated, DISCARD, dehydrate, hydrate, REVIVE } from './crossing.js';
import { readFamily, readLength, writeFamily, writeLength } from './family.js';
import { InAddr, writeIpv4 } from './in-addr.js';
import { INSPECT } from './inspect.js';
import { formatIpv4 } from './ipv4-text.js';
import { SOCKADDR_IN as AT, hostLayout, type Layout } from './layout.js';
import { readUint16, structureMemory, writeUint16 } from './memory.js';

/** What {@link SockaddrIn.from} takes. */
export interface SockaddrInOptions {
  /** Strict IPv4 text. */
  readonly address: string;
  /** In host order; default 0, which lets the system choose where one binds. */
  readonly port?: number;
}

/**
 * An IPv4 endpoint in memory.
 *
 * @example
 * ```ts
 * import { AF_INET, htons, inet_pton, ntohs, SockaddrIn, sizeof } from '@netloom/sockaddr';
 *
 * const address = new SockaddrIn();
 * address.sin_family = AF_INET;
 * address.sin_port = htons(9008); // in network order, as in C
 * inet_pton(AF_INET, '127.0.0.1', address.sin_addr);
 * console.log(`${address}`, ntohs(address.sin_port), sizeof(address));
 *
 * console.log(`${SockaddrIn.from({ address: '127.0.0.1', port: 9008 })}`); // the same, ours
 * ```
 *
 * ```text
 * 127.0.0.1:9008 9008 16
 * 127.0.0.1:9008
 * ```
 */
export class SockaddrIn {
  /** sizeof(struct sockaddr_in), the same on every system. */
  static readonly SIZE = AT.size;

  /** The very memory that the kernel reads and writes. */
  readonly bytes: Uint8Array;
  /** Whose layout the bytes have: this host's, unless said otherwise. */
  readonly layout: Layout;
  #address: InAddr | undefined;

  /**
   * @param bytes - memory to look at, 16 bytes or more; fresh zeroed memory if left out, with family 0 as in C
   * @throws {RangeError} less than 16 bytes
   */
  constructor(bytes?: Uint8Array, layout: Layout = hostLayout) {
    this.bytes = structureMemory('SockaddrIn', bytes, AT.size);
    this.layout = layout;
  }

  /**
   * Makes an endpoint of text and number.
   *
   * @throws {RangeError} no IPv4 address, or no port: the message says which and shows the value
   */
  static from(options: SockaddrInOptions, layout: Layout = hostLayout): SockaddrIn {
    if (typeof options !== 'object' || options === null) {
      throw new TypeError(
        `SockaddrIn.from: options must be { address, port }: got ${quote(options)}`,
      );
    }
    const { address, port = 0 } = options;
    assertUint16('SockaddrIn.from', 'port', port);
    const made = new SockaddrIn(undefined, layout);
    writeIpv4(made.bytes, AT.sin_addr, 'SockaddrIn.from', address);
    writeLength(made.bytes, layout, AT.size);
    writeFamily(made.bytes, layout, 'sin_family', layout.families.AF_INET);
    made.bytes[AT.sin_port] = port >>> 8;
    made.bytes[AT.sin_port + 1] = port;
    return made;
  }

  /** The length field of BSD systems; undefined where the structure has none. */
  get sin_len(): number | undefined {
    return readLength(this.bytes, this.layout);
  }

  /** AF_INET, once somebody has written it. */
  get sin_family(): number {
    return readFamily(this.bytes, this.layout);
  }

  set sin_family(value: number) {
    writeFamily(this.bytes, this.layout, 'sin_family', value);
  }

  /** The port in network order, as C reads it on this host: `htons(9008)`. */
  get sin_port(): number {
    return readUint16(this.bytes, AT.sin_port);
  }

  set sin_port(value: number) {
    assertUint16('sin_port', 'value', value);
    writeUint16(this.bytes, AT.sin_port, value);
  }

  /** The address, a view of the same memory. Assigning copies four bytes, as in C. */
  get sin_addr(): InAddr {
    this.#address ??= new InAddr(this.bytes.subarray(AT.sin_addr, AT.sin_zero));
    return this.#address;
  }

  set sin_addr(value: InAddr) {
    this.bytes.set(value.bytes, AT.sin_addr);
  }

  /** Eight bytes of padding, a view of the same memory. */
  get sin_zero(): Uint8Array {
    return this.bytes.subarray(AT.sin_zero, AT.size);
  }

  /** The family, whichever structure this is. */
  get family(): number {
    return this.sin_family;
  }

  /** The length that a call is given with this address: 16. */
  get length(): number {
    return AT.size;
  }

  /** The address as text. */
  get address(): string {
    return formatIpv4(this.bytes, AT.sin_addr);
  }

  set address(value: string) {
    writeIpv4(this.bytes, AT.sin_addr, 'SockaddrIn.address', value);
  }

  /** The port in host order. */
  get port(): number {
    return ((this.bytes[AT.sin_port] ?? 0) << 8) | (this.bytes[AT.sin_port + 1] ?? 0);
  }

  set port(value: number) {
    assertUint16('SockaddrIn.port', 'value', value);
    this.bytes[AT.sin_port] = value >>> 8;
    this.bytes[AT.sin_port + 1] = value;
  }

  /** `127.0.0.1:9008` */
  toString(): string {
    return `${this.address}:${this.port}`;
  }

  /** What `console.log` shows: class and text. */
  [INSPECT](): string {
    return `SockaddrIn ${this}`;
  }

  /** Prepares a copy to cross to another thread. */
  [DEHYDRATE](): Dehydrated {
    return dehydrate(import.meta.url, 'SockaddrIn', this.bytes, this.layout);
  }

  /** Makes the copy on the other thread. */
  static [REVIVE](data: unknown): SockaddrIn {
    const { bytes, layout } = hydrate('SockaddrIn', data);
    return new SockaddrIn(bytes, layout);
  }

  /** Bytes have nothing to give back. */
  static [DISCARD](_data: unknown): void {}
}
