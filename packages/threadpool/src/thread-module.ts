/**
 * The module that sets a thread up and takes it down: what it may export, and what it is given.
 */

/** What a thread is told of itself. */
export interface ThreadInfo {
  /** Its place in the pool, from 0; a thread that replaces another has the same. */
  readonly index: number;
  /** Its name, as the option `name` gave it. */
  readonly name: string;
  /** A copy of the option `data`; undefined when there is none. */
  readonly data: unknown;
}

/** What the module of the option `threadModule` may export; both are optional. */
export interface ThreadModule<Resources> {
  /** Runs on each thread before its first task, which waits for it; what it returns is each task's `context.resources`. */
  readonly threadInit?: (info: ThreadInfo) => Resources | Promise<Resources>;
  /** Runs after its last task when the thread ends in order: the pool closes, the thread was idle, or is recycled. */
  readonly threadExit?: (resources: Resources) => void | Promise<void>;
}

/**
 * Reads the two exports.
 *
 * @throws {TypeError} one of them is not a function, or neither is there
 */
export function threadModuleFrom(
  exported: Record<string, unknown>,
  url: string,
): ThreadModule<unknown> {
  const { threadInit, threadExit } = exported;
  for (const [name, value] of Object.entries({ threadInit, threadExit })) {
    if (value === undefined || typeof value === 'function') continue;
    throw new TypeError(`${name} of ${url} must be a function: got ${typeof value}`);
  }
  if (threadInit === undefined && threadExit === undefined) {
    throw new TypeError(`${url} exports neither threadInit nor threadExit`);
  }
  // SAFETY: both are functions or undefined, checked above; what they take is the program's own word.
  return exported as ThreadModule<unknown>;
}
