/**
 * What travels: the shapes that one side of a crossing writes and the other reads. Types and symbols, and how both
 * sides write a field.
 *
 * A value travels as a plain copy. What structured clone would not carry (class instances, errors with their class
 * and fields) leaves a hole in the copy; the repairs say what belongs into which hole. Both are posted in one message,
 * where structured clone keeps references: the owner named by a site *is* the container in the copy.
 */

/** Method of an instance: takes it apart for the crossing. The instance is spent afterwards if it owned something. */
export const DEHYDRATE: unique symbol = Symbol.for('netloom.dehydrate');
/** Static of its class: makes an instance from what `dehydrate` gave. */
export const REVIVE: unique symbol = Symbol.for('netloom.revive');
/** Static of its class: releases what `dehydrate` gave and nobody will revive. */
export const DISCARD: unique symbol = Symbol.for('netloom.discard');
/** Property of any object that crosses: what is moved with it and not copied. */
export const TRANSFER: unique symbol = Symbol.for('netloom.transfer');

/** What can be moved to another thread. */
export type Transferable = import('node:worker_threads').TransferListItem;

/** What `[Symbol.for('netloom.dehydrate')]()` returns. */
export interface Dehydrated {
  /** The URL of the module that exports the class. */
  readonly module: string;
  /** The name of its export there. */
  readonly exportName: string;
  /** Anything that can cross; given to `revive` or to `discard`, once. */
  readonly data: unknown;
  /** What inside `data` is moved. */
  readonly transfer?: readonly Transferable[] | undefined;
}

/** An instance taken apart. */
export interface InstanceWire {
  readonly isError: false;
  readonly module: string;
  readonly exportName: string;
  data: unknown;
}

/** An error taken apart. */
export interface ErrorWire {
  readonly isError: true;
  /** The nearest built-in class: `RangeError` for a subclass of it. */
  readonly builtIn: string;
  /** Where its own class is found, if the class says so. */
  readonly module?: string;
  readonly exportName?: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Own fields, `cause` and `errors` among them. */
  readonly fields: Record<string, unknown>;
}

/** One thing that fills holes. */
export type Crosser = InstanceWire | ErrorWire;

/** A hole: inside the data of which crosser (-1: in the value), in which container, at which key, filled by which. */
export type Site = [of: number, owner: object, key: string | number, crosser: number];

/** A Map or Set with holes travels empty, beside its entries. */
export type Collection = [of: number, target: object, entries: unknown[]];

/** All that has to be done to a copy after it arrived. */
export interface Repairs {
  /** The crosser that the whole value is; -1 when it is a container or a primitive. */
  root: number;
  readonly crossers: Crosser[];
  readonly sites: Site[];
  readonly collections: Collection[];
}

/** Whether there is nothing inside, so that it crosses as it is. */
export function isPrimitive(value: unknown): boolean {
  const type = typeof value;
  return value === null || (type !== 'object' && type !== 'function' && type !== 'symbol');
}

/** Whether JSON brings a primitive as it is. */
export function isJsonPrimitive(value: unknown): boolean {
  if (typeof value === 'number') return value - value === 0 && !Object.is(value, -0);
  return typeof value === 'string' || typeof value === 'boolean' || value === null;
}

/** Writes a field that is the container's own, whatever its key is and whatever the prototype has there. */
export function putField(owner: object, key: string | number, value: unknown): void {
  if (key in owner && !Object.hasOwn(owner, key)) {
    // Assigning would call a setter: that of `__proto__`, which JSON.parse can make a key, or one of a task's class.
    Object.defineProperty(owner, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
    return;
  }
  // SAFETY: any object takes a string key.
  (owner as Record<string | number, unknown>)[key] = value;
}
