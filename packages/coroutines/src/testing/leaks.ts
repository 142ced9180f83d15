/** What never ended: coroutines that are still alive when a test, or a program, should be through. */
import { clock } from '../clock.js';
import { type LiveCoroutine, type Watch, watchCoroutines } from '../live.js';
import { setTracing } from '../tracing.js';
import { describe, dump } from './dump.js';
import { turnOfTheLoop } from './turn.js';

/** Coroutines were left behind. The message has the tree of them, with what each waits for and where it was started. */
export class LeakError extends Error {
  readonly code = 'ERR_LEAK';
  readonly coroutines: readonly LiveCoroutine[];

  constructor(coroutines: readonly LiveCoroutine[]) {
    const count = coroutines.length === 1 ? '1 coroutine' : `${coroutines.length} coroutines`;
    super(`${count} never ended:\n${dump(coroutines)}`);
    this.coroutines = coroutines;
  }

  override get name(): string {
    return 'LeakError';
  }
}

/** Knows the coroutines that start while it is there. */
export class LeakDetector implements AsyncDisposable {
  readonly #watch: Watch = watchCoroutines();
  readonly #wasTracing = setTracing(true);

  /** Those that have not ended. */
  get alive(): LiveCoroutine[] {
    return this.#watch.list();
  }

  /** One line for each that has not ended. */
  get lines(): string[] {
    const now = clock.now();
    return this.alive.map((coroutine) => describe(coroutine, now));
  }

  /**
   * Gives what is about to end a few turns of the event loop, and then accepts nothing that is alive.
   *
   * @throws {LeakError} something is
   */
  async check(): Promise<void> {
    for (let turn = 0; turn < 3 && this.alive.length > 0; turn += 1) await turnOfTheLoop();
    const { alive } = this;
    if (alive.length > 0) throw new LeakError(alive);
  }

  /** Stops to look. */
  stop(): void {
    this.#watch.stop();
    setTracing(this.#wasTracing);
  }

  /** Checks, and stops to look. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.check();
    } finally {
      this.stop();
    }
  }
}

/**
 * Begins to look for coroutines that never end: `await using leaks = detectLeaks()` in a test, or `check()` after it.
 *
 * While it looks, coroutines remember where they were started.
 */
export function detectLeaks(): LeakDetector {
  return new LeakDetector();
}
