/**
 * `AsyncLocalStorage` for coroutines, by key: a storage named here follows every coroutine from wait to wait, and
 * to the pool thread that it is launched on. Nothing is captured for a program that names none.
 */
import { type ContextStorage, thread } from './thread-state.js';

/** What the named storages held when a coroutine was called; plain data where it crosses. */
export type CapturedContext = Readonly<Record<string, unknown>>;

/**
 * Lets what a storage holds go with the coroutines that are called inside of it, and over to pool threads.
 *
 * Call it where both threads come by, in the module that makes the storage: over there the value is put into the
 * storage of the same key. A value crosses as an argument does, by copy. A key that is unknown there is left out.
 *
 * @param key - the storage's name on every thread
 * @param storage - an `AsyncLocalStorage`, or what looks like it
 * @throws {TypeError} the key belongs to another storage
 */
export function carryContext(key: string, storage: ContextStorage): void {
  const known = thread.carried.get(key);
  if (known !== undefined && known !== storage) {
    throw new TypeError(`carryContext('${key}'): this key already carries another storage`);
  }
  thread.carried.set(key, storage);
}

/** What the named storages hold now; undefined when none is named. @internal */
export function captureContext(): CapturedContext | undefined {
  if (thread.carried.size === 0) return undefined;
  const captured: Record<string, unknown> = {};
  for (const [key, storage] of thread.carried) captured[key] = storage.getStore();
  return captured;
}

/** Runs with the named storages as they were captured. @internal */
export function runInContext<R>(context: CapturedContext, callback: () => R): R {
  let run = callback;
  for (const [key, storage] of thread.carried) {
    if (!Object.hasOwn(context, key)) continue;
    const inner = run;
    run = () => storage.run(context[key], inner);
  }
  return run();
}
