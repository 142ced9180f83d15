/**
 * The four bytes of an IPv4 address under C's names: struct in_addr; winsock2 IN_ADDR with its union S_un.
 *
 * Every field reads and writes the same four bytes, and nothing is cached: what the kernel wrote is what is seen.
 */

import { assertUint8, assertUint16, assertUint32, quote } from './arguments.js';
import { DEHYDRATE, type Dehydrated, DISCARD, dehydrate, hydrate, REVIVE } from './crossing.js';
import { INSPECT } from './inspect.js';
import { formatIpv4, parseIpv4 } from './ipv4-text.js';
import { hostLayout } from './layout.js';
import {
  readUint16,
  readUint32,
  structureMemory,
  writeUint16,
  writeUint32,
  writeUint32BigEndian,
} from './memory.js';

/** Windows' `in_addr.S_un`: the same four bytes as bytes, as two words and as one number. */
export interface InAddrUnion {
  /** The bytes one by one. */
  readonly S_un_b: InAddrBytes;
  /** Two 16-bit numbers. */
  readonly S_un_w: InAddrWords;
  /** The four bytes as C reads them on this host: network order, unsigned. */
  S_addr: number;
}

/** Windows' `S_un_b`: the four bytes one by one; `s_b1` is what people read first. */
export interface InAddrBytes {
  s_b1: number;
  s_b2: number;
  s_b3: number;
  s_b4: number;
}

/** Windows' `S_un_w`: the four bytes as two 16-bit numbers, as C reads them on this host. */
export interface InAddrWords {
  s_w1: number;
  s_w2: number;
}

/** An IPv4 address in memory: a view of four bytes, in network order. */
export class InAddr {
  /** sizeof(struct in_addr), the same on every system. */
  static readonly SIZE = 4;

  /** The very four bytes. */
  readonly bytes: Uint8Array;
  #union: InAddrUnion | undefined;

  /**
   * @param bytes - memory to look at, four bytes or more; fresh zeroed memory if left out
   * @throws {RangeError} less than four bytes
   */
  constructor(bytes?: Uint8Array) {
    this.bytes = structureMemory('InAddr', bytes, InAddr.SIZE);
  }

  /**
   * Makes an address of its strict text, `127.0.0.1`.
   *
   * @throws {RangeError} the text is no IPv4 address
   */
  static from(address: string): InAddr {
    const made = new InAddr();
    writeIpv4(made.bytes, 0, 'InAddr.from', address);
    return made;
  }

  /** The four bytes as C reads them on this host, an unsigned 32-bit number; on Windows a macro for `S_un.S_addr`. */
  get s_addr(): number {
    return readUint32(this.bytes, 0);
  }

  set s_addr(value: number) {
    assertUint32('s_addr', 'value', value);
    writeUint32(this.bytes, 0, value);
  }

  /** Windows' union of the same four bytes. */
  get S_un(): InAddrUnion {
    this.#union ??= new Union(this.bytes);
    return this.#union;
  }

  /** The text of the address. */
  toString(): string {
    return formatIpv4(this.bytes, 0);
  }

  /** What `console.log` shows: class and text. */
  [INSPECT](): string {
    return `InAddr ${this}`;
  }

  /** Prepares a copy to cross to another thread. */
  [DEHYDRATE](): Dehydrated {
    return dehydrate(import.meta.url, 'InAddr', this.bytes, hostLayout);
  }

  /** Makes the copy on the other thread. */
  static [REVIVE](data: unknown): InAddr {
    return new InAddr(hydrate('InAddr', data).bytes);
  }

  /** Bytes have nothing to give back. */
  static [DISCARD](_data: unknown): void {}
}

class Union implements InAddrUnion {
  readonly S_un_b: InAddrBytes;
  readonly S_un_w: InAddrWords;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.S_un_b = new Bytes(bytes);
    this.S_un_w = new Words(bytes);
  }

  get S_addr(): number {
    return readUint32(this.#bytes, 0);
  }

  set S_addr(value: number) {
    assertUint32('S_addr', 'value', value);
    writeUint32(this.#bytes, 0, value);
  }
}

class Bytes implements InAddrBytes {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get s_b1(): number {
    return this.#bytes[0] ?? 0;
  }

  set s_b1(value: number) {
    assertUint8('s_b1', 'value', value);
    this.#bytes[0] = value;
  }

  get s_b2(): number {
    return this.#bytes[1] ?? 0;
  }

  set s_b2(value: number) {
    assertUint8('s_b2', 'value', value);
    this.#bytes[1] = value;
  }

  get s_b3(): number {
    return this.#bytes[2] ?? 0;
  }

  set s_b3(value: number) {
    assertUint8('s_b3', 'value', value);
    this.#bytes[2] = value;
  }

  get s_b4(): number {
    return this.#bytes[3] ?? 0;
  }

  set s_b4(value: number) {
    assertUint8('s_b4', 'value', value);
    this.#bytes[3] = value;
  }
}

class Words implements InAddrWords {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get s_w1(): number {
    return readUint16(this.#bytes, 0);
  }

  set s_w1(value: number) {
    assertUint16('s_w1', 'value', value);
    writeUint16(this.#bytes, 0, value);
  }

  get s_w2(): number {
    return readUint16(this.#bytes, 2);
  }

  set s_w2(value: number) {
    assertUint16('s_w2', 'value', value);
    writeUint16(this.#bytes, 2, value);
  }
}

/**
 * Writes the strict text of an address into memory; for the structures that hold one.
 *
 * @throws {TypeError} not a string
 * @throws {RangeError} no IPv4 address
 */
export function writeIpv4(bytes: Uint8Array, at: number, where: string, address: string): void {
  const value = typeof address === 'string' ? parseIpv4(address, 0, address.length) : -1;
  if (value >= 0) {
    writeUint32BigEndian(bytes, at, value);
    return;
  }
  if (typeof address !== 'string') {
    throw new TypeError(
      `${where}: address must be a string like '127.0.0.1': got ${quote(address)}`,
    );
  }
  throw new RangeError(
    `${where}: address must be four decimal octets without leading zeros, like '127.0.0.1': got ${quote(address)}; ` +
      'a name has to be resolved first, IPv6 goes into SockaddrIn6',
  );
}
