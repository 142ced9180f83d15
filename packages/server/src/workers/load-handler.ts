/**
 * From a module's URL and an export's name to the handler, once per thread. Loaded by pool threads too.
 */
import { coroutine, type Suspension } from '@netloom/coroutines';
import type { Handler, NamedHandler } from '../handler.js';

const loaded = new Map<string, Handler>();

/** The handler if this thread has loaded it. */
export function loadedHandler({ module, exportName }: NamedHandler): Handler | undefined {
  return loaded.get(keyOf(module, exportName));
}

/**
 * Imports the handler's module.
 *
 * @throws what importing throws; a TypeError when it has no such function, naming what it exports
 */
export async function loadHandler({ module, exportName }: NamedHandler): Promise<Handler> {
  const key = keyOf(module, exportName);
  const known = loaded.get(key);
  if (known !== undefined) return known;
  const exported: Record<string, unknown> = await import(module);
  const handler = exported[exportName];
  if (!isHandler(handler)) {
    const names = Object.keys(exported).join(', ') || 'nothing';
    const found = handler === undefined ? `it exports ${names}` : `it is a ${typeof handler}`;
    throw new TypeError(`${module} must export the handler ${exportName} as a function: ${found}`);
  }
  const runnable = runnableHandler(handler);
  loaded.set(key, runnable);
  return runnable;
}

/** The handler as it can be called: a generator function does nothing until somebody drives it. */
export function runnableHandler(handler: Handler): Handler {
  return isGeneratorFunction(handler) ? coroutine(handler) : handler;
}

function isGeneratorFunction(
  handler: Handler,
): handler is (...args: Parameters<Handler>) => Generator<Suspension, unknown, never> {
  return Object.prototype.toString.call(handler) === '[object GeneratorFunction]';
}

function keyOf(module: string, exportName: string): string {
  return `${exportName}\n${module}`;
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}
