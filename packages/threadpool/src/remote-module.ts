/**
 * The functions of a module, called as if they were here: `pool.run` with the names and types of the module itself.
 */
import type { Crossing } from './crossing-types.js';

/** The functions that a module of type `M` exports, each giving a promise of what it returns. */
export type RemoteModule<M> = {
  readonly [K in keyof M as M[K] extends (...args: never[]) => unknown ? K : never]: M[K] extends (
    ...args: infer A
  ) => infer R
    ? (...args: { [I in keyof A]: Crossing<A[I]> & A[I] }) => Promise<Awaited<R>>
    : never;
};

/** Calls an export by its name. */
type Call = (exportName: string, args: readonly unknown[]) => Promise<unknown>;

/** Makes the functions; each look-up of a name gives the same function. */
export function remoteModule<M>(call: Call): RemoteModule<M> {
  const functions = new Map<string, (...args: unknown[]) => Promise<unknown>>();
  const proxy = new Proxy(Object.create(null) as object, {
    get: (_target, name) => {
      // A promise that resolves with it asks for `then`: it is no promise.
      if (typeof name === 'symbol' || name === 'then') return undefined;
      let one = functions.get(name);
      if (one === undefined) {
        one = (...args) => call(name, args);
        functions.set(name, one);
      }
      return one;
    },
  });
  // SAFETY: every name of M gives a function that calls the export of that name.
  return proxy as RemoteModule<M>;
}
