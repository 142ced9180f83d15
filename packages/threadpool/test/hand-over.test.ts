/** How tasks get to a thread and how it waits: nothing is lost, nothing stands still. */
import { ThreadPool } from '@netloom/threadpool';
import { expect, it } from 'vitest';
import { Chain, MayBlock, Tick, Work } from './fixtures/hand-over.mjs';
import { AskTogether, Block, Echo } from './fixtures/tasks.mjs';
import { blocker, gate, rejection, sharedInts, until } from './helpers.js';

/** Resolves when `ints[0]` has come to `count`. */
function reaches(ints: Int32Array, count: number): Promise<void> {
  return until(() => Atomics.load(ints, 0) >= count);
}

/** Makes a pool's threads sleep between tasks: they do while tasks come one soon after the other. */
async function hurried(threads: number): Promise<ThreadPool> {
  const pool = new ThreadPool(threads);
  for (let i = 0; i < 50 * threads; i++) await pool.addTask(new Echo(i));
  return pool;
}

it('no wake-up is lost, whatever the pause before the next task', async () => {
  const pool = await hurried(2);
  const spins = sharedInts(1);
  for (let i = 0; i < 1500; i++) {
    const pause = (i * 7919) % 400;
    for (let spin = 0; spin < pause; spin++) Atomics.add(spins, 0, 1);
    if (i % 97 === 0) await new Promise((turn) => setTimeout(turn, (i / 97) % 15));
    const text = i % 3 === 0 ? 'x'.repeat(300) : i;
    expect(await pool.addTask(new Echo(text))).toBe(text);
  }
  await pool.close();
}, 300_000);

it.each([false, true])('a timer that a task leaves goes on: unref’ed %s', async (isUnrefed) => {
  const pool = await hurried(1);
  const ticks = sharedInts(1);
  await pool.addTask(new Tick(ticks, isUnrefed));
  await reaches(ticks, 50);
  await pool.terminate();
});

it.each(['immediate', 'tick', 'promise'] as const)(
  'a chain of steps that a task leaves goes on: by %s',
  async (by) => {
    const pool = await hurried(1);
    const counts = sharedInts(1);
    await pool.addTask(new Chain(counts, by));
    await reaches(counts, 20);
    await pool.close();
  },
);

it('a thread may sleep only when nothing waits on it', async () => {
  await using pool = new ThreadPool(1);
  let said = await pool.addTask(new MayBlock());
  // What the start of the thread and the import left in its event loop goes by.
  while (!said.before) said = await pool.addTask(new MayBlock());
  expect(said).toEqual({
    before: true,
    timer: false,
    waits: false,
    immediate: false,
    after: true,
  });
});

it('a task that comes while the thread sleeps and one that comes by message are both begun', async () => {
  const pool = await hurried(1);
  const both = [new Work(0, 'small'), new Work(0, new Map([[1, 'large']]))];
  for (let i = 0; i < 200; i++) {
    expect(await Promise.all(pool.addTask(both))).toEqual(['small', new Map([[1, 'large']])]);
  }
  await pool.close();
});

it('more tasks than the ring holds wait for room, and keep their order', async () => {
  const pool = new ThreadPool(1);
  using block = blocker();
  const blocked = gate();
  const first = pool.addTask(new Block(block.flag, blocked.open));
  await blocked.opened;
  const order: unknown[] = [];
  const answers = Array.from({ length: 5000 }, (_, i) =>
    pool.addTask(
      new AskTogether(i, (message) => {
        order.push(message);
        return message;
      }),
    ),
  );
  block.free();
  await first;
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 5000 }, (_, i) => i));
  expect(order).toEqual(Array.from({ length: 5000 }, (_, i) => i));
  await pool.close();
});

it('what was taken back and what takes its place in the slot are not mistaken', async () => {
  const pool = new ThreadPool(1);
  using block = blocker();
  const blocked = gate();
  const first = pool.addTask(new Block(block.flag, blocked.open));
  await blocked.opened;
  const rejected: Promise<unknown>[] = [];
  const kept: Promise<unknown>[] = [];
  for (let round = 0; round < 10; round++) {
    const stop = new AbortController();
    for (let i = 0; i < 200; i++) {
      const message = i % 2 === 0 ? [round, i] : `${round}/${i}/${'x'.repeat(300)}`;
      const answered = pool.addTask(
        new AskTogether(message, (asked) => asked, i % 3 === 0 ? stop.signal : undefined),
      );
      if (i % 3 === 0) rejected.push(rejection(answered));
      else kept.push(answered.then((answer) => expect(answer).toEqual(message)));
    }
    // Some have left for the ring, some have not.
    if (round % 2 === 0) await new Promise((turn) => setImmediate(turn));
    stop.abort(round);
  }
  block.free();
  await first;
  expect(new Set(await Promise.all(rejected))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
  await Promise.all(kept);
  await pool.close();
});

it.each(['close', 'terminate'] as const)(
  '%s ends a thread that sleeps, at every moment of its waiting',
  async (how) => {
    // It naps, it sleeps, it listens.
    for (const pauseMs of [0, 4, 15]) {
      const pool = await hurried(1);
      if (pauseMs > 0) await new Promise((turn) => setTimeout(turn, pauseMs));
      await pool[how]();
      expect(pool.threads[0]?.threadId).toBe(-1);
    }
  },
);
