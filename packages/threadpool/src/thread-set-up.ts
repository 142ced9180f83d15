/**
 * What a thread does for itself before its first task and after its last one: the program's `threadInit` and
 * `threadExit`. Runs inside a thread.
 */
import { type ThreadInfo, type ThreadModule, threadModuleFrom } from './thread-module.js';

/** What a thread is told of itself. */
export interface ThreadSetUp extends ThreadInfo {
  /** The URL of the module with `threadInit` and `threadExit`; undefined: there is none. */
  readonly module: string | undefined;
  /** Whether the pool is told what the thread writes to its stdout and stderr. */
  readonly isHeard: boolean;
  /** The heap above which the thread asks to be replaced; undefined: none. */
  readonly heapLimitBytes: number | undefined;
}

let own: ThreadModule<unknown> = {};
let made: unknown;

/** What `threadInit` returned; given to each task. */
export function threadResources(): unknown {
  return made;
}

/** Runs `threadInit`. What it throws ends the thread, whose start has failed then. */
export async function setUpThread(setUp: ThreadSetUp): Promise<void> {
  if (setUp.module === undefined) return;
  own = threadModuleFrom(await import(setUp.module), setUp.module);
  const { index, name, data } = setUp;
  made = await own.threadInit?.({ index, name, data });
}

/** Ends the thread, after `threadExit`. What that throws is told as the error that the thread ended of. */
export function endThread(): void {
  if (own.threadExit === undefined) process.exit(0);
  void tearDown(own.threadExit);
}

async function tearDown(threadExit: NonNullable<typeof own.threadExit>): Promise<void> {
  await threadExit(made);
  process.exit(0);
}
