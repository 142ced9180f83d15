/** Random programs over the pool do what a simple model of one says. */
import { expect, it } from 'vitest';
import { PROGRAMS, runPrograms } from './pool-programs.js';
import { seedFromEnvironment } from './random.js';

const isFull = Boolean(process.env.NETLOOM_FULL);
const SEEDS = isFull ? 500 : 12;
const SECONDS = isFull ? 7200 : 480;

/**
 * Seeds that found something once: here faults that were planted (2: what a lost thread had not begun was put behind
 * the others; 4: one task too many of a class at a time), and three of the pool itself, not found by each run: a class
 * whose tasks stood behind another class (402822377, 402822843), and one that overtook another while both were loaded.
 */
const KEPT: readonly number[] = [2, 4, 402_822_377, 402_822_633, 402_822_843];

const first = seedFromEnvironment();

it(
  `${SEEDS * PROGRAMS} random programs do as the model, from NETLOOM_SEED=${first} on`,
  async () => {
    const differences: string[] = [];
    for (let seed = first; seed < first + SEEDS; seed++) {
      const difference = await runPrograms(seed);
      if (difference !== undefined) differences.push(difference);
      // The first ones say it all.
      if (differences.length === 3) break;
    }
    expect(differences).toEqual([]);
  },
  SECONDS * 1000,
);

it.each(KEPT)(
  'the programs of seed %i do as the model',
  async (seed) => {
    expect(await runPrograms(seed, true)).toBeUndefined();
  },
  60_000,
);
