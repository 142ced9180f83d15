/**
 * Putting together what came: crossers made, holes filled, errors given their fields; or all of it released.
 *
 * Each instance is given to its class once, to revive or to discard, in an order that both sides know (`turns`): so the
 * pool can tell from a mere number what a thread that was lost had not come to.
 */
import { errorShell, fillError } from './crossing-error.js';
import {
  type Crosser,
  DEHYDRATE,
  DISCARD,
  putField,
  REVIVE,
  type Repairs,
  type Site,
} from './crossing-wire.js';
import { loadedExport } from './exports-loader.js';

/** What came could not be put together. What could be released there was; `left` is what could not. */
export class UnpackError extends Error {
  readonly left: readonly number[];
  constructor(cause: unknown, left: readonly number[]) {
    super('a value that crossed could not be put together', { cause });
    this.left = left;
  }
}

/** The crossers in the order in which they are made: those inside of one before it. */
export function turns(repairs: Repairs): number[] {
  if (repairs.sites.every(([of]) => of < 0)) return [...repairs.crossers.keys()];
  const inside = new Map<number, number[]>();
  for (const [of, , , inner] of repairs.sites) {
    const list = inside.get(of);
    if (list === undefined) inside.set(of, [inner]);
    else list.push(inner);
  }
  const order = new Set<number>();
  const visit = (crosser: number): void => {
    if (order.has(crosser)) return;
    // Who packed it has refused circles.
    for (const inner of inside.get(crosser) ?? []) visit(inner);
    order.add(crosser);
  };
  for (const crosser of repairs.crossers.keys()) visit(crosser);
  return [...order];
}

interface Reviver {
  [REVIVE]?: (data: unknown) => unknown;
  [DISCARD]?: (data: unknown) => void;
}

/** Fills the holes of one value that came. */
export class Assembly {
  #repairs: Repairs;
  #made: unknown[] = [];
  #isMade: boolean[] = [];
  /** By the crosser in whose data they are. */
  #sites = new Map<number, Site[]>();

  #noteBegun: ((begun: number) => void) | undefined;

  constructor(repairs: Repairs, noteBegun?: (begun: number) => void) {
    this.#repairs = repairs;
    this.#noteBegun = noteBegun;
    for (const site of repairs.sites) {
      const list = this.#sites.get(site[0]);
      if (list === undefined) this.#sites.set(site[0], [site]);
      else list.push(site);
    }
  }

  run(value: unknown): unknown {
    const { root } = this.#repairs;
    try {
      this.#makeErrors();
      let begun = 0;
      for (const i of turns(this.#repairs)) {
        this.#noteBegun?.(++begun);
        this.#make(i);
      }
    } catch (error) {
      throw new UnpackError(error, this.discardAll());
    }
    this.#fillHolesOf(-1);
    // Now also with the instances among their fields.
    this.#fillErrors();
    return root < 0 ? value : this.#made[root];
  }

  /** @returns the crossers that could not be released here */
  discardAll(): number[] {
    const left: number[] = [];
    this.#noteBegun?.(this.#repairs.crossers.length);
    for (const [i, crosser] of this.#repairs.crossers.entries()) {
      if (crosser.isError) continue;
      const owner = ownerOf(crosser);
      if (owner === undefined) {
        left.push(i);
        continue;
      }
      release(() => {
        // One that lives already owns what it was made from: it is asked to give it up again.
        const live = this.#made[i] as { [DEHYDRATE]?: () => { data: unknown } } | undefined;
        const data = this.#isMade[i] === true ? live?.[DEHYDRATE]?.().data : crosser.data;
        owner[DISCARD]?.(data);
      });
    }
    return left;
  }

  /** They need nothing else to be there, and whoever is revived with one is to see it whole. */
  #makeErrors(): void {
    const { crossers, sites } = this.#repairs;
    for (const [i, crosser] of crossers.entries()) {
      if (!crosser.isError) continue;
      const { module, exportName } = crosser;
      const own = module === undefined ? undefined : loadedExport(module, exportName ?? '');
      this.#made[i] = errorShell(crosser, own);
      this.#isMade[i] = true;
    }
    for (const [, owner, key, crosser] of sites) {
      if (crossers[crosser]?.isError === true) putField(owner, key, this.#made[crosser]);
    }
    this.#fillErrors();
  }

  #fillErrors(): void {
    for (const [i, crosser] of this.#repairs.crossers.entries()) {
      // SAFETY: #makeErrors put an Error there for this crosser.
      if (crosser.isError) fillError(this.#made[i] as Error, crosser.fields);
    }
  }

  #make(i: number): void {
    const crosser = this.#repairs.crossers[i];
    if (crosser === undefined || crosser.isError) return;
    this.#fillHolesOf(i);
    const owner = ownerOf(crosser);
    const revive = owner?.[REVIVE];
    if (typeof revive !== 'function') {
      throw new TypeError(
        `${crosser.exportName} of ${crosser.module} has no static [Symbol.for('netloom.revive')]`,
      );
    }
    // Called on its class, as a static is.
    this.#made[i] = revive.call(owner, crosser.data);
    this.#isMade[i] = true;
  }

  #fillHolesOf(of: number): void {
    for (const [, owner, key, crosser] of this.#sites.get(of) ?? []) {
      putField(owner, key, this.#made[crosser]);
    }
    for (const [inside, target, entries] of this.#repairs.collections) {
      if (inside !== of) continue;
      if (target instanceof Set) for (const entry of entries) target.add(entry);
      // SAFETY: the other side lists pairs for a Map.
      if (target instanceof Map)
        for (const [k, v] of entries as [unknown, unknown][]) target.set(k, v);
    }
  }
}

function ownerOf(crosser: Crosser): Reviver | undefined {
  const found = loadedExport(crosser.module ?? '', crosser.exportName ?? '');
  // SAFETY: only optional statics are read from it.
  return typeof found === 'function' ? (found as unknown as Reviver) : undefined;
}

/** The instances whose class is not found here. */
export function strangers(repairs: Repairs | undefined): number[] {
  const numbers: number[] = [];
  for (const [i, crosser] of repairs?.crossers.entries() ?? []) {
    if (!crosser.isError && ownerOf(crosser) === undefined) numbers.push(i);
  }
  return numbers;
}

/** A release that throws must not keep the others from being released, nor go unseen. */
export function release(act: () => void): void {
  try {
    act();
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error));
  }
}
