/**
 * The walk over a value that is to cross: checks every part, refuses by path, and makes the copy that is posted.
 *
 * Two phases, so that nothing is spent for a value that will be refused: `copy` reads and checks and calls nothing but
 * getters; `dehydrate` then takes the instances apart. The copy is a snapshot: what the program changes afterwards
 * does not change a task that still waits.
 */
import { types } from 'node:util';
import { errorParts, isErrorLike } from './crossing-error.js';
import {
  type Collection,
  type Crosser,
  DEHYDRATE,
  type Dehydrated,
  DISCARD,
  type ErrorWire,
  type InstanceWire,
  isJsonPrimitive,
  isPrimitive,
  putField,
  REVIVE,
  type Site,
  TRANSFER,
} from './crossing-wire.js';
import { refuseEntryModule } from './entry-module.js';
import { registerExport } from './exports-loader.js';

/** An instance that was taken apart: who releases what. Cleared by whoever releases it. */
export interface Moved {
  readonly owner: Discarder;
  readonly data: unknown;
}

/** The class of an instance that can cross, seen from here. */
interface Discarder {
  readonly name: string;
  [REVIVE]?: unknown;
  [DISCARD]?: (data: unknown) => void;
}

interface Dehydratable {
  [DEHYDRATE](): Dehydrated;
}

/** So many numbers with a fraction, and JSON takes longer than structured clone. */
const MOST_FRACTIONS = 16;

/** Stands in the copy for what a crosser will fill in. */
class Hole {
  readonly crosser: number;
  constructor(crosser: number) {
    this.crosser = crosser;
  }
}

/** Whether a prototype is one that inherits from an `Object.prototype`, of any realm, and from nothing else. */
function isDirect(proto: object | null): boolean {
  const parent: object | null = proto && Object.getPrototypeOf(proto);
  return parent !== null && Object.getPrototypeOf(parent) === null;
}

/** Where typed arrays inherit what tells their class. */
const TYPED: object = Object.getPrototypeOf(Uint8Array.prototype);

type View = ArrayBufferView & { readonly length?: number };
type ViewClass = new (buffer: ArrayBufferLike, offset: number, length: number | undefined) => View;

/** One walk; `copyOf` first, then `dehydrate`, then the lists are ready to be posted. */
export class Copier {
  readonly crossers: Crosser[] = [];
  readonly sites: Site[] = [];
  readonly collections: Collection[] = [];
  readonly transfer = new Set<object>();
  /** By number of crosser; empty where the crosser is an error. */
  readonly moved: (Moved | undefined)[] = [];
  /** See `Packed`. */
  isTree = true;
  isJson = true;
  #fractions = 0;
  #instances: (Dehydratable | undefined)[] = [];
  #copies = new Map<object, unknown>();
  #path: (string | number)[];
  /** Inside the data of which crosser the walk is. */
  #of = -1;

  /** Only asks whether it would do: errors, which always cross, are not looked into again. */
  #isTrial: boolean;

  constructor(name: string, isTrial = false) {
    this.#path = [name];
    this.#isTrial = isTrial;
  }

  /** Copies a whole value; a crosser's number when the value itself is one. */
  copyRoot(value: unknown): { copy: unknown; root: number } {
    const copy = this.#copy(value);
    if (!(copy instanceof Hole)) return { copy, root: -1 };
    return { copy: undefined, root: copy.crosser };
  }

  /** Copies one field into an owner that is part of the copy. */
  copyField(owner: Record<string, unknown>, key: string, value: unknown): void {
    this.#path.push(key);
    this.#put(owner, key, this.#copy(value));
    this.#path.pop();
  }

  /** Copies what travels beside the value, under a name of its own. */
  copyBeside(owner: Record<string, unknown>, name: string, value: object): void {
    const path = this.#path;
    this.#path = [name];
    for (const [key, one] of Object.entries(value)) this.copyField(owner, key, one);
    this.#path = path;
  }

  /** Notes what moves with an object, if it says so. */
  noteTransfer(carrier: object): void {
    const list = (carrier as { [TRANSFER]?: unknown })[TRANSFER];
    if (list === undefined) return;
    if (typeof list !== 'object' || list === null || !(Symbol.iterator in list)) {
      throw new TypeError(`${this.#at()}: [Symbol.for('netloom.transfer')] must be a list`);
    }
    // SAFETY: it is iterable, checked above; what postMessage cannot move it refuses itself.
    for (const item of list as Iterable<object>) this.transfer.add(item);
  }

  /**
   * Takes the instances found apart, also those found in their data.
   *
   * When one fails, what was taken apart before it is in `moved`, for the caller to release.
   */
  dehydrate(): void {
    for (let i = 0; i < this.crossers.length; i++) {
      const instance = this.#instances[i];
      const wire = this.crossers[i];
      if (instance === undefined || wire === undefined || wire.isError) continue;
      const parts = instance[DEHYDRATE]();
      const owner = classOf(instance);
      this.moved[i] = { owner, data: parts.data };
      if (typeof parts.module !== 'string' || typeof parts.exportName !== 'string') {
        throw new TypeError(
          `${owner.name}: netloom.dehydrate must return { module: string, exportName: string, data }`,
        );
      }
      refuseEntryModule(parts.module, `${parts.exportName} is declared in`);
      // A subclass that inherits the method names its parent: what is found there is not it.
      if (owner.name === parts.exportName) registerExport(parts.module, parts.exportName, owner);
      for (const item of parts.transfer ?? []) this.transfer.add(item);
      this.#of = i;
      this.#path = [`${owner.name}.data`];
      const holder: InstanceWire = {
        isError: false,
        module: parts.module,
        exportName: parts.exportName,
        data: undefined,
      };
      this.crossers[i] = holder;
      this.#put(holder, 'data', this.#copy(parts.data));
    }
    this.#refuseCycles();
  }

  #put(owner: object, key: string | number, copy: unknown): void {
    if (copy instanceof Hole) {
      this.sites.push([this.#of, owner, key, copy.crosser]);
      // Not what stands there in a spread copy.
      if (Object.hasOwn(owner, key)) putField(owner, key, undefined);
    } else putField(owner, key, copy);
  }

  #copy(value: unknown): unknown {
    if (typeof value === 'object' && value !== null) return this.#copyObject(value);
    if (typeof value === 'function' || typeof value === 'symbol') {
      throw this.#refusal(
        `a ${typeof value} cannot cross to another thread`,
        'pass plain data, or the module and export name of a function',
      );
    }
    this.#notePrimitive(value);
    return value;
  }

  #copyObject(value: object): unknown {
    const known = this.#copies.get(value);
    if (known !== undefined) {
      this.#isMore();
      return known;
    }
    if (this.transfer.has(value)) return value;
    this.noteTransfer(value);
    if (this.transfer.has(value)) return value;
    const proto: object | null = Object.getPrototypeOf(value);
    if (typeof (value as Partial<Dehydratable>)[DEHYDRATE] === 'function') {
      this.#isMore();
      // SAFETY: the method is there, checked on the line above.
      return this.#instanceHole(value as Dehydratable);
    }
    if (isErrorLike(value)) {
      this.#isMore();
      return this.#errorHole(value);
    }
    if (proto === null || proto === Object.prototype || Object.getPrototypeOf(proto) === null) {
      return this.#copyPlain(value);
    }
    if (proto === Array.prototype || (Array.isArray(value) && isDirect(proto))) {
      return this.#copyArray(value as unknown[]);
    }
    this.#isMore();
    return this.#copyBuiltIn(value, proto);
  }

  #copyPlain(value: object): object {
    // HOT: bench/pools, object: a fifth less than setting field by field. Symbols come along, and cross no thread.
    const copy: Record<string, unknown> = { ...value };
    this.#copies.set(value, copy);
    for (const key of Object.keys(copy)) {
      const part = copy[key];
      if (isPrimitive(part)) {
        this.#notePrimitive(part);
        continue;
      }
      this.#path.push(key);
      this.#put(copy, key, this.#copy(part));
      this.#path.pop();
    }
    return copy;
  }

  #copyArray(value: readonly unknown[]): unknown[] {
    const { length } = value;
    const copy: unknown[] = new Array(length);
    this.#copies.set(value, copy);
    const keys = Object.keys(value);
    if (keys.length === length && (length === 0 || keys[length - 1] === String(length - 1))) {
      for (let i = 0; i < length; i++) this.#copyItem(copy, i, value[i]);
      return copy;
    }
    this.isJson = false;
    for (const key of keys) {
      // An array may have holes and, as a match of a RegExp has, further properties: both arrive.
      const index = Number(key);
      const at = String(index) === key ? index : key;
      this.#copyItem(copy, at, (value as unknown as Record<string, unknown>)[key]);
    }
    return copy;
  }

  #copyItem(copy: unknown[], at: string | number, part: unknown): void {
    if (isPrimitive(part)) {
      this.#notePrimitive(part);
      putField(copy, at, part);
      return;
    }
    this.#path.push(at);
    this.#put(copy, at, this.#copy(part));
    this.#path.pop();
  }

  #copyBuiltIn(value: object, proto: object): unknown {
    if (ArrayBuffer.isView(value)) return this.#copyView(value, proto);
    if (isDirect(proto)) {
      // Asked of the value, not of this realm's classes: a test runner or `node:vm` may have made
      // it in another.
      if (types.isArrayBuffer(value)) return this.#copyBuffer(value);
      if (types.isMap(value)) return this.#copyMap(value);
      if (types.isSet(value)) return this.#copySet(value);
      if (types.isDate(value)) return this.#keep(value, new Date(value.getTime()));
      if (types.isRegExp(value)) return value;
    }
    if (types.isSharedArrayBuffer(value)) return value;
    if (types.isBoxedPrimitive(value) && !types.isSymbolObject(value)) return value;
    if (types.isKeyObject(value) || types.isCryptoKey(value) || value instanceof Blob) return value;
    if (Object.prototype.toString.call(value) === '[object WebAssembly.Module]') return value;
    if (value instanceof MessagePort || value instanceof ReadableStream) {
      throw this.#refusal(
        `a ${classOf(value).name} crosses only when it is moved`,
        'name it in transfer(value, [it])',
      );
    }
    throw this.#refusal(
      `an instance of ${classOf(value).name} cannot cross to another thread`,
      "give it a method [Symbol.for('netloom.dehydrate')] and its class a static [Symbol.for('netloom.revive')], or pass plain data",
    );
  }

  #copyView(view: View, proto: object): unknown {
    const bytes = view.buffer;
    if (Buffer.isBuffer(view)) {
      // A small Buffer is a window on Node's shared pool: only its own bytes are to travel.
      if (!this.transfer.has(bytes) && !types.isSharedArrayBuffer(bytes)) {
        return this.#keep(view, new Uint8Array(view));
      }
      return this.#keep(view, new Uint8Array(bytes, view.byteOffset, view.byteLength));
    }
    // The tag of a typed array says what it is in any realm; all of them share one more prototype.
    const isData = types.isDataView(view);
    const name = isData ? 'DataView' : String(Reflect.get(TYPED, Symbol.toStringTag, view));
    if (!isDirect(isData ? proto : Object.getPrototypeOf(proto))) {
      throw this.#refusal(
        `an instance of ${view.constructor.name} cannot cross to another thread`,
        'pass a Uint8Array over its bytes',
      );
    }
    const copied = this.#copyObject(bytes);
    if (copied === bytes) return view;
    // SAFETY: the name is that of one of the global view classes, see above; all take these three arguments.
    const make = (globalThis as unknown as Record<string, ViewClass>)[name] as ViewClass;
    const length = view.length ?? view.byteLength;
    // SAFETY: the copy of a buffer is a buffer.
    return this.#keep(view, new make(copied as ArrayBuffer, view.byteOffset, length));
  }

  #copyBuffer(buffer: ArrayBuffer): ArrayBuffer {
    return this.#keep(buffer, buffer.slice(0));
  }

  #copyMap(map: ReadonlyMap<unknown, unknown>): unknown {
    const copy = this.#keep(map, new Map<unknown, unknown>());
    const entries: unknown[] = [];
    let at = 0;
    let direct = false;
    for (const [key, value] of map) {
      const pair: unknown[] = [undefined, undefined];
      entries.push(pair);
      direct = this.#putEntry(pair, 0, key, `[key ${at}]`) || direct;
      direct = this.#putEntry(pair, 1, value, `[value ${at}]`) || direct;
      at++;
    }
    if (direct) this.collections.push([this.#of, copy, entries]);
    // SAFETY: entries holds pairs only.
    else for (const [key, value] of entries as [unknown, unknown][]) copy.set(key, value);
    return copy;
  }

  #copySet(set: ReadonlySet<unknown>): unknown {
    const copy = this.#keep(set, new Set<unknown>());
    const entries: unknown[] = [];
    let at = 0;
    let direct = false;
    for (const value of set) {
      direct = this.#putEntry(entries, at, value, `[member ${at}]`) || direct;
      at++;
    }
    if (direct) this.collections.push([this.#of, copy, entries]);
    else for (const value of entries) copy.add(value);
    return copy;
  }

  /** @returns whether it left a hole */
  #putEntry(owner: unknown[], at: number, value: unknown, step: string): boolean {
    this.#path.push(step);
    const copy = this.#copy(value);
    this.#put(owner, at, copy);
    this.#path.pop();
    return copy instanceof Hole;
  }

  #instanceHole(instance: Dehydratable): Hole {
    const owner = classOf(instance);
    if (typeof owner[REVIVE] !== 'function') {
      throw this.#refusal(
        `an instance of ${owner.name} cannot cross to another thread`,
        "it has [Symbol.for('netloom.dehydrate')], but its class has no static [Symbol.for('netloom.revive')]",
      );
    }
    const hole = this.#keep(instance, new Hole(this.crossers.length));
    this.#instances[hole.crosser] = instance;
    this.crossers.push({ isError: false, module: '', exportName: '', data: undefined });
    return hole;
  }

  #errorHole(error: Error): Hole {
    const hole = this.#keep(error, new Hole(this.crossers.length));
    const { wire, fields } = errorParts(error);
    const crosser: ErrorWire = { ...wire, fields: {} };
    this.crossers.push(crosser);
    if (this.#isTrial) return hole;
    for (const [key, value] of fields) {
      // An error must arrive, so a field of it that cannot cross is left behind.
      if (!canCross(value)) continue;
      this.copyField(crosser.fields, key, value);
    }
    return hole;
  }

  #refuseCycles(): void {
    const inside = new Map<number, number[]>();
    for (const [of, , , crosser] of this.sites) {
      if (of < 0 || this.crossers[crosser]?.isError) continue;
      const list = inside.get(of);
      if (list === undefined) inside.set(of, [crosser]);
      else list.push(crosser);
    }
    if (inside.size === 0) return;
    const state = new Map<number, 'open' | 'done'>();
    const visit = (crosser: number): void => {
      if (state.get(crosser) === 'done') return;
      if (state.get(crosser) === 'open') {
        const name = this.moved[crosser]?.owner.name;
        throw new TypeError(`the data of ${name} contains itself: it cannot be revived`);
      }
      state.set(crosser, 'open');
      for (const next of inside.get(crosser) ?? []) visit(next);
      state.set(crosser, 'done');
    };
    for (const crosser of inside.keys()) visit(crosser);
  }

  #notePrimitive(part: unknown): void {
    if (!this.isJson) return;
    if (typeof part === 'number' && !Number.isInteger(part)) this.#fractions++;
    if (!isJsonPrimitive(part) || this.#fractions > MOST_FRACTIONS) this.isJson = false;
  }

  /** There is more to it than objects, arrays and primitives, each in one place. */
  #isMore(): void {
    this.isTree = false;
    this.isJson = false;
  }

  #keep<T>(original: object, copy: T): T {
    this.#copies.set(original, copy);
    return copy;
  }

  #refusal(what: string, remedy: string): TypeError {
    return new TypeError(`${this.#at()}: ${what}: ${remedy}`);
  }

  #at(): string {
    let path = '';
    for (const step of this.#path) {
      if (typeof step === 'number') path += `[${step}]`;
      else if (path === '' || step.startsWith('[')) path += step;
      else path += /^[\w$]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
    }
    return path;
  }
}

function classOf(instance: object): Discarder {
  const owner: unknown = instance.constructor;
  // SAFETY: whatever is called constructor here is asked for optional statics only.
  return typeof owner === 'function'
    ? (owner as unknown as Discarder)
    : { name: 'an unnamed class' };
}

/** Asks without leaving a trace; errors are rare, so walking twice costs little. */
function canCross(value: unknown): boolean {
  try {
    new Copier('', true).copyRoot(value);
    return true;
  } catch {
    return false;
  }
}
