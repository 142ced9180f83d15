/** close() drains, terminate() says what it cut off; nothing handed over is dropped in silence. */
import { type TaskError, ThreadPool } from '@netloom/threadpool';
import { describe, expect, it } from 'vitest';
import { OpenAll, Parcel } from './fixtures/parcel.mjs';
import { AskAndStay, AskTogether, add, Block, Echo, Mark } from './fixtures/tasks.mjs';
import { blocker, gate, rejection, sharedInts } from './helpers.js';

const FIXTURES = new URL('./fixtures/tasks.mjs', import.meta.url);

describe('close', () => {
  it.each([[1], [2], [10]])(
    'of %i threads runs all that was handed over before',
    async (threads) => {
      // The original's destructor dropped 90 of 100.
      const marks = sharedInts(1000);
      const pool = new ThreadPool(threads);
      const all = Promise.all(
        pool.addTask(Array.from({ length: 1000 }, (_, i) => new Mark(marks, i))),
      );
      await pool.close();
      expect([...marks]).toEqual(new Array(1000).fill(1));
      expect(pool.unfinished).toBe(0);
      await all;
    },
  );

  it('rejects what comes afterwards as not run, and releases it', async () => {
    const pool = new ThreadPool(1);
    const closing = pool.close();
    const ledger = sharedInts(1);
    const error = (await rejection(
      pool.addTask(new OpenAll([new Parcel(ledger, 0)])),
    )) as TaskError;
    expect(error.code).toBe('ERR_TASK_NOT_RUN');
    expect(error.message).toBe('OpenAll was not run: the pool is closed');
    expect(ledger[0]).toBe(1);
    await closing;
    await expect(pool.addTask(new Echo(1))).rejects.toThrow('the pool is closed');
  });

  it('may be called twice, and together', async () => {
    const pool = new ThreadPool(2);
    await Promise.all([pool.close(), pool.close()]);
    await pool.close();
    await pool[Symbol.asyncDispose]();
  });

  it('ends every thread', async () => {
    const pool = new ThreadPool(3);
    await pool.addTask(new Echo(1));
    await pool.close();
    expect(pool.threads.map((thread) => thread.threadId)).toEqual([-1, -1, -1]);
  });
});

describe('terminate', () => {
  it('names what was not run and what was interrupted, and rejects each with its code', async () => {
    const pool = new ThreadPool(2);
    using block = blocker();
    const begun = gate(2);
    const running = [new Block(block.flag, begun.open), new Block(block.flag, begun.open)];
    const interrupted = running.map((task) => rejection(pool.addTask(task)));
    await begun.opened;
    const waiting = [new Block(block.flag, () => {}), new Echo(1)];
    const notRun = waiting.map((task) => rejection(pool.addTask(task)));
    const call = rejection(pool.run<typeof add>(FIXTURES, 'add', [1, 2]));
    const report = await pool.terminate();
    expect(new Set(report.interrupted)).toEqual(new Set(running));
    expect(report.notRun).toHaveLength(3);
    expect(report.notRun).toContain(waiting[0]);
    expect(report.notRun).toContain(waiting[1]);
    expect(report.notRun).toContainEqual({
      module: FIXTURES.href,
      exportName: 'add',
      args: [1, 2],
    });
    for (const error of await Promise.all(interrupted)) {
      expect((error as TaskError).code).toBe('ERR_TASK_THREAD_LOST');
      expect((error as TaskError).message).toContain('the pool was terminated while it ran');
    }
    for (const error of await Promise.all([...notRun, call])) {
      expect((error as TaskError).code).toBe('ERR_TASK_NOT_RUN');
    }
    expect(add(1, 2)).toBe(3);
  });

  it('under load settles every task once: run, interrupted, or not run and released', async () => {
    const n = 2000;
    const ledger = sharedInts(n);
    const pool = new ThreadPool(2);
    const tasks = Array.from({ length: n }, (_, i) => new OpenAll([new Parcel(ledger, i)]));
    const promises = pool.addTask(tasks);
    const settled = Promise.allSettled(promises);
    await promises[500];
    const report = await pool.terminate();
    const ends = await settled;
    const notRun = new Set<unknown>(report.notRun);
    const interrupted = new Set<unknown>(report.interrupted);
    expect(notRun.size).toBeGreaterThan(0);
    for (const [i, end] of ends.entries()) {
      const task = tasks[i];
      const kinds = [end.status === 'fulfilled', notRun.has(task), interrupted.has(task)];
      expect(kinds.filter(Boolean)).toHaveLength(1);
      // What was interrupted may have opened its parcel or not; all others are released once.
      if (!interrupted.has(task)) expect(ledger[i]).toBe(1);
      else expect(ledger[i]).toBeLessThanOrEqual(1);
    }
  });

  it('cuts a close short, whose promise then resolves too', async () => {
    const pool = new ThreadPool(1);
    const asked = gate();
    const never = rejection(
      pool.addTask(
        new AskTogether('', () => {
          asked.open();
          return new Promise(() => {});
        }),
      ),
    );
    await asked.opened;
    const closing = pool.close();
    const report = await pool.terminate();
    await closing;
    expect(report.interrupted).toHaveLength(1);
    expect(((await never) as TaskError).code).toBe('ERR_TASK_THREAD_LOST');
    expect(await pool.terminate()).toBe(report);
    await pool.close();
  });

  it('answers no request any more, not even one that was on its way', async () => {
    const pool = new ThreadPool(1);
    await pool.addTask(new Echo(1));
    const flag = sharedInts(1);
    let asked = 0;
    const task = rejection(pool.addTask(new AskAndStay(flag, () => void asked++)));
    // This thread waits as well, so that the request stays in the port.
    expect(Atomics.wait(flag, 0, 0, 25_000)).not.toBe('timed-out');
    await pool.terminate();
    expect(((await task) as TaskError).code).toBe('ERR_TASK_THREAD_LOST');
    expect(asked).toBe(0);
  });

  it('after close has nothing to say', async () => {
    const pool = new ThreadPool(1);
    await pool.close();
    expect(await pool.terminate()).toEqual({ notRun: [], interrupted: [] });
  });
});
