/**
 * Which coroutine is asking. For a generator body its driver says so while it runs; an async body is found through
 * `AsyncLocalStorage`, which is fetched only when the first one starts: who writes generators pays nothing.
 */
import type { AsyncLocalStorage } from 'node:async_hooks';
import type { Operation } from './operation.js';
import { type Owner, thread } from './thread-state.js';

/** A running async body: it may wait for several operations at once. @internal */
export interface AsyncOwner extends Owner {
  beginsWaiting(operation: Operation<unknown>): void;
  endsWaiting(operation: Operation<unknown>): void;
}

/** The coroutine whose code runs now, of either kind. */
export function currentOwner(): Owner | undefined {
  return thread.owner ?? asyncOwner();
}

/** The async body whose code runs now; undefined inside a generator body. */
export function asyncOwner(): AsyncOwner | undefined {
  if (thread.owner !== undefined) return undefined;
  // SAFETY: only runAsOwner() below puts anything into this storage.
  return thread.asyncOwners?.getStore() as AsyncOwner | undefined;
}

/** Runs an async body's first part, and by that all its others, as the owner of what it waits for. */
export function runAsOwner<R>(owner: AsyncOwner, body: () => R): R {
  thread.asyncOwners ??= makeStorage();
  return thread.asyncOwners === undefined ? body() : thread.asyncOwners.run(owner, body);
}

function makeStorage(): AsyncLocalStorage<unknown> | undefined {
  // No static import: browsers have no such module, and bundlers for them would stumble over its name.
  const hooks = globalThis.process?.getBuiltinModule?.('node:async_hooks');
  return hooks === undefined ? undefined : new hooks.AsyncLocalStorage();
}
