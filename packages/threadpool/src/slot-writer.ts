/**
 * Small fields as bytes in a task's slot: numbers, booleans, short texts, small byte arrays, and objects and arrays of
 * such; with the instances among them, as a socket's handle and its peer. What does not fit travels otherwise.
 *
 * HOT: bench/pools measures it. What it may write is exactly what structured clone would make the same of; anything else
 * is refused, never changed.
 */
import type { Packed } from './crossing.js';
import type { Repairs, Site } from './crossing-wire.js';
import {
  ABSENT,
  ARRAY,
  BY_INDEX,
  BY_NAME,
  BYTES,
  Containers,
  FALSE,
  INTEGER,
  NULL,
  NUMBER,
  OBJECT,
  PAYLOAD_BYTES,
  TEXT,
  TRUE,
  UNDEFINED,
  WORD,
} from './slot-form.js';
import type { Words } from './words.js';

/** Longer texts are words or travel otherwise: here each character is written by itself. */
const SHORT = 64;
const MOST_BYTES = 128;
const MOST_ITEMS = 64;
/** The most that one value needs beside its contents. */
const HEADROOM = 10;

/** Writes; one for each thread, used again for every task. */
export class SlotWriter {
  readonly #words: Words;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  #end = 0;
  #isTree = false;
  /** In the order in which they are written, which is that in which they are read. */
  #containers = new Containers();

  constructor(words: Words) {
    this.#words = words;
  }

  /**
   * Writes a task's fields.
   *
   * @returns the numbers of the classes of its instances, a byte each; -1 when it has to travel as a message
   */
  write(view: DataView, start: number, packed: Packed): number {
    if (packed.transfer !== undefined) return -1;
    this.#isTree = packed.isTree;
    this.#view = view;
    this.#at = start;
    this.#end = start + PAYLOAD_BYTES - HEADROOM;
    const fits = this.#value(packed.value);
    const classes = fits ? this.#repairs(packed.repairs) : -1;
    this.#containers.clear();
    return classes;
  }

  #value(value: unknown): boolean {
    if (this.#at > this.#end) return false;
    if (typeof value === 'number') return this.#number(value);
    if (typeof value === 'string') return this.#text(value);
    if (typeof value === 'object' && value !== null) return this.#container(value);
    if (typeof value === 'bigint') return false;
    this.#byte(value === undefined ? UNDEFINED : value === null ? NULL : value ? TRUE : FALSE);
    return true;
  }

  #byte(byte: number): void {
    this.#view.setUint8(this.#at++, byte);
  }

  #number(value: number): boolean {
    if ((value | 0) === value && !Object.is(value, -0)) {
      this.#byte(INTEGER);
      this.#view.setInt32(this.#at, value);
      this.#at += 4;
    } else {
      this.#byte(NUMBER);
      this.#view.setFloat64(this.#at, value);
      this.#at += 8;
    }
    return true;
  }

  #text(text: string): boolean {
    const { length } = text;
    if (length <= SHORT && this.#at + length <= this.#end) {
      const before = this.#at;
      this.#byte(TEXT);
      this.#byte(length);
      let at = this.#at;
      for (let i = 0; i < length; i++) {
        const code = text.charCodeAt(i);
        if (code > 0xff) {
          this.#at = before;
          return this.#word(text);
        }
        this.#view.setUint8(at++, code);
      }
      this.#at = at;
      return true;
    }
    return this.#word(text);
  }

  #word(text: string): boolean {
    const number = this.#words.ofText(text);
    if (number < 0) return false;
    this.#byte(WORD);
    this.#short(number);
    return true;
  }

  #short(number: number): void {
    this.#view.setUint16(this.#at, number);
    this.#at += 2;
  }

  #container(value: object): boolean {
    if (!this.#isTree) {
      // What is there twice must arrive as one.
      if (this.#containers.indexOf(value) >= 0) return false;
      this.#containers.push(value);
    }
    const proto: unknown = Object.getPrototypeOf(value);
    // SAFETY: their prototypes say what they are; whatever was made up otherwise the walk has refused or copied.
    if (proto === Object.prototype) return this.#object(value as Record<string, unknown>);
    if (proto === Array.prototype) return this.#array(value as unknown[]);
    if (proto === Uint8Array.prototype) return this.#bytes(value as Uint8Array);
    return false;
  }

  #object(value: Record<string, unknown>): boolean {
    const keys = Object.keys(value);
    if (keys.length > MOST_ITEMS) return false;
    this.#byte(OBJECT);
    this.#byte(keys.length);
    for (const key of keys) {
      const number = key === '__proto__' ? -1 : this.#words.ofName(key);
      if (number < 0 || this.#at > this.#end) return false;
      this.#short(number);
      if (!this.#value(value[key])) return false;
    }
    return true;
  }

  #array(value: readonly unknown[]): boolean {
    const { length } = value;
    if (length > MOST_ITEMS) return false;
    this.#byte(ARRAY);
    this.#byte(length);
    let own = 0;
    for (let i = 0; i < length; i++) {
      if (value[i] !== undefined || i in value) {
        own++;
        if (!this.#value(value[i])) return false;
      } else if (this.#at > this.#end) return false;
      else this.#byte(ABSENT);
    }
    // More of its own than its items, as a match of a RegExp has.
    return Object.keys(value).length === own;
  }

  #bytes(value: Uint8Array): boolean {
    const { length } = value;
    if (length > MOST_BYTES || this.#at + length > this.#end) return false;
    if (!this.#isTree && !this.#ownsBuffer(value)) return false;
    this.#byte(BYTES);
    this.#byte(length);
    for (let i = 0; i < length; i++) this.#view.setUint8(this.#at++, value[i] ?? 0);
    return true;
  }

  /** Asking for the buffer of small bytes costs ten times as much as writing them. */
  #ownsBuffer({ buffer, length }: Uint8Array): boolean {
    // A window on a larger one carries all of it; one that is shared stays shared.
    if (!(buffer instanceof ArrayBuffer) || buffer.byteLength !== length) return false;
    if (this.#containers.indexOf(buffer) >= 0) return false;
    this.#containers.push(buffer);
    return true;
  }

  /** @returns as {@link write} */
  #repairs(repairs: Repairs | undefined): number {
    if (repairs === undefined) return 0;
    const { crossers, sites, collections, root } = repairs;
    if (root >= 0 || collections.length > 0 || crossers.length > 4 || sites.length > MOST_ITEMS) {
      return -1;
    }
    let classes = 0;
    for (let i = 0; i < crossers.length; i++) {
      const crosser = crossers[i];
      if (crosser === undefined || crosser.isError) return -1;
      const number = this.#words.ofClass(crosser.module, crosser.exportName);
      if (number === 0 || !this.#value(crosser.data)) return -1;
      classes |= number << (8 * i);
    }
    if (this.#at > this.#end) return -1;
    this.#byte(sites.length);
    for (const site of sites) if (!this.#site(site)) return -1;
    return classes;
  }

  #site([of, owner, key, crosser]: Site): boolean {
    const at = this.#containers.indexOf(owner);
    if (at < 0 || this.#at > this.#end) return false;
    const number = typeof key === 'number' ? key : this.#words.ofName(key);
    if (number < 0) return false;
    this.#byte(of + 1);
    this.#byte(at);
    this.#byte(typeof key === 'number' ? BY_INDEX : BY_NAME);
    this.#short(number);
    this.#byte(crosser);
    return true;
  }
}
