/**
 * `AsyncLocalStorage` into the threads, by key: what a storage named here holds when a task is handed over, the storage
 * of the same key holds while the task runs. Nothing is captured for a program that names none.
 */

/** What the named storages held when a task was handed over. */
export type CarriedContext = Readonly<Record<string, unknown>>;

/** How a storage looks that {@link carryContext} accepts: Node's `AsyncLocalStorage` fits. */
export interface ContextStorage {
  getStore(): unknown;
  run<R>(store: never, callback: () => R): R;
}

// Of the whole thread: a bundle may hold a second copy of this module.
const REGISTRY: unique symbol = Symbol.for('netloom.threadpool.carried');
// SAFETY: nobody else writes under this symbol.
const shared = globalThis as { [REGISTRY]?: Map<string, ContextStorage> };
shared[REGISTRY] ??= new Map();
const carried = shared[REGISTRY];

/**
 * Lets what a storage holds go with the tasks that are handed over inside of it.
 *
 * Call it where both threads come by: in the module that makes the storage, imported by the program and by the task's
 * module (or by the option `threadModule`). A value crosses as a task's field does, by copy. A key that is not known on
 * the thread is left out.
 *
 * Call it before the first task: those that were handed over before the first key and those after it are two kinds to
 * the pool, each with its own `concurrency`.
 *
 * @param key - the storage's name on every thread
 * @param storage - an `AsyncLocalStorage`, or what looks like it
 * @throws {TypeError} the key belongs to another storage
 */
export function carryContext(key: string, storage: ContextStorage): void {
  const known = carried.get(key);
  if (known !== undefined && known !== storage) {
    throw new TypeError(`carryContext('${key}'): this key already carries another storage`);
  }
  carried.set(key, storage);
}

/** Whether any storage is named here. */
export function carriesAny(): boolean {
  return carried.size > 0;
}

/** What the named storages hold now. */
export function captureContext(): CarriedContext {
  const captured: Record<string, unknown> = {};
  for (const [key, storage] of carried) captured[key] = storage.getStore();
  return captured;
}

/** Runs with the named storages as they were captured. */
export function runInContext<R>(context: CarriedContext, callback: () => R): R {
  let run = callback;
  for (const [key, storage] of carried) {
    if (!Object.hasOwn(context, key)) continue;
    const inner = run;
    // SAFETY: what the storage of this key held where the task was handed over.
    run = () => storage.run(context[key] as never, inner);
  }
  return run();
}
