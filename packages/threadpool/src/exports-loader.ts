/**
 * From a module's URL and an export's name to the value: what both sides of a crossing need.
 *
 * Loaded once per thread; a class that was seen here by itself is registered, so that what comes back is of that
 * very class.
 */
import { TaskError } from './task-error.js';

/** By module, then by name: a key made of both would cost more than the look-up, in each crossing several times. */
const loaded = new Map<string, Map<string, unknown>>();

/** The export if it is loaded already, else undefined. */
export function loadedExport(module: string, exportName: string): unknown {
  return loaded.get(module)?.get(exportName);
}

/** Says that the value here is what a thread finds as this export. */
export function registerExport(module: string, exportName: string, value: unknown): void {
  const names = namesOf(module);
  if (!names.has(exportName)) names.set(exportName, value);
}

function namesOf(module: string): Map<string, unknown> {
  let names = loaded.get(module);
  if (names === undefined) {
    names = new Map();
    loaded.set(module, names);
  }
  return names;
}

/**
 * Imports the module and gives its export.
 *
 * @throws {TaskError} ERR_TASK_MODULE: the module cannot be imported, or has no such export
 */
export async function loadExport(module: string, exportName: string): Promise<unknown> {
  const known = loadedExport(module, exportName);
  if (known !== undefined) return known;
  let namespace: Record<string, unknown>;
  try {
    namespace = await import(module);
  } catch (cause) {
    const message = `cannot import ${module}, which should export ${exportName}: ${describe(cause)}`;
    throw new TaskError(message, { code: 'ERR_TASK_MODULE', cause });
  }
  const value = namespace[exportName];
  if (value === undefined) {
    const names = Object.keys(namespace);
    const has = names.length === 0 ? 'nothing' : names.join(', ');
    throw new TaskError(`${module} does not export ${exportName}: it exports ${has}`, {
      code: 'ERR_TASK_MODULE',
    });
  }
  namesOf(module).set(exportName, value);
  return value;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
