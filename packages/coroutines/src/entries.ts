/**
 * Who runs what leaves this thread, and what comes back to it: agave's `set_bg_entry` and `set_fg_entry`.
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
 * @param entry - must return the promise of the result; `undefined` takes the entry away
 * @returns the entry that was set before
 *
 * @example
 * ```ts
 * // file: double.ts
 * import { coroutine, resumeBackground } from '@netloom/coroutines';
 *
 * export const double = coroutine(import.meta.url, 'double', function* (n: number) {
 *   yield* resumeBackground(); // from here on, a thread of the pool
 *   return n * 2;
 * });
 * ```
 *
 * ```ts
 * // file: main.ts
 * import { CoroutineTask, setBgEntry } from '@netloom/coroutines';
 * import { ThreadPool } from '@netloom/threadpool';
 * import { double } from './double.js';
 *
 * await using pool = new ThreadPool(2);
 * setBgEntry((resumption) => pool.addTask(new CoroutineTask(resumption)));
 * console.log(await double(21));
 * ```
 *
 * ```text
 * 42
 * ```
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

/** Runs what it is given, once, on this thread: when it thinks fit. */
export type FgEntry = (run: () => void) => void;

/**
 * Says who runs on this thread what other threads send back: calls of `foreground()`, and what comes after
 * `resumeForeground()`. A user interface gives them their place between its frames, a server its own order.
 *
 * Without an entry they run as they arrive.
 *
 * @param entry - calls what it is given exactly once; `undefined` takes the entry away
 * @returns the entry that was set before
 * @throws {TypeError} it is no function
 *
 * @example
 * ```ts
 * import { coroutine, JobScheduler, resumeForeground, setFgEntry } from '@netloom/coroutines';
 *
 * await using jobs = new JobScheduler();
 * setFgEntry((run) => void jobs.run(run, { priority: 1 }));
 *
 * const paint = coroutine(function* paint() {
 *   yield* resumeForeground(); // goes on when its turn comes
 *   console.log('painted');
 * });
 * const painting = paint();
 * console.log('called');
 * await painting;
 * setFgEntry(undefined);
 * ```
 *
 * ```text
 * called
 * painted
 * ```
 */
export function setFgEntry(entry: FgEntry | undefined): FgEntry | undefined {
  if (entry !== undefined && typeof entry !== 'function') {
    throw new TypeError(`setFgEntry() needs a function: got ${String(entry)}`);
  }
  const previous = thread.fgEntry;
  thread.fgEntry = entry;
  return previous;
}

/** The entry of this thread. @internal */
export function fgEntry(): FgEntry | undefined {
  return thread.fgEntry;
}
