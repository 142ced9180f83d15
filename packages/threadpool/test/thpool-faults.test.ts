/** The faults of the C++ pool that the tutorial uses, each turned into a promise of ours. */
import { ThreadPool } from '@netloom/threadpool';
import { expect, it } from 'vitest';
import { Throw } from './fixtures/parcel.mjs';
import { Echo, Mark } from './fixtures/tasks.mjs';
import { rejection, sharedInts } from './helpers.js';

it('leaving the scope of a pool runs all that was handed over (there: 90 of 100 dropped)', async () => {
  const marks = sharedInts(100);
  let promises: Promise<number>[];
  {
    await using pool = new ThreadPool(10);
    promises = pool.addTask(Array.from({ length: 100 }, (_, i) => new Mark(marks, i)));
  }
  expect([...marks]).toEqual(new Array(100).fill(1));
  expect(await Promise.all(promises)).toEqual(new Array(100).fill(0));
});

it('the counts of a pool are exact at every moment (there: read without synchronisation)', async () => {
  await using pool = new ThreadPool(10);
  let settled = 0;
  const promises = pool.addTask(Array.from({ length: 500 }, (_, i) => new Echo(i)));
  const counting = promises.map((promise) =>
    promise.then(() => {
      settled++;
      const completed = pool.threads.reduce((sum, thread) => sum + thread.completed, 0);
      expect(completed).toBeGreaterThanOrEqual(settled);
      expect(pool.unfinished).toBe(500 - completed);
    }),
  );
  await Promise.all(counting);
  expect(pool.threads.map((thread) => thread.unfinished)).toEqual(new Array(10).fill(0));
});

it('an exception in a task rejects that task alone (there: it ends the process)', async () => {
  await using pool = new ThreadPool(1);
  const before = pool.threads[0]?.threadId;
  const [error, value] = await Promise.all([
    rejection(pool.addTask(new Throw('cause'))),
    pool.addTask(new Echo('beside it')),
  ]);
  expect((error as Error).message).toBe('outer');
  expect(value).toBe('beside it');
  expect(pool.threads[0]?.threadId).toBe(before);
});
