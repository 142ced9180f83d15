/**
 * A Unix socket's name as the kernel takes it: struct sockaddr_un, unix(7); Windows' afunix.h.
 *
 * Three kinds: a path in the file system, an abstract name (Linux: first byte zero, the rest any bytes), and none. Only the
 * length that goes with the bytes tells them apart, so this structure keeps one; see {@link SockaddrUn.length}.
 */

import { assertInteger, quote } from './arguments.js';
import { DEHYDRATE, type Dehydrated, DISCARD, dehydrate, hydrate, REVIVE } from './crossing.js';
import { readFamily, readLength, writeFamily, writeLength } from './family.js';
import { INSPECT } from './inspect.js';
import { SOCKADDR_UN as AT, hostLayout, type Layout } from './layout.js';
import { structureMemory } from './memory.js';

/** What {@link SockaddrUn.from} takes: one of three kinds. Text is written as UTF-8; bytes as they are. */
export type SockaddrUnOptions =
  | { readonly path: string | Uint8Array }
  | { readonly abstractName: string | Uint8Array }
  | { readonly unnamed: true };

/** A name may begin with the bytes of a byte order mark; they are part of it. */
const decoder = /* @__PURE__ */ new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = /* @__PURE__ */ new TextEncoder();

/** A Unix socket's name in memory. */
export class SockaddrUn {
  /** sizeof(struct sockaddr_un) on this host. */
  static readonly SIZE: number = AT.sun_path + hostLayout.pathSize;

  /** The very memory that the kernel reads and writes. */
  readonly bytes: Uint8Array;
  /** Whose layout the bytes have: this host's, unless said otherwise. */
  readonly layout: Layout;
  /** What was said about the length; undefined: the bytes have to tell. */
  #length: number | undefined;

  /**
   * @param bytes - memory to look at; fresh zeroed memory if left out. It may be shorter than the whole structure, as names
   *   that come from the kernel are, but not shorter than the family
   * @throws {RangeError} less than two bytes
   */
  constructor(bytes?: Uint8Array, layout: Layout = hostLayout) {
    const whole = AT.sun_path + layout.pathSize;
    const size = bytes === undefined ? whole : Math.min(bytes.length, whole);
    this.bytes = structureMemory('SockaddrUn', bytes, Math.max(size, AT.sun_path));
    this.layout = layout;
  }

  /**
   * Makes a name of one of the three kinds.
   *
   * @throws {RangeError} empty, too long, a path with a zero byte in it, an abstract name where the system has none
   */
  static from(options: SockaddrUnOptions, layout: Layout = hostLayout): SockaddrUn {
    const made = new SockaddrUn(undefined, layout);
    made.sun_family = layout.families.AF_UNIX;
    if (typeof options === 'object' && options !== null) {
      if ('path' in options) return made.#setPath(options.path);
      if ('abstractName' in options) return made.#setAbstractName(options.abstractName);
      if ('unnamed' in options) {
        writeLength(made.bytes, layout, AT.sun_path);
        return made;
      }
    }
    throw new TypeError(
      `SockaddrUn.from: options must have path, abstractName or unnamed: got ${quote(options)}`,
    );
  }

  /** The length field of BSD systems; undefined where the structure has none. */
  get sun_len(): number | undefined {
    return readLength(this.bytes, this.layout);
  }

  /** AF_UNIX, once somebody has written it. */
  get sun_family(): number {
    return readFamily(this.bytes, this.layout);
  }

  set sun_family(value: number) {
    writeFamily(this.bytes, this.layout, 'sun_family', value);
  }

  /** The array of that name, a view of the same memory. Writing here leaves {@link length} as it was set, if it was. */
  get sun_path(): Uint8Array {
    return this.bytes.subarray(AT.sun_path);
  }

  /**
   * The true length of the name, family included: what `bind` is given and `getsockname` gives.
   *
   * Set it to what the kernel said. Unset, the bytes tell: a path ends at its zero byte (which counts), an abstract name at
   * its last byte that is not zero, and nothing but zeros is unnamed.
   */
  get length(): number {
    const { bytes } = this;
    const end = this.#length ?? bytes.length;
    if (end <= AT.sun_path) return end;
    if (bytes[AT.sun_path] !== 0) {
      const terminator = bytes.indexOf(0, AT.sun_path);
      return terminator >= 0 && terminator < end ? terminator + 1 : end;
    }
    if (this.#length !== undefined) return end;
    let last = end;
    while (last > AT.sun_path && bytes[last - 1] === 0) last--;
    return last;
  }

  set length(value: number) {
    assertInteger('SockaddrUn.length', 'value', value, 0, this.bytes.length);
    this.#length = value;
  }

  /** The family, whichever structure this is. */
  get family(): number {
    return this.sun_family;
  }

  /** The path as text (UTF-8), undefined for the other two kinds. */
  get path(): string | undefined {
    const bytes = this.pathBytes;
    return bytes && decoder.decode(bytes);
  }

  /** The path's own bytes without the terminator, which need not be UTF-8; undefined for the other two kinds. */
  get pathBytes(): Uint8Array | undefined {
    const { bytes, length } = this;
    if (length <= AT.sun_path || bytes[AT.sun_path] === 0) return undefined;
    return bytes.subarray(AT.sun_path, bytes[length - 1] === 0 ? length - 1 : length);
  }

  /** The abstract name's bytes without the leading zero; undefined for the other two kinds. */
  get abstractName(): Uint8Array | undefined {
    const { bytes, length } = this;
    if (!this.layout.hasAbstractNames || length <= AT.sun_path) return undefined;
    return bytes[AT.sun_path] === 0 ? bytes.subarray(AT.sun_path + 1, length) : undefined;
  }

  /** True where there is neither path nor abstract name: a socket nobody bound. */
  get isUnnamed(): boolean {
    return this.pathBytes === undefined && this.abstractName === undefined;
  }

  /** No IP address here; for code that handles any structure. */
  get address(): undefined {
    return undefined;
  }

  /** No port here; for code that handles any structure. */
  get port(): undefined {
    return undefined;
  }

  /** The path; an abstract name after `@`, with `@` for its zero bytes, as ss(8) shows it; or `(unnamed)`. */
  toString(): string {
    const name = this.abstractName;
    if (name) return `@${decoder.decode(name).replaceAll('\0', '@')}`;
    return this.path ?? '(unnamed)';
  }

  /** What `console.log` shows: class and text. */
  [INSPECT](): string {
    return `SockaddrUn ${this}`;
  }

  /** Prepares a copy to cross to another thread. */
  [DEHYDRATE](): Dehydrated {
    return dehydrate(import.meta.url, 'SockaddrUn', this.bytes, this.layout, this.#length);
  }

  /** Makes the copy on the other thread. */
  static [REVIVE](data: unknown): SockaddrUn {
    const { bytes, layout, length } = hydrate('SockaddrUn', data);
    const made = new SockaddrUn(bytes, layout);
    made.#length = length;
    return made;
  }

  /** Bytes have nothing to give back. */
  static [DISCARD](_data: unknown): void {}

  #setPath(path: string | Uint8Array): this {
    const bytes = encode('path', path);
    // One byte stays zero: Linux takes a path without terminator, but what reads it back as C text runs on.
    const limit = this.layout.pathSize - 1;
    if (bytes.length === 0 || bytes.length > limit) {
      throw new RangeError(
        `SockaddrUn.from: path must have 1 to ${limit} bytes: got ${bytes.length}, ${quote(path)}; ` +
          'a socket may be bound to a short relative path, or through a symbolic link to its folder',
      );
    }
    if (bytes.includes(0)) {
      throw new RangeError(
        `SockaddrUn.from: path must not contain a zero byte: got ${quote(path)}; ` +
          'for a name outside of the file system give abstractName, without the leading zero',
      );
    }
    this.bytes.set(bytes, AT.sun_path);
    writeLength(this.bytes, this.layout, AT.sun_path + bytes.length + 1);
    return this;
  }

  #setAbstractName(name: string | Uint8Array): this {
    if (!this.layout.hasAbstractNames) {
      throw new RangeError(
        `SockaddrUn.from: abstractName must be left out on ${this.layout.system}, only Linux has such names: got ${quote(name)}; give a path`,
      );
    }
    const bytes = encode('abstractName', name);
    const limit = this.layout.pathSize - 1;
    if (bytes.length > limit) {
      throw new RangeError(
        `SockaddrUn.from: abstractName must have at most ${limit} bytes: got ${bytes.length}, ${quote(name)}`,
      );
    }
    this.bytes.set(bytes, AT.sun_path + 1);
    // A path's bytes tell its length; an abstract name may end with zeros.
    this.#length = AT.sun_path + 1 + bytes.length;
    return this;
  }
}

/** @throws {TypeError} neither text nor bytes */
function encode(argument: string, name: string | Uint8Array): Uint8Array {
  if (typeof name === 'string') return encoder.encode(name);
  if (name instanceof Uint8Array) return name;
  throw new TypeError(
    `SockaddrUn.from: ${argument} must be a string or a Uint8Array: got ${quote(name)}`,
  );
}
