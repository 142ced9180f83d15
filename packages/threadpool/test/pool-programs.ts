/**
 * Random programs over a pool: what a program is, and how one is drawn from a seed and run beside the model.
 */
import { Difference, KINDS, ModelledPool } from './pool-model.js';
import { type Random, randomFrom } from './random.js';

/** So many programs run one after the other on one pool, which the last of them ends. */
export const PROGRAMS = 20;
const MOST_STEPS = 25;

/**
 * Runs the programs of one seed.
 *
 * @returns what differed, with the steps that led to it; undefined: nothing
 */
export async function runPrograms(seed: number): Promise<string | undefined> {
  const random = randomFrom(seed);
  const threads = 1 + random.below(3);
  const steps = [`${threads} threads`];
  const pool = new ModelledPool(threads);
  try {
    for (let program = 1; program <= PROGRAMS; program++) {
      await runProgram(pool, random, steps);
      if (program < PROGRAMS) await endAll(pool, random, steps);
    }
    const end = random.pick(['close', 'terminate'] as const);
    steps.push(end);
    await pool[end]();
    return undefined;
  } catch (error) {
    await pool.abandon();
    if (!(error instanceof Difference)) throw error;
    return `seed ${seed}: ${error.message}, after: ${steps.join('; ')}`;
  }
}

async function runProgram(pool: ModelledPool, random: Random, steps: string[]): Promise<void> {
  for (let left = 1 + random.below(MOST_STEPS); left > 0 && !pool.isFull; left--) {
    step(pool, random, steps);
    // Mostly one looks before one leaps; several steps in a row meet a pool that is still at it.
    if (!random.oneIn(3)) await pool.settle();
  }
  await pool.settle();
}

function step(pool: ModelledPool, random: Random, steps: string[]): void {
  const what = random.below(12);
  const { running, open } = pool;
  if (what < 5 || open.length === 0) {
    const kind = random.pick(KINDS);
    const count = random.oneIn(4) ? 1 + random.below(24) : 1;
    const isBrief = random.oneIn(3);
    steps.push(`add ${count} ${isBrief ? 'brief ' : ''}${kind}`);
    pool.add(kind, count, isBrief);
  } else if (what < 8 && running.length > 0) {
    const at = random.pick(running);
    const order = random.oneIn(5) ? 'throw' : 'return';
    steps.push(`tell ${at} ${order}`);
    pool.tell(at, order);
  } else if (what === 8 && running.length > 0 && random.oneIn(4)) {
    const at = random.pick(running);
    const order = random.pick(['exit', 'uncaught'] as const);
    steps.push(`tell ${at} ${order}`);
    pool.tell(at, order);
  } else if (what === 9) {
    const count = random.oneIn(3) ? 1 : random.below(40);
    steps.push(`pass ${count}`);
    pool.pass(count);
  } else if (what === 10) {
    steps.push('move');
    pool.move();
  } else {
    const at = random.pick(open);
    steps.push(`stop ${at}`);
    pool.stop(at);
  }
}

/** The next program begins with a pool at rest. */
async function endAll(pool: ModelledPool, random: Random, steps: string[]): Promise<void> {
  while (pool.open.length > 0) {
    const at = random.pick(pool.running);
    steps.push(`tell ${at} return`);
    pool.tell(at, 'return');
    if (random.oneIn(2)) await pool.settle();
    if (pool.running.length === 0) await pool.settle();
  }
  await pool.settle();
}
