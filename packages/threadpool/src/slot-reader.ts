/**
 * What `slot-writer.ts` has written into a task's slot, as it was. Inside a thread.
 */
import type { Crosser, Repairs, Site } from './crossing-wire.js';
import type { ClassNews } from './messages.js';
import {
  ABSENT,
  ARRAY,
  BY_NAME,
  BYTES,
  Containers,
  INTEGER,
  NULL,
  NUMBER,
  OBJECT,
  TEXT,
  TRUE,
  UNDEFINED,
  WORD,
} from './slot-form.js';

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
