/**
 * Room for an address of any family: struct sockaddr_storage, RFC 3493 §3.10; winsock2 SOCKADDR_STORAGE.
 */

import { assertInteger } from './arguments.js';
import { DEHYDRATE, type Dehydrated, DISCARD, dehydrate, hydrate, REVIVE } from './crossing.js';
import { readFamily, readLength, writeFamily } from './family.js';
import { INSPECT } from './inspect.js';
import { hostLayout, type Layout } from './layout.js';
import { structureMemory } from './memory.js';
import { Sockaddr, sockaddrFrom } from './sockaddr.js';
import type { SockaddrIn } from './sockaddr-in.js';
import type { SockaddrIn6 } from './sockaddr-in6.js';
import type { SockaddrUn } from './sockaddr-un.js';

/** Memory that is large enough for every family, to be filled by a call. */
export class SockaddrStorage {
  /** sizeof(struct sockaddr_storage) on this host. */
  static readonly SIZE: number = hostLayout.storageSize;

  /** The very memory that the kernel reads and writes. */
  readonly bytes: Uint8Array;
  /** Whose layout the bytes have: this host's, unless said otherwise. */
  readonly layout: Layout;
  #length: number | undefined;

  /**
   * @param bytes - memory to look at, the structure's size or more; fresh zeroed memory if left out
   * @throws {RangeError} less than that
   */
  constructor(bytes?: Uint8Array, layout: Layout = hostLayout) {
    this.bytes = structureMemory('SockaddrStorage', bytes, layout.storageSize);
    this.layout = layout;
  }

  /** The length field of BSD systems; undefined where the structure has none. */
  get ss_len(): number | undefined {
    return readLength(this.bytes, this.layout);
  }

  /** The family that was written here; 0 before. */
  get ss_family(): number {
    return readFamily(this.bytes, this.layout);
  }

  set ss_family(value: number) {
    writeFamily(this.bytes, this.layout, 'ss_family', value);
  }

  /** The family, whichever structure this is. */
  get family(): number {
    return this.ss_family;
  }

  /** How much of the memory the address has: set it to what the call said. Unset, what the family's structure says. */
  get length(): number {
    if (this.#length !== undefined) return this.#length;
    const narrow = this.narrow();
    return narrow instanceof Sockaddr ? this.bytes.length : narrow.length;
  }

  set length(value: number) {
    assertInteger('SockaddrStorage.length', 'value', value, 0, this.bytes.length);
    this.#length = value;
  }

  /** The structure that fits the family: a view of the same memory. */
  narrow(): SockaddrIn | SockaddrIn6 | SockaddrUn | Sockaddr {
    return sockaddrFrom(this.bytes, this.#length, this.layout);
  }

  /** The IP address as text, where the family has one. */
  get address(): string | undefined {
    return this.narrow().address;
  }

  /** The port in host order, where the family has one. */
  get port(): number | undefined {
    return this.narrow().port;
  }

  /** As the structure that fits the family. */
  toString(): string {
    return this.narrow().toString();
  }

  /** What `console.log` shows: class and text. */
  [INSPECT](): string {
    return `SockaddrStorage ${this}`;
  }

  /** Prepares a copy to cross to another thread. */
  [DEHYDRATE](): Dehydrated {
    return dehydrate(import.meta.url, 'SockaddrStorage', this.bytes, this.layout, this.#length);
  }

  /** Makes the copy on the other thread. */
  static [REVIVE](data: unknown): SockaddrStorage {
    const { bytes, layout, length } = hydrate('SockaddrStorage', data);
    const made = new SockaddrStorage(bytes, layout);
    made.#length = length;
    return made;
  }

  /** Bytes have nothing to give back. */
  static [DISCARD](_data: unknown): void {}
}
