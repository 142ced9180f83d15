/** From module and name to the coroutine, on whichever thread this runs. */
import { type Declaration, declarationOf } from './coroutine.js';
import { notFound } from './hop-error.js';

type Exports = Readonly<Record<string, unknown>>;

/** The loader keeps them too, and costs a promise and several turns of the microtask queue per launch. */
const modules = /* @__PURE__ */ new Map<string, Exports>();

/**
 * Imports the module, the first time, and finds its coroutine.
 *
 * @returns at once where the module has been asked for before
 * @throws {HopError} ERR_HOP_NOT_FOUND: no such export, or it is no coroutine, or another one; names those there are
 * @internal
 */
export function findCoroutine(
  module: string,
  exportName: string,
): Declaration | Promise<Declaration> {
  const exports = modules.get(module);
  return exports === undefined
    ? importCoroutine(module, exportName)
    : find(exports, module, exportName);
}

async function importCoroutine(module: string, exportName: string): Promise<Declaration> {
  // SAFETY: a module namespace is an object of exports.
  const exports = (await import(module)) as Exports;
  modules.set(module, exports);
  return find(exports, module, exportName);
}

function find(exports: Exports, module: string, exportName: string): Declaration {
  const declaration = declarationOf(exports[exportName]);
  // An export under another name than it was declared with is a slip that would run the wrong one some day.
  if (declaration === undefined || declaration.exportName !== exportName) {
    const names = Object.keys(exports).filter((name) => declarationOf(exports[name]) !== undefined);
    throw notFound(module, exportName, names);
  }
  return declaration;
}
