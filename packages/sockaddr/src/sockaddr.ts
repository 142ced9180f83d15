/**
 * The generic socket address, and the way from bytes to the structure that fits them: struct sockaddr; RFC 3493 §3.
 *
 * C casts a pointer; here {@link sockaddrFrom} looks at the family and makes the right view of the same memory.
 */

import { quote } from './arguments.js';
import { DEHYDRATE, type Dehydrated, DISCARD, dehydrate, hydrate, REVIVE } from './crossing.js';
import { readFamily, readLength, writeFamily } from './family.js';
import { INSPECT } from './inspect.js';
import { SOCKADDR as AT, hostLayout, type Layout, SOCKADDR_IN, SOCKADDR_IN6 } from './layout.js';
import { bytesOfView } from './memory.js';
import { SockaddrIn } from './sockaddr-in.js';
import { SockaddrIn6 } from './sockaddr-in6.js';
import type { SockaddrStorage } from './sockaddr-storage.js';
import { SockaddrUn } from './sockaddr-un.js';

/** Any of the structures: what a call that takes `const struct sockaddr *` accepts. */
export type SockaddrLike = Sockaddr | SockaddrIn | SockaddrIn6 | SockaddrUn | SockaddrStorage;

/** A socket address of any family, as bytes: for families that have no class of their own, and for code ported from C. */
export class Sockaddr {
  /** sizeof(struct sockaddr), the same on every system. */
  static readonly SIZE = AT.size;

  /** The very memory that the kernel reads and writes, of whatever length the family's addresses have. */
  readonly bytes: Uint8Array;
  /** Whose layout the bytes have: this host's, unless said otherwise. */
  readonly layout: Layout;

  /**
   * @param bytes - memory to look at, all of it: addresses of other families are shorter or longer than 16 bytes. Fresh zeroed
   *   memory of 16 if left out
   */
  constructor(bytes: Uint8Array = new Uint8Array(AT.size), layout: Layout = hostLayout) {
    if (!(bytes instanceof Uint8Array)) {
      throw new TypeError(`new Sockaddr: bytes must be a Uint8Array: got ${quote(bytes)}`);
    }
    this.bytes = bytes;
    this.layout = layout;
  }

  /** The length field of BSD systems; undefined where the structure has none. */
  get sa_len(): number | undefined {
    return readLength(this.bytes, this.layout);
  }

  /** The family; 0, AF_UNSPEC, where there are no bytes for it. */
  get sa_family(): number {
    return readFamily(this.bytes, this.layout);
  }

  set sa_family(value: number) {
    writeFamily(this.bytes, this.layout, 'sa_family', value);
  }

  /** What follows the family, a view of the same memory. */
  get sa_data(): Uint8Array {
    return this.bytes.subarray(AT.sa_data);
  }

  /** The family, whichever structure this is. */
  get family(): number {
    return this.sa_family;
  }

  /** The length that a call is given with this address: all of its bytes. */
  get length(): number {
    return this.bytes.length;
  }

  /** The IP address as text, where the family has one. */
  get address(): string | undefined {
    const narrow = sockaddrFrom(this.bytes, this.length, this.layout);
    return narrow instanceof Sockaddr ? undefined : narrow.address;
  }

  /** The port in host order, where the family has one. */
  get port(): number | undefined {
    const narrow = sockaddrFrom(this.bytes, this.length, this.layout);
    return narrow instanceof Sockaddr ? undefined : narrow.port;
  }

  /** As the structure of its family; of other families number and bytes: `family 16: 00 00 ...`. */
  toString(): string {
    const narrow = sockaddrFrom(this.bytes, this.length, this.layout);
    if (!(narrow instanceof Sockaddr)) return narrow.toString();
    const hex = Array.from(this.sa_data, (byte) => byte.toString(16).padStart(2, '0'));
    return `family ${this.sa_family}: ${hex.join(' ')}`;
  }

  /** What `console.log` shows: class and text. */
  [INSPECT](): string {
    return `Sockaddr ${this}`;
  }

  /** Prepares a copy to cross to another thread. */
  [DEHYDRATE](): Dehydrated {
    return dehydrate(import.meta.url, 'Sockaddr', this.bytes, this.layout);
  }

  /** Makes the copy on the other thread. */
  static [REVIVE](data: unknown): Sockaddr {
    const { bytes, layout } = hydrate('Sockaddr', data);
    return new Sockaddr(bytes, layout);
  }

  /** Bytes have nothing to give back. */
  static [DISCARD](_data: unknown): void {}
}

/**
 * Makes the structure that fits the family in the bytes: a view of them, nothing is copied.
 *
 * @param bytes - memory that holds an address, such as `accept` or `recvfrom` filled
 * @param length - how much of it the address has, as the call said; all of it if left out. A Unix name needs it
 * @returns {@link Sockaddr} where the family is another one, or where there are fewer bytes than it needs
 * @throws {TypeError} `bytes` is no view
 * @throws {RangeError} `length` is negative or reaches beyond the bytes
 */
export function sockaddrFrom(
  bytes: ArrayBufferView,
  length?: number,
  layout: Layout = hostLayout,
): SockaddrIn | SockaddrIn6 | SockaddrUn | Sockaddr {
  if (!ArrayBuffer.isView(bytes)) {
    throw new TypeError(
      `sockaddrFrom: bytes must be a Uint8Array or another view: got ${quote(bytes)}`,
    );
  }
  const memory = bytesOfView(bytes);
  const size = length ?? memory.length;
  if (!Number.isInteger(size) || size < 0 || size > memory.length) {
    throw new RangeError(
      `sockaddrFrom: length must be an integer from 0 to ${memory.length}, the bytes there are: got ${quote(length)}`,
    );
  }
  const family = size < AT.sa_data ? 0 : readFamily(memory, layout);
  const { AF_INET, AF_INET6, AF_UNIX } = layout.families;
  if (family === AF_INET && size >= SOCKADDR_IN.size) return new SockaddrIn(memory, layout);
  if (family === AF_INET6 && size >= SOCKADDR_IN6.size) return new SockaddrIn6(memory, layout);
  if (family === AF_UNIX) {
    const name = new SockaddrUn(memory, layout);
    if (length !== undefined) name.length = Math.min(length, name.bytes.length);
    return name;
  }
  return new Sockaddr(size === memory.length ? memory : memory.subarray(0, size), layout);
}
