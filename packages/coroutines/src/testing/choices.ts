/**
 * The decisions of one run: what a schedule consists of. Each is one of several, counted from 0, where 0 is what happens
 * outside of tests: the first in line goes next, nobody gives way.
 */

/** Decides, and writes down what it has decided. @internal */
export class Choices {
  /** What was decided, and out of how many. */
  readonly taken: { readonly choice: number; readonly of: number }[] = [];
  readonly #decide: (of: number, place: number) => number;

  /** @param decide - gives an integer from 0 to below `of`; `place` counts the decisions from 0 */
  constructor(decide: (of: number, place: number) => number) {
    this.#decide = decide;
  }

  /** @param of - how many possibilities, from 1 */
  choose(of: number): number {
    const choice = Math.min(this.#decide(of, this.taken.length), of - 1);
    this.taken.push({ choice, of });
    return choice;
  }

  /** To be given to `runTest()`: what was decided, without the zeros at the end. */
  get schedule(): string {
    const choices = this.taken.map(({ choice }) => choice);
    while (choices.at(-1) === 0) choices.pop();
    return choices.join('.');
  }
}

/**
 * Decides as is written; 0 beyond that.
 *
 * @param schedule - as `Choices.schedule` gives it: `1.0.2`, or nothing
 * @throws {TypeError} it is none
 * @internal
 */
export function writtenChoices(schedule: string): Choices {
  const choices = schedule === '' ? [] : schedule.split('.').map(Number);
  if (choices.some((choice) => !Number.isSafeInteger(choice) || choice < 0)) {
    throw new TypeError(`a schedule looks like 1.0.2, as a failed run names it: got ${schedule}`);
  }
  return new Choices((_, place) => choices[place] ?? 0);
}

/** As often as a fourth: enough to disturb each run, and to leave stretches undisturbed. */
const GIVE_WAY_ONE_IN = 4;

/** Decides by a random sequence that the seed determines: the same on every system. @internal */
export function seededChoices(seed: number): Choices {
  const draw = mulberry32(seed);
  return new Choices((of) => Math.floor(draw() * of));
}

/** For a decision whether to give way, which chance would take too often if it were one of two. @internal */
export function givesWayBy(choices: Choices): boolean {
  return choices.choose(GIVE_WAY_ONE_IN) === 1;
}

/** A small generator with good spread: Tommy Ettinger's mulberry32, public domain. */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
