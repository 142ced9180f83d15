/**
 * From a module's URL and an export's name to the value: what both sides of a crossing need.
 *
 * Loaded once per thread; a class that was seen here by itself is registered, so that what comes back is of that
 * very class.
 */
import { TaskError } from './task-error.js';

const loaded = new Map<string, unknown>();

function keyOf(module: string, exportName: string): string {
  return `${exportName}\n${module}`;
}

/** The export if it is loaded already, else undefined. */
export function loadedExport(module: string, exportName: string): unknown {
  return loaded.get(keyOf(module, exportName));
}

/** Says that the value here is what a thread finds as this export. */
export function registerExport(module: string, exportName: string, value: unknown): void {
  const key = keyOf(module, exportName);
  if (!loaded.has(key)) loaded.set(key, value);
}

/**
 * Imports the module and gives its export.
 *
 * @throws {TaskError} ERR_TASK_MODULE: the module cannot be imported, or has no such export
 */
export async function loadExport(module: string, exportName: string): Promise<unknown> {
  const key = keyOf(module, exportName);
  if (loaded.has(key)) return loaded.get(key);
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
  loaded.set(key, value);
  return value;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
