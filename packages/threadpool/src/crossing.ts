/**
 * The one codec: what a task's fields, results, errors, requests and reasons go through to reach the other thread.
 *
 * `pack` here, `unpack` there; between them structured clone, so that types keep their meaning. Who packs keeps what
 * is needed to release a value that nobody will unpack. The walk is in `crossing-copy.ts`, the way back in
 * `crossing-assembly.ts`.
 */
import { Assembly, release, strangers, turns, UnpackError } from './crossing-assembly.js';
import { Copier, type Moved } from './crossing-copy.js';
import {
  type Crosser,
  DEHYDRATE,
  DISCARD,
  isJsonPrimitive,
  isPrimitive,
  type Repairs,
  TRANSFER,
  type Transferable,
} from './crossing-wire.js';
import { loadExport, loadedExport } from './exports-loader.js';

export { UnpackError };

/** An address, or a key: bytes that are copied without a walk. */
const SMALL_BYTES = 128;

/** A value ready to be posted. */
export interface Packed {
  /** The copy. */
  readonly value: unknown;
  /** What has to be done to it there; undefined for plain data. */
  readonly repairs: Repairs | undefined;
  /** What the message moves. */
  readonly transfer: Transferable[] | undefined;
  /** What was taken apart for it, by number of crosser. */
  readonly moved: (Moved | undefined)[] | undefined;
  /** Nothing in it stands there twice or shares its memory with another part. */
  readonly isTree: boolean;
  /** JSON would bring it as structured clone does; and it holds few numbers that take JSON long. */
  readonly isJson: boolean;
}

/** What goes with a value. */
export interface Beside {
  /** Moves with it. */
  readonly transfer?: readonly Transferable[] | undefined;
  /** Travels with it, as the second of a pair; the value is no instance then. */
  readonly carried?: Readonly<Record<string, unknown>> | undefined;
}

/** Told that what came is in this thread's hands, but for those whose class is not found here. */
export type Taken = (left: readonly number[]) => void;

/**
 * Makes a value ready to cross.
 *
 * @param name - what the value is called in the path of a refusal
 * @throws {TypeError} a part cannot cross; the message names it by path. Nothing has been taken apart then
 */
export function pack(value: unknown, name: string, beside?: Beside): Packed {
  if (isPrimitive(value)) return plain(value, isJsonPrimitive(value));
  const copier = new Copier(name);
  for (const item of beside?.transfer ?? []) copier.transfer.add(item);
  const { copy, root } = copier.copyRoot(value);
  return finish(copier, withCarried(copier, copy, beside), root);
}

/**
 * Makes the own enumerable fields of an instance ready to cross, whatever its class.
 *
 * @param without - fields that stay here
 * @throws {TypeError} as {@link pack}
 */
export function packFields(
  instance: object,
  name: string,
  without: ReadonlySet<string>,
  beside?: Beside,
): Packed {
  const fields: Record<string, unknown> = {};
  let copier: Copier | undefined;
  /** The one field so far that is more than a primitive, when it is small bytes. */
  let bytes: [key: string, value: unknown] | undefined;
  let isJson = true;
  if (TRANSFER in instance || beside !== undefined) {
    copier = new Copier(name);
    copier.noteTransfer(instance);
    for (const item of beside?.transfer ?? []) copier.transfer.add(item);
  }
  for (const key of Object.keys(instance)) {
    if (without.has(key)) continue;
    // SAFETY: key is one of its own keys.
    const value = (instance as Record<string, unknown>)[key];
    if (isPrimitive(value) && key !== '__proto__') {
      fields[key] = value;
      isJson &&= isJsonPrimitive(value);
      continue;
    }
    if (copier === undefined && bytes === undefined && isSmallBytes(value as object)) {
      bytes = [key, value];
      fields[key] = new Uint8Array(value as Uint8Array);
      continue;
    }
    if (copier === undefined) {
      copier = new Copier(name);
      // What comes now may be the same, or the same buffer: both are walked together.
      if (bytes !== undefined) copier.copyField(fields, ...bytes);
    }
    copier.copyField(fields, key, value);
  }
  if (copier === undefined) return plain(fields, isJson && bytes === undefined);
  if (!isJson) copier.isJson = false;
  return finish(copier, withCarried(copier, fields, beside), -1);
}

/** Releases what was taken apart for a value that nobody unpacked: once, whoever asks how often. */
export function discard(packed: Packed, only?: readonly number[]): void {
  const moved = packed.moved;
  if (moved === undefined) return;
  for (const at of only ?? moved.keys()) {
    const one = moved[at];
    if (one === undefined) continue;
    moved[at] = undefined;
    release(() => one.owner[DISCARD]?.(one.data));
  }
}

/**
 * The same for a value whose putting together had begun when its thread ended: what had not been its turn.
 *
 * @param begun - how many had had their turn, see {@link assemble}
 */
export function discardRest(packed: Packed, begun: number): void {
  const { repairs } = packed;
  if (repairs !== undefined) discard(packed, turns(repairs).slice(begun));
}

/**
 * Puts together what came: the value, or a promise of it when classes have to be imported first.
 *
 * @param taken - called just before the first part is given to its class
 * @throws {UnpackError} thrown, or the promise rejects
 */
export function unpack(
  value: unknown,
  repairs: Repairs | undefined,
  taken?: Taken,
): unknown | Promise<unknown> {
  const loading = loadClasses(repairs);
  if (loading === undefined) {
    taken?.(strangers(repairs));
    return assemble(value, repairs);
  }
  return loading.then((failure) => {
    taken?.(strangers(repairs));
    return assemble(value, repairs, failure);
  });
}

/**
 * Imports the classes of what came: undefined when all are here already, else a promise of the error that keeps it
 * from being put together, if there is one. Touches nothing of what came.
 */
export function loadClasses(repairs: Repairs | undefined): Promise<unknown> | undefined {
  if (repairs === undefined || repairs.crossers.every(isFound)) return undefined;
  return loadAll(repairs);
}

/**
 * Puts together what came, when its classes are here.
 *
 * @param failure - what {@link loadClasses} gave: then it is released instead
 * @param noteBegun - told before each turn how many have been given away by then, to revive or to discard
 * @throws {UnpackError}
 */
export function assemble(
  value: unknown,
  repairs: Repairs | undefined,
  failure?: unknown,
  noteBegun?: (begun: number) => void,
): unknown {
  if (repairs === undefined) return value;
  const assembly = new Assembly(repairs, noteBegun);
  if (failure !== undefined) throw new UnpackError(failure, assembly.discardAll());
  return assembly.run(value);
}

/** Releases what came and nobody wants any more; `taken` as in {@link unpack}. */
export async function discardArrived(repairs: Repairs | undefined, taken?: Taken): Promise<void> {
  if (repairs === undefined) return;
  await loadAll(repairs);
  taken?.(strangers(repairs));
  new Assembly(repairs).discardAll();
}

function withCarried(copier: Copier, copy: unknown, beside: Beside | undefined): unknown {
  if (beside?.carried === undefined) return copy;
  const carried: Record<string, unknown> = {};
  copier.copyBeside(carried, 'context', beside.carried);
  return [copy, carried];
}

/** All the bytes of a small buffer, and nothing that would have to be looked into. */
function isSmallBytes(value: object): value is Uint8Array {
  if (Object.getPrototypeOf(value) !== Uint8Array.prototype) return false;
  // SAFETY: its prototype says so; one made up otherwise has no length.
  const { length, buffer } = value as Uint8Array;
  if (!(length > 0 && length <= SMALL_BYTES && buffer instanceof ArrayBuffer)) return false;
  return buffer.byteLength === length && !(TRANSFER in value) && !(DEHYDRATE in value);
}

function plain(value: unknown, isJson: boolean): Packed {
  return {
    value,
    repairs: undefined,
    transfer: undefined,
    moved: undefined,
    isTree: true,
    isJson,
  };
}

function finish(copier: Copier, value: unknown, root: number): Packed {
  const { crossers, sites, collections, moved, isTree, isJson } = copier;
  const packed: Packed = {
    value,
    repairs: crossers.length === 0 ? undefined : { root, crossers, sites, collections },
    // SAFETY: postMessage refuses what it cannot move.
    transfer: undefined,
    moved: crossers.length === 0 ? undefined : moved,
    isTree,
    isJson,
  };
  if (crossers.length > 0) {
    try {
      copier.dehydrate();
    } catch (error) {
      discard(packed);
      throw error;
    }
  }
  if (copier.transfer.size === 0) return packed;
  // SAFETY: as above.
  return { ...packed, transfer: [...copier.transfer] as Transferable[] };
}

function isFound(crosser: Crosser): boolean {
  if (crosser.module === undefined || crosser.exportName === undefined) return true;
  return loadedExport(crosser.module, crosser.exportName) !== undefined;
}

/** @returns the first failure that matters; undefined when there is none */
async function loadAll(repairs: Repairs): Promise<unknown> {
  let failure: unknown;
  for (const crosser of repairs.crossers) {
    if (isFound(crosser)) continue;
    try {
      await loadExport(crosser.module ?? '', crosser.exportName ?? '');
    } catch (error) {
      // An error whose class is not found arrives as its built-in class: it must not hide behind another.
      if (!crosser.isError) failure ??= error;
    }
  }
  return failure;
}
