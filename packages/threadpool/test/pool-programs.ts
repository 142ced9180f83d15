/**
 * Random programs over a pool: what a program is, and how one is drawn from a seed and run beside the model.
 */
import { Difference, type Door, type Limits, ModelledPool } from './pool-model.js';
import { type Random, randomFrom } from './random.js';

/** So many programs run one after the other on one pool, which the last of them ends. */
export const PROGRAMS = 20;
const MOST_STEPS = 25;

/** What a pool's programs are made of. */
type Style = 'simple' | 'open' | 'bounded';

const KINDS = ['one', 'pairs', 'together'] as const;

/** Limits short enough to be met. */
const LIMITS: readonly Limits[] = [{}, { timeoutMs: 3 }, { deadlineMs: 5 }];
/** Whoever is deaf takes its thread along; whoever is not has all the time that a busy machine may need. */
const GRACE_MS = { deaf: 1, plain: 120_000 } as const;

/**
 * Runs the programs of one seed.
 *
 * @param isSimple - without limits, priorities and bounded queues: what a seed meant before there were any
 * @returns what differed, with the steps that led to it; undefined: nothing
 */
export async function runPrograms(seed: number, isSimple = false): Promise<string | undefined> {
  const random = randomFrom(seed);
  const threads = 1 + random.below(3);
  const door = !isSimple && random.oneIn(2) ? doorOf(random) : undefined;
  const style: Style = isSimple ? 'simple' : door === undefined ? 'open' : 'bounded';
  const steps = [`${threads} threads, ${JSON.stringify(door)}`];
  const pool = new ModelledPool(threads, door);
  try {
    for (let program = 1; program <= PROGRAMS; program++) {
      await runProgram(pool, random, steps, style);
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

function doorOf(random: Random): Door {
  return {
    maxQueue: random.pick([0, 1, 3, 10]),
    whenFull: random.pick(['wait', 'reject', 'dropOldest'] as const),
  };
}

async function runProgram(
  pool: ModelledPool,
  random: Random,
  steps: string[],
  style: Style,
): Promise<void> {
  for (let left = 1 + random.below(MOST_STEPS); left > 0 && !pool.isFull; left--) {
    step(pool, random, steps, style);
    // Mostly one looks before one leaps; several steps in a row meet a pool that is still at it.
    if (!random.oneIn(3)) await pool.settle();
  }
  await pool.settle();
}

function step(pool: ModelledPool, random: Random, steps: string[], style: Style): void {
  const what = random.below(style === 'simple' ? 12 : 15);
  const isBounded = style === 'bounded';
  const { running, open } = pool;
  if (what < 5 || open.length === 0) {
    const kind = random.pick(KINDS);
    const count = random.oneIn(4) ? 1 + random.below(24) : 1;
    const how = random.oneIn(3) ? 'brief' : 'plain';
    steps.push(`add ${count} ${how} ${kind}`);
    pool.add(kind, count, how);
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
  } else if (what === 12) {
    const kind = random.pick(KINDS);
    const how = random.oneIn(4) ? 'deaf' : 'plain';
    const limits = { ...random.pick(LIMITS), graceMs: GRACE_MS[how] };
    steps.push(`add 1 ${how} ${kind} ${JSON.stringify(limits)}`);
    pool.add(kind, 1, how, limits);
  } else if (what > 12 && !isBounded) {
    for (let left = 1 + random.below(4); left > 0; left--) {
      const rank = { priority: random.below(3) - 1, queue: random.pick(['', 'a', 'b']) };
      steps.push(`rank ${JSON.stringify(rank)}`);
      pool.rank(rank);
    }
  } else if (what === 9 && !isBounded) {
    const count = random.oneIn(3) ? 1 : random.below(40);
    steps.push(`pass ${count}`);
    pool.pass(count);
  } else if (what === 10 && !isBounded) {
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
    if (pool.running.length === 0) await pool.settle();
    if (pool.running.length === 0) continue;
    const at = random.pick(pool.running);
    steps.push(`tell ${at} return`);
    pool.tell(at, 'return');
    if (random.oneIn(2)) await pool.settle();
  }
  await pool.settle();
}
