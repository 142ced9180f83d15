/**
 * `pnpm soak [--seconds N] [--seed N]`: does anything grow, stay open or get lost when work goes on for long?
 *
 * One generation after the other (generation.ts), ten minutes by default. After each its books must balance, and every
 * handle and thread must be gone; in the end neither heap nor resident memory may have grown steadily. Exit code 1 if
 * something was found.
 */
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Ending, type Random, runGeneration } from './generation.js';
import { type Sampled, slopeOf } from './slope.js';

const GENERATION_MS = 2000;
/** Until then caches fill and code is compiled: the first part of the samples does not count. */
const WARM_PART = 0.3;
/**
 * Growth in bytes per second. A leak of one object for each unit of work is several times as much: some thousand units
 * run in a second. Resident memory swings by what the allocator keeps.
 */
const HEAP_BOUND = 20_000;
const RESIDENT_BOUND = 100_000;
/** Fewer samples say nothing of growth. */
const ENOUGH = 20;
/** A handle is closed a turn or two after its owner's promise. */
const TURNS = 200;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_007) },
  },
});
process.exitCode = await soak(Number(values.seconds), Number(values.seed));

async function soak(seconds: number, seed: number): Promise<number> {
  if (!(seconds > 0)) throw new RangeError(`--seconds must be above 0: got ${values.seconds}`);
  console.log(`soaking for ${seconds} s, --seed ${seed}`);
  const random = randomFrom(seed);
  const found: string[] = [];
  const totals = new Map<Ending, number>();
  const heap: Sampled[] = [];
  const resident: Sampled[] = [];
  let threadsLost = 0;
  // The first brings what stays: modules, the pools' and the timers' own.
  await runGeneration(random, 200);
  const before = await held();
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  while (elapsed() < seconds && found.length < 10) {
    const books = await runGeneration(random, Math.min(GENERATION_MS, seconds * 500));
    threadsLost += books.threadsLost;
    for (const [ending, count] of Object.entries(books.endings)) {
      // SAFETY: the keys of that record.
      const key = ending as Ending;
      totals.set(key, (totals.get(key) ?? 0) + count);
    }
    found.push(...books.differences);
    const after = await held(before);
    if (after !== before)
      found.push(`held after a generation: ${after}; before the first: ${before}`);
    globalThis.gc?.();
    const { heapUsed, rss } = process.memoryUsage();
    heap.push({ seconds: elapsed(), value: heapUsed });
    resident.push({ seconds: elapsed(), value: rss });
  }
  const warm = <T>(samples: readonly T[]) => samples.slice(Math.floor(samples.length * WARM_PART));
  for (const [what, samples, bound] of [
    ['heap', heap, HEAP_BOUND],
    ['resident memory', resident, RESIDENT_BOUND],
  ] as const) {
    const slope = slopeOf(warm(samples));
    const first = (samples[0]?.value ?? 0) / 2 ** 20;
    const last = (samples.at(-1)?.value ?? 0) / 2 ** 20;
    console.log(
      `${what}: ${first.toFixed(1)} MB at first, ${last.toFixed(1)} MB at last, ` +
        `${(slope / 1000).toFixed(1)} kB/s (at most ${bound / 1000})`,
    );
    if (samples.length >= ENOUGH && slope > bound) found.push(`${what} grows`);
  }
  const counts = [...totals].map(([ending, count]) => `${count} ${ending}`).join(', ');
  console.log(`${heap.length} generations: ${counts}; ${threadsLost} threads lost`);
  for (const one of found) console.log(`FOUND ${one}`);
  console.log(found.length === 0 ? 'nothing found' : `${found.length} found`);
  return found.length === 0 ? 0 : 1;
}

/** Threads, and handles that keep the process alive; waits a little for those that are `expected` to go. */
async function held(expected?: string): Promise<string> {
  for (let turn = 0; ; turn++) {
    const handles = process.getActiveResourcesInfo().sort().join(' ');
    const threads = process.platform === 'linux' ? readdirSync('/proc/self/task').length : 0;
    const now = `${threads} threads, ${handles || 'no handles'}`;
    if (turn === TURNS || (expected === undefined && turn > 20) || now === expected) return now;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Marsaglia's xorshift. */
function randomFrom(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e37_79b1) | 1;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}
