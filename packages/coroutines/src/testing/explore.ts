/**
 * Many runs of one test in different orders: by chance from seeds, or one after the other until all are through.
 *
 * What can differ is which of several runnable coroutines goes next, which of several ready cases `select` takes, and
 * where a coroutine gives way although it need not: the budget for fairness does that in production at a wait of its
 * own choosing, so that code which relies on going on is wrong. Faults show with few such preemptions (Musuvathi and
 * Qadeer, PLDI 2007); so their number is bounded, and all orders within the bound are tried.
 */
import type { CoroutineBody } from '../coroutine.js';
import { Choices, seededChoices } from './choices.js';
import { runWith, type TestOptions } from './run-test.js';
import type { VirtualClock } from './virtual-clock.js';

/** A run failed. `cause` is what it failed with; the message says how to have the same run again. */
export class ScheduleError extends Error {
  readonly code = 'ERR_SCHEDULE';
  /** For `runTest(body, { seed })`; undefined for a run that was not by chance. */
  readonly seed: number | undefined;
  /** For `runTest(body, { schedule })`; undefined for a run by chance. */
  readonly schedule: string | undefined;
  /** How many runs were good before. */
  readonly runs: number;

  constructor(run: { seed?: number; schedule?: string }, runs: number, cause: unknown) {
    const [name, value] =
      run.seed === undefined ? ['schedule', `'${run.schedule}'`] : ['seed', run.seed];
    super(
      `failed after ${runs} good runs: ${String(cause)}; again with runTest(body, { ${name}: ${value} })`,
      { cause },
    );
    this.seed = run.seed;
    this.schedule = run.schedule;
    this.runs = runs;
  }

  override get name(): string {
    return 'ScheduleError';
  }
}

export interface SeedOptions extends Omit<TestOptions, 'seed' | 'schedule'> {
  /** How many runs. Default 100. */
  readonly runs?: number | undefined;
  /** The seed of the first; those after it count up. Default: another one each time. */
  readonly firstSeed?: number | undefined;
}

/**
 * Runs a test again and again, each time in an order that its seed decides.
 *
 * @param body - as for `runTest`; makes all it needs anew
 * @throws {ScheduleError} for the first run that fails: with its seed
 */
export async function runSeeds<R>(
  body: CoroutineBody<[clock: VirtualClock], R>,
  options: SeedOptions = {},
): Promise<void> {
  const { runs = 100, firstSeed = Math.floor(Math.random() * 2 ** 31) } = options;
  for (let run = 0; run < runs; run += 1) {
    const seed = firstSeed + run;
    try {
      await runWith(body, seededChoices(seed), options);
    } catch (error) {
      throw new ScheduleError({ seed }, run, error);
    }
  }
}

export interface ExploreOptions extends Omit<TestOptions, 'seed' | 'schedule'> {
  /** How often in one run a coroutine may give way although it need not. Default 2. */
  readonly maxPreemptions?: number | undefined;
  /** Decisions beyond so many in one run are not varied. Default 200. */
  readonly maxDecisions?: number | undefined;
  /** After so many runs it ends, complete or not. Default 10 000. */
  readonly maxRuns?: number | undefined;
}

/** What an exploration has done. */
export interface Exploration {
  readonly runs: number;
  /** Whether all orders within the bounds have been tried. */
  readonly isComplete: boolean;
}

/**
 * Runs a test in every order that there is within the bounds.
 *
 * @param body - as for `runTest`; makes all it needs anew, and decides nothing by chance or by the real time
 * @throws {ScheduleError} for the first run that fails: with its schedule
 * @throws {TypeError} two runs with the same decisions went different ways: the body is not deterministic
 *
 * @example
 * ```ts
 * import { Semaphore, resumeAfter, scope } from '@netloom/coroutines';
 * import { explore } from '@netloom/coroutines/testing';
 *
 * // Reads, waits, writes: a lost update, in some orders.
 * function* transfer() {
 *   let balance = 0;
 *   const permits = new Semaphore(2); // should be 1
 *   yield* scope(function* (s) {
 *     for (const amount of [10, 20]) {
 *       s.spawn(function* () {
 *         using _ = yield* permits.permit();
 *         const seen = balance;
 *         yield* resumeAfter(1);
 *         balance = seen + amount;
 *       });
 *     }
 *   });
 *   if (balance !== 30) throw new Error(`balance is ${balance}`);
 * }
 *
 * await explore(transfer).catch((error) => console.log(String(error.cause)));
 * ```
 *
 * ```text
 * Error: balance is 20
 * ```
 */
export async function explore<R>(
  body: CoroutineBody<[clock: VirtualClock], R>,
  options: ExploreOptions = {},
): Promise<Exploration> {
  const { maxPreemptions = 2, maxDecisions = 200, maxRuns = 10_000 } = options;
  /** The decisions that the next run begins with; it takes 0 after them. */
  let prefix: { readonly choice: number; readonly of: number }[] = [];
  for (let runs = 0; runs < maxRuns; ) {
    const start = prefix;
    let isDifferent = false;
    const choices = new Choices((of, place) => {
      const given = start[place];
      if (given !== undefined && given.of !== of) isDifferent = true;
      return given?.choice ?? 0;
    });
    let preemptions = 0;
    const givesWay = () => {
      // Decided even where there is nothing to decide: a schedule counts the places.
      const isGivingWay = choices.choose(preemptions < maxPreemptions ? 2 : 1) === 1;
      if (isGivingWay) preemptions += 1;
      return isGivingWay;
    };
    try {
      await runWith(body, choices, options, givesWay);
    } catch (error) {
      throw new ScheduleError({ schedule: choices.schedule }, runs, error);
    }
    runs += 1;
    if (isDifferent) {
      throw new TypeError(
        `explore() needs a body that does the same each time: run ${runs} had other decisions to take than the one before`,
      );
    }
    const next = following(choices.taken.slice(0, maxDecisions));
    if (next === undefined) return { runs, isComplete: true };
    prefix = next;
  }
  return { runs: maxRuns, isComplete: false };
}

/** The decisions in counting order: the last one that can be raised is, and what came after it is forgotten. */
function following(
  taken: readonly { readonly choice: number; readonly of: number }[],
): { choice: number; of: number }[] | undefined {
  for (let place = taken.length - 1; place >= 0; place -= 1) {
    // SAFETY: place is below the length.
    const { choice, of } = taken[place] as { choice: number; of: number };
    if (choice + 1 < of) return [...taken.slice(0, place), { choice: choice + 1, of }];
  }
  return undefined;
}
