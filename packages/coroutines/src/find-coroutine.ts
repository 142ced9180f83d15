/** From module and name to the coroutine, on whichever thread this runs. */
import { type Declaration, declarationOf } from './coroutine.js';
import { notFound } from './hop-error.js';

/**
 * Imports the module and finds its coroutine.
 *
 * @throws {HopError} ERR_HOP_NOT_FOUND: no such export, or it is no coroutine, or another one; names those there are
 * @internal
 */
export async function findCoroutine(module: string, exportName: string): Promise<Declaration> {
  // SAFETY: a module namespace is an object of exports.
  const exports = (await import(module)) as Readonly<Record<string, unknown>>;
  const declaration = declarationOf(exports[exportName]);
  // An export under another name than it was declared with is a slip that would run the wrong one some day.
  if (declaration === undefined || declaration.exportName !== exportName) {
    const names = Object.keys(exports).filter((name) => declarationOf(exports[name]) !== undefined);
    throw notFound(module, exportName, names);
  }
  return declaration;
}
