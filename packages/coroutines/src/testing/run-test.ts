/**
 * One run of a test: a body on virtual time, in an order that is decided here and can be decided again.
 *
 * Time passes only when nothing can run: then the clock jumps to the next timer. So a test of an hour takes no time, and
 * two runs with the same decisions are the same. What stays outside are the engine's own promises, which keep their
 * order, and the world: a socket answers when it likes.
 */
import { setPick } from '../chance.js';
import { setClock } from '../clock.js';
import { type CoroutineBody, coroutine } from '../coroutine.js';
import { schedule } from '../run-queue.js';
import { thread } from '../thread-state.js';
import { type Choices, givesWayBy, seededChoices, writtenChoices } from './choices.js';
import { dump } from './dump.js';
import { LeakDetector, LeakError } from './leaks.js';
import { turnOfTheLoop } from './turn.js';
import { VirtualClock } from './virtual-clock.js';

export interface TestOptions {
  /** Decides by chance, the same at each run with this number. An integer. Absent: first come, first served. */
  readonly seed?: number | undefined;
  /** Decides as a failed run has named it: `1.0.2`. Not together with `seed`. */
  readonly schedule?: string | undefined;
  /** Whether a coroutine that is alive at the end fails the test. Default true. */
  readonly failsOnLeaks?: boolean | undefined;
  /**
   * How many turns of the event loop may pass in which nothing happens here, for what comes from outside: files,
   * sockets, other threads. Default 10. Then time jumps, or if there is no timer the test is stuck.
   */
  readonly idleTurns?: number | undefined;
}

/** The test waits for what will never come: nothing can run, and no timer is set. The message has who waits for what. */
export class StuckError extends Error {
  readonly code = 'ERR_STUCK';

  override get name(): string {
    return 'StuckError';
  }
}

/**
 * Runs a body as a coroutine on virtual time, and fails if it leaves a coroutine behind or can never end.
 *
 * @param body - gets the clock; a generator function (preferred) or an async one
 * @returns its result
 * @throws what it throws; {@link StuckError}, {@link LeakError}
 *
 * @example
 * ```ts
 * import { resumeAfter } from '@netloom/coroutines';
 * import { runTest } from '@netloom/coroutines/testing';
 *
 * const hours = await runTest(function* (clock) {
 *   const start = clock.now();
 *   yield* resumeAfter(3_600_000); // takes no time
 *   return (clock.now() - start) / 3_600_000;
 * });
 * console.log(hours);
 * ```
 *
 * ```text
 * 1
 * ```
 */
export async function runTest<R>(
  body: CoroutineBody<[clock: VirtualClock], R>,
  options: TestOptions = {},
): Promise<R> {
  if (options.seed !== undefined && options.schedule !== undefined) {
    throw new TypeError('runTest() takes a seed or a schedule, not both');
  }
  const choices =
    options.seed === undefined
      ? writtenChoices(options.schedule ?? '')
      : seededChoices(options.seed);
  return runWith(body, choices, options);
}

/** Runs it with these decisions. @internal */
export async function runWith<R>(
  body: CoroutineBody<[clock: VirtualClock], R>,
  choices: Choices,
  { failsOnLeaks = true, idleTurns = 10 }: TestOptions,
  givesWay: () => boolean = () => givesWayBy(choices),
): Promise<R> {
  if (thread.schedule !== undefined) {
    throw new TypeError('a test runs already on this thread: await it before the next one');
  }
  const clock = new VirtualClock();
  const clockBefore = setClock(clock);
  const leaks = new LeakDetector();
  let progress = 0;
  thread.schedule = {
    next: (n) => choices.choose(n),
    givesWay,
    giveWay: (resume) => schedule({ runSlice: resume }),
    hasRun: () => {
      progress += 1;
    },
  };
  setPick((n) => choices.choose(n));
  try {
    // SAFETY: a body of either kind; coroutine() takes both, in two overloads.
    const action = coroutine(body as (clock: VirtualClock) => Promise<R>)(clock);
    // Its error is asked for below, whenever it comes.
    action.completed = () => {};
    let idle = 0;
    while (action.status === 'Started') {
      const before = progress;
      await turnOfTheLoop();
      idle = progress === before ? idle + 1 : 0;
      if (idle <= idleTurns) continue;
      if (!clock.fireNext()) throw stuck(leaks);
      idle = 0;
    }
    // SAFETY: the action is that of a body that gives an R.
    const result = action.getResults() as R;
    if (failsOnLeaks) await leaks.check();
    return result;
  } finally {
    thread.schedule = undefined;
    setPick(undefined);
    setClock(clockBefore);
    // What is left must not disturb the next run.
    for (const { action } of leaks.alive) action.cancel(new LeakError([]));
    leaks.stop();
  }
}

function stuck(leaks: LeakDetector): StuckError {
  return new StuckError(`nothing can run, and no timer is set:\n${dump(leaks.alive)}`);
}
