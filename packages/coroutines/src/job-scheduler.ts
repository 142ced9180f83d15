/**
 * Who runs what leaves this thread: the background entry, agave's `set_bg_entry`.
 *
 * A resumption is plain data. Whoever carries it over (a pool, by `CoroutineTask`) needs to know nothing else.
 */
import { thread } from './thread-state.js';

/** A coroutine that shall run elsewhere: where it is found, what it is called with. */
export interface Resumption {
  /** The URL of the module that exports it. */
  readonly module: string;
  /** The name of the export. */
  readonly exportName: string;
  readonly args: readonly unknown[];
  /** What the storages named by `carryContext` held; undefined when none is named. */
  readonly context: Readonly<Record<string, unknown>> | undefined;
}

/** Takes a resumption to another thread, and promises its result. */
export type BgEntry = (resumption: Resumption) => PromiseLike<unknown>;

/**
 * Says who takes work of this thread to the background.
 *
 *     setBgEntry((resumption) => pool.addTask(new CoroutineTask(resumption)));
 *
 * @param entry - must return the promise of the result; `undefined` takes the entry away
 * @returns the entry that was set before
 */
export function setBgEntry(entry: BgEntry | undefined): BgEntry | undefined {
  if (entry !== undefined && typeof entry !== 'function') {
    throw new TypeError(`setBgEntry() needs a function: got ${String(entry)}`);
  }
  const previous = bgEntry();
  thread.bgEntry = entry;
  return previous;
}

/** The entry of this thread. @internal */
export function bgEntry(): BgEntry | undefined {
  // SAFETY: only setBgEntry() writes it.
  return thread.bgEntry as BgEntry | undefined;
}
