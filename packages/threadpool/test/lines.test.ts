/** A thread's own line of tasks of one kind: whoever drops out of it takes nobody's turn along. */
import { ThreadPool } from '@netloom/threadpool';
import { describe, expect, it } from 'vitest';
import { Broken, OpenAll } from './fixtures/parcel.mjs';
import { AskIfAny, Echo } from './fixtures/tasks.mjs';
import { gate, practise, rejection, sharedInts } from './helpers.js';

const atOnce = (signal?: AbortSignal) => new AskIfAny(undefined, () => {}, signal);

/** Its tasks are known to be short, so that they are sent ahead of their turn. */
async function practised(threads: number): Promise<ThreadPool> {
  const pool = new ThreadPool(threads);
  await practise(pool, atOnce);
  return pool;
}

/** One that holds up its kind on its thread, without blocking the thread. */
function holding(pool: ThreadPool) {
  const asked = gate();
  const hold = gate();
  const task = new AskIfAny('hold', async () => {
    asked.open();
    await hold.opened;
  });
  const ended = pool.addTask(task);
  return { begun: asked.opened, ended, free: hold.open, [Symbol.dispose]: hold.open };
}

it('a task that could not be put together does not count as a long one', async () => {
  await using pool = new ThreadPool(1);
  await practise(pool, (signal) => new OpenAll([], signal));
  await rejection(pool.addTask(new OpenAll([new Broken(sharedInts(1), 0)])));
  using first = holding(pool);
  await first.begun;
  const short = Promise.all(pool.addTask(Array.from({ length: 10 }, () => new OpenAll([]))));
  // Still known to be short, so sent ahead: beside the one that holds and one that may run.
  expect(pool.threads[0]?.unfinished).toBeGreaterThan(2);
  first.free();
  await short;
});

describe('a task that stands in a thread’s own line', () => {
  it('and is cancelled does not keep back those behind it', async () => {
    await using pool = await practised(1);
    using first = holding(pool);
    await first.begun;
    const stop = new AbortController();
    const cancelled = [atOnce(stop.signal), atOnce(stop.signal)].map((task) =>
      rejection(pool.addTask(task)),
    );
    const behind = Promise.all([pool.addTask(atOnce()), pool.addTask(atOnce())]);
    // One of another kind passes by: what was sent before it is in the line over there.
    await pool.addTask(new Echo(1));
    expect(pool.threads[0]?.unfinished).toBe(5);
    stop.abort('not any more');
    expect(await Promise.all(cancelled)).toEqual(['not any more', 'not any more']);
    first.free();
    await first.ended;
    expect(await behind).toEqual(['at once', 'at once']);
  });

  it('and is taken over by another thread does not keep back those behind it', async () => {
    await using pool = await practised(2);
    const busiest = () =>
      pool.threads.reduce((a, b) => (b.unfinished > a.unfinished ? b : a)).index;
    using first = holding(pool);
    await first.begun;
    const firstIsOn = busiest();
    using second = holding(pool);
    await second.begun;
    // Both threads are held up, so these are sent ahead: to one, to the other, and again to the one.
    using third = holding(pool);
    const on = busiest();
    const others = Promise.all([pool.addTask(atOnce()), pool.addTask(atOnce())]);
    expect(pool.threads[on]?.unfinished).toBe(3);
    const [held, freed] = on === firstIsOn ? [first, second] : [second, first];
    freed.free();
    // The thread that has nothing left takes the third over and is held up by it.
    await third.begun;
    expect(pool.threads.map((thread) => thread.unfinished)).toEqual(on === 0 ? [2, 1] : [1, 2]);
    held.free();
    expect(await others).toEqual(['at once', 'at once']);
    third.free();
    await third.ended;
  });
});
