/**
 * The sixteen bytes of an IPv6 address under C's names: struct in6_addr, RFC 3493 §3.2; winsock2 IN6_ADDR with its union u.
 */

import { assertUint16, quote } from './arguments.js';
import { DEHYDRATE, type Dehydrated, DISCARD, dehydrate, hydrate, REVIVE } from './crossing.js';
import { INSPECT } from './inspect.js';
import { formatIpv6, parseIpv6 } from './ipv6-text.js';
import { hostLayout } from './layout.js';
import { readUint16, structureMemory, writeUint16 } from './memory.js';

/** Windows' `in6_addr.u`: the sixteen bytes as bytes and as eight 16-bit numbers. */
export interface In6AddrUnion {
  readonly Byte: Uint8Array;
  readonly Word: In6AddrWords;
}

/**
 * Windows' `u.Word`: eight 16-bit numbers over the same bytes, as C reads them on this host (so `htons` belongs around them).
 */
export interface In6AddrWords extends Iterable<number> {
  [index: number]: number;
  readonly length: 8;
}

/** An IPv6 address in memory: a view of sixteen bytes, in network order. The zone is no part of it. */
export class In6Addr {
  /** sizeof(struct in6_addr), the same on every system. */
  static readonly SIZE = 16;

  /** The very sixteen bytes. */
  readonly bytes: Uint8Array;
  #union: In6AddrUnion | undefined;

  /**
   * @param bytes - memory to look at, sixteen bytes or more; fresh zeroed memory if left out
   * @throws {RangeError} less than sixteen bytes
   */
  constructor(bytes?: Uint8Array) {
    this.bytes = structureMemory('In6Addr', bytes, In6Addr.SIZE);
  }

  /**
   * Makes an address of its text, `2001:db8::1`, without a zone.
   *
   * @throws {RangeError} the text is no IPv6 address
   */
  static from(address: string): In6Addr {
    const made = new In6Addr();
    writeIpv6(made.bytes, 0, 'In6Addr.from', address, address);
    return made;
  }

  /** The sixteen bytes, C's array of this name. */
  get s6_addr(): Uint8Array {
    return this.bytes;
  }

  /** Windows' union of the same sixteen bytes. */
  get u(): In6AddrUnion {
    this.#union ??= { Byte: this.bytes, Word: new Words(this.bytes) };
    return this.#union;
  }

  /** The text of the address. */
  toString(): string {
    return formatIpv6(this.bytes, 0);
  }

  /** What `console.log` shows: class and text. */
  [INSPECT](): string {
    return `In6Addr ${this}`;
  }

  /** Prepares a copy to cross to another thread. */
  [DEHYDRATE](): Dehydrated {
    return dehydrate(import.meta.url, 'In6Addr', this.bytes, hostLayout);
  }

  /** Makes the copy on the other thread. */
  static [REVIVE](data: unknown): In6Addr {
    return new In6Addr(hydrate('In6Addr', data).bytes);
  }

  /** Bytes have nothing to give back. */
  static [DISCARD](_data: unknown): void {}
}

/** Not a Uint16Array, which needs an even offset: a structure may lie anywhere in its buffer. */
class Words implements In6AddrWords {
  [index: number]: number;
  readonly length = 8;
  readonly #bytes: Uint8Array;

  static {
    for (let word = 0; word < 8; word++) {
      Object.defineProperty(Words.prototype, word, {
        get(this: Words): number {
          return readUint16(this.#bytes, 2 * word);
        },
        set(this: Words, value: number) {
          assertUint16(`u.Word[${word}]`, 'value', value);
          writeUint16(this.#bytes, 2 * word, value);
        },
      });
    }
  }

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  *[Symbol.iterator](): IterableIterator<number> {
    for (let word = 0; word < 8; word++) yield readUint16(this.#bytes, 2 * word);
  }
}

/**
 * Writes the text of an address into memory; for the structures that hold one.
 *
 * @param whole - what the caller was given, for the message; `address` may have lost its zone
 * @throws {TypeError} not a string
 * @throws {RangeError} no IPv6 address
 */
export function writeIpv6(
  bytes: Uint8Array,
  at: number,
  where: string,
  address: string,
  whole: string,
): void {
  if (typeof address !== 'string') {
    throw new TypeError(`${where}: address must be a string like '::1': got ${quote(address)}`);
  }
  if (parseIpv6(address, 0, address.length, bytes, at)) return;
  throw new RangeError(
    `${where}: address must be IPv6 text without brackets and port, like '2001:db8::1': got ${quote(whole)}; ` +
      'a name has to be resolved first, IPv4 goes into SockaddrIn',
  );
}
