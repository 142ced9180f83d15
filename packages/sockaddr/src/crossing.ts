/**
 * How a structure crosses to another thread: by three names of the global symbol registry, so that whoever carries it
 * need not know this package, and this package knows nobody.
 *
 * What travels is a copy of the structure's own bytes. (Cloning the view itself would carry the whole buffer behind it.)
 */
import { type Layout, layouts, type SystemName } from './layout.js';

/** Method of an instance: what to send, and which export of which module makes an instance of it over there. */
export const DEHYDRATE: unique symbol = Symbol.for('netloom.dehydrate');
/** Static: makes an instance of what arrived. */
export const REVIVE: unique symbol = Symbol.for('netloom.revive');
/** Static: what arrived will not be used; bytes have nothing to give back. */
export const DISCARD: unique symbol = Symbol.for('netloom.discard');

/** What a structure becomes on its way. */
export interface Dehydrated {
  readonly module: string;
  readonly exportName: string;
  readonly data: unknown;
}

/** The bytes of a structure, and what is needed to read them. */
export interface StructureData {
  readonly bytes: Uint8Array;
  readonly system: SystemName;
  /** A length that the bytes alone do not tell: that of a Unix name. */
  readonly length: number | undefined;
}

export function dehydrate(
  module: string,
  exportName: string,
  bytes: Uint8Array,
  layout: Layout,
  length?: number,
): Dehydrated {
  const data: StructureData = { bytes: bytes.slice(), system: layout.system, length };
  return { module, exportName, data };
}

/** @throws {TypeError} this is not what {@link dehydrate} made */
export function hydrate(
  exportName: string,
  data: unknown,
): { bytes: Uint8Array; layout: Layout; length: number | undefined } {
  if (typeof data === 'object' && data !== null) {
    const bytes: unknown = Reflect.get(data, 'bytes');
    const system: unknown = Reflect.get(data, 'system');
    const length: unknown = Reflect.get(data, 'length');
    if (bytes instanceof Uint8Array && typeof system === 'string' && isSystem(system)) {
      const hasLength = typeof length === 'number';
      return { bytes, layout: layouts[system], length: hasLength ? length : undefined };
    }
  }
  throw new TypeError(`${exportName} cannot be revived: the data must be what its dehydrate gave`);
}

function isSystem(name: string): name is SystemName {
  return Object.hasOwn(layouts, name);
}
