/**
 * Small fields as bytes in a task's slot: numbers, booleans, short texts, small byte arrays, and objects and arrays of
 * such; with the instances among them, as a socket's handle and its peer. What does not fit travels as a message.
 *
 * HOT: bench/pools measures it. What it may write is exactly what structured clone would make the same of; anything else
 * is refused, never changed.
 */
import type { Packed } from './crossing.js';
import type { Crosser, Repairs, Site } from './crossing-wire.js';
import type { ClassNews } from './messages.js';
import type { Words } from './words.js';

/** What a slot holds of a task's fields: a sockaddr, a descriptor, and some more. */
export const PAYLOAD_BYTES = 192;

/** Longer texts are words or messages: here each character is written by itself. */
const SHORT = 64;
const MOST_BYTES = 128;
const MOST_ITEMS = 64;

const UNDEFINED = 0;
const NULL = 1;
const TRUE = 2;
const FALSE = 3;
const INTEGER = 4;
const NUMBER = 5;
const TEXT = 6;
const WORD = 7;
const BYTES = 8;
const ARRAY = 9;
const OBJECT = 10;
/** An item that an array does not have. */
const ABSENT = 11;

const BY_INDEX = 0;
const BY_NAME = 1;

/** The most that one value needs beside its contents. */
const HEADROOM = 10;

/** Objects, arrays and buffers by number. Never made shorter: setting an array's length costs more than all else here. */
class Containers {
  #list: (object | undefined)[] = [];
  #size = 0;

  push(one: object): void {
    this.#list[this.#size++] = one;
  }

  indexOf(one: object): number {
    for (let i = 0; i < this.#size; i++) if (this.#list[i] === one) return i;
    return -1;
  }

  at(number: number): object {
    const one = this.#list[number];
    if (one === undefined) throw new RangeError(`no container has number ${number}`);
    return one;
  }

  clear(): void {
    while (this.#size > 0) this.#list[--this.#size] = undefined;
  }
}

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

/** Reads; one for each thread. */
export class SlotReader {
  readonly words: string[] = [];
  readonly classes: ClassNews[] = [];
  #view: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  /** Only where there are instances, whose places are told by them. */
  #containers = new Containers();
  #isCounting = false;
  /** What was read last. */
  repairs: Repairs | undefined;

  /** Reads a task's fields; what is to be done to them is in `repairs` afterwards. */
  read(view: DataView, start: number, classes: number): unknown {
    this.#view = view;
    this.#at = start;
    this.#isCounting = classes !== 0;
    const value = this.#value();
    this.repairs = classes === 0 ? undefined : this.#repairs(classes);
    this.#containers.clear();
    return value;
  }

  /** The classes that the instances of an entry are of. */
  classesOf(classes: number): Crosser[] {
    const crossers: Crosser[] = [];
    for (let rest = classes; rest !== 0; rest >>>= 8) {
      const [module = '', exportName = ''] = this.classes[(rest & 0xff) - 1] ?? [];
      crossers.push({ isError: false, module, exportName, data: undefined });
    }
    return crossers;
  }

  #byte(): number {
    return this.#view.getUint8(this.#at++);
  }

  #short(): number {
    this.#at += 2;
    return this.#view.getUint16(this.#at - 2);
  }

  #value(): unknown {
    return this.#valueOf(this.#byte());
  }

  #valueOf(kind: number): unknown {
    if (kind === INTEGER) {
      this.#at += 4;
      return this.#view.getInt32(this.#at - 4);
    }
    if (kind === NUMBER) {
      this.#at += 8;
      return this.#view.getFloat64(this.#at - 8);
    }
    if (kind === OBJECT) return this.#object();
    if (kind === TEXT) return this.#text();
    if (kind === WORD) return this.words[this.#short()];
    if (kind === BYTES) return this.#bytes();
    if (kind === ARRAY) return this.#array();
    if (kind === NULL) return null;
    return kind === UNDEFINED ? undefined : kind === TRUE;
  }

  #text(): string {
    const length = this.#byte();
    let text = '';
    for (let i = 0; i < length; i++) text += String.fromCharCode(this.#byte());
    return text;
  }

  #bytes(): Uint8Array {
    const length = this.#byte();
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.#byte();
    this.#count(bytes);
    // The writer counted its buffer as well.
    if (this.#isCounting) this.#containers.push(bytes.buffer);
    return bytes;
  }

  #object(): object {
    const object: Record<string, unknown> = {};
    this.#count(object);
    const count = this.#byte();
    for (let i = 0; i < count; i++) {
      const key = this.words[this.#short()] ?? '';
      object[key] = this.#value();
    }
    return object;
  }

  #array(): unknown[] {
    const length = this.#byte();
    const array: unknown[] = new Array(length);
    this.#count(array);
    for (let i = 0; i < length; i++) {
      const kind = this.#byte();
      if (kind !== ABSENT) array[i] = this.#valueOf(kind);
    }
    return array;
  }

  #count(container: object): void {
    if (this.#isCounting) this.#containers.push(container);
  }

  #repairs(classes: number): Repairs {
    const crossers = this.classesOf(classes);
    for (const crosser of crossers) {
      // SAFETY: `classesOf` makes instances only.
      (crosser as { data: unknown }).data = this.#value();
    }
    const sites: Site[] = [];
    const count = this.#byte();
    for (let i = 0; i < count; i++) {
      const of = this.#byte() - 1;
      const owner = this.#containers.at(this.#byte());
      const isName = this.#byte() === BY_NAME;
      const number = this.#short();
      sites.push([of, owner, isName ? (this.words[number] ?? '') : number, this.#byte()]);
    }
    return { root: -1, crossers, sites, collections: [] };
  }
}
