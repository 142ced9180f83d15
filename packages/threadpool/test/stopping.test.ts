/** Tasks that are told to stop: by a signal, by the end of their time, by a deadline; and those that do not. */
import { TaskError, ThreadPool } from '@netloom/threadpool';
import { describe, expect, it } from 'vitest';
import { Deaf, DeafByClass, Heeds, Spin } from './fixtures/features.mjs';
import { Block, Echo, Mark, UntilAborted, Where } from './fixtures/tasks.mjs';
import { blocker, DoomedPool, gate, rejection, sharedInts, until } from './helpers.js';

const FEATURES = new URL('./fixtures/features.mjs', import.meta.url);

describe('a running task that does not react to its signal', () => {
  it('is stopped with its thread after the grace, and rejects with the reason', async () => {
    await using pool = new DoomedPool(1, { graceMs: 20 });
    const { threadId } = await pool.addTask(new Where());
    const stop = new AbortController();
    const begun = gate();
    const spinning = rejection(pool.addTask(new Spin(begun.open, stop.signal)));
    await begun.opened;
    const reason = new Error('enough');
    stop.abort(reason);
    expect(await spinning).toBe(reason);
    const after = await pool.addTask(new Where());
    expect(after.threadId).not.toBe(threadId);
  });

  it('leaves what waits behind it to the thread that takes its place', async () => {
    await using pool = new DoomedPool(1, { graceMs: 0 });
    const stop = new AbortController();
    const begun = gate();
    const spinning = rejection(pool.addTask(new Spin(begun.open, stop.signal)));
    await begun.opened;
    const marks = sharedInts(50);
    const behind = pool.addTask(Array.from({ length: 50 }, (_, i) => new Mark(marks, i)));
    stop.abort();
    await spinning;
    await Promise.all(behind);
    expect([...marks]).toEqual(new Array(50).fill(1));
  });

  it('goes on where the thread runs several of its kind and nobody has said how long', async () => {
    await using pool = new DoomedPool(1);
    const stop = new AbortController();
    const begun = gate();
    const deaf = rejection(pool.addTask(new Deaf(begun.open, stop.signal)));
    await begun.opened;
    stop.abort();
    const { threadId } = await pool.addTask(new Where());
    // The grace of a second is a default for others; what ends this one is the pool's end.
    const [{ running } = { running: [] }] = pool.snapshot().threads;
    expect(running).toMatchObject([{ name: 'Deaf', isStopping: true }]);
    expect(pool.threads[0]?.threadId).toBe(threadId);
    await pool.terminate();
    expect(((await deaf) as TaskError).code).toBe('ERR_TASK_THREAD_LOST');
  });

  it('takes its neighbours down when its class says how long it may go on', async () => {
    await using pool = new DoomedPool(1);
    const stop = new AbortController();
    const begun = gate(2);
    const neighbour = rejection(pool.addTask(new Deaf(begun.open)));
    const deaf = rejection(pool.addTask(new DeafByClass(begun.open, stop.signal)));
    await begun.opened;
    stop.abort('now');
    expect(await deaf).toBe('now');
    const error = (await neighbour) as TaskError;
    expect(error.code).toBe('ERR_TASK_THREAD_LOST');
    expect(error.message).toContain('its thread was stopped under another task');
  });

  it('may be stopped by the signal that it was handed over with, or by its own', async () => {
    await using pool = new DoomedPool(2, { graceMs: 5000 });
    for (const which of ['own', 'given']) {
      const own = new AbortController();
      const given = new AbortController();
      const begun = gate();
      const task = pool.addTask(new UntilAborted(own.signal, begun.open), { signal: given.signal });
      await begun.opened;
      (which === 'own' ? own : given).abort(which);
      expect(await task).toBe(which);
    }
  });

  it('is a function as well: one that was called cannot see it, and is stopped', async () => {
    await using pool = new DoomedPool(1, { graceMs: 0 });
    const stop = new AbortController();
    const call = rejection(pool.run(FEATURES, 'block', [sharedInts(1)], { signal: stop.signal }));
    await untilRunning(pool);
    stop.abort('no more');
    expect(await call).toBe('no more');
  });
});

describe('timeoutMs', () => {
  it('counts from the start of the run, not from handing over', async () => {
    await using pool = new ThreadPool(1);
    using block = blocker();
    const begun = gate();
    const blocking = pool.addTask(new Block(block.flag, begun.open));
    await begun.opened;
    const echo = pool.addTask(new Echo('in time'), { timeoutMs: 40 });
    // It waits for three times its time before it begins.
    await new Promise((resolve) => setTimeout(resolve, 120));
    block.free();
    await blocking;
    expect(await echo).toBe('in time');
  });

  it('aborts the signal of the task with ERR_TASK_TIMEOUT, and its end is what it then does', async () => {
    await using pool = new DoomedPool(1, { graceMs: 5000 });
    await warm(pool);
    const seen = (await pool.addTask(new Heeds(false), { timeoutMs: 20 })) as TaskError;
    expect(seen).toBeInstanceOf(TaskError);
    expect(seen.code).toBe('ERR_TASK_TIMEOUT');
    const thrown = (await rejection(pool.addTask(new Heeds(true), { timeoutMs: 20 }))) as TaskError;
    expect(thrown.code).toBe('ERR_TASK_TIMEOUT');
    expect(thrown.message).toBe('Heeds was stopped at its timeoutMs, 20 ms from its start');
  });

  it('stops one that goes on, with its thread', async () => {
    await using pool = new DoomedPool(1);
    const error = (await rejection(
      pool.addTask(new Spin(() => {}), { timeoutMs: 20, graceMs: 10 }),
    )) as TaskError;
    expect(error.code).toBe('ERR_TASK_TIMEOUT');
    expect(await pool.addTask(new Echo(1))).toBe(1);
  });
});

describe('deadlineMs', () => {
  it('passed before a thread was free: the task is not run', async () => {
    await using pool = new ThreadPool(1);
    using block = blocker();
    const marks = sharedInts(1);
    const begun = gate();
    const blocking = pool.addTask(new Block(block.flag, begun.open));
    await begun.opened;
    const late = rejection(pool.addTask(new Mark(marks, 0), { deadlineMs: 20 }));
    const error = (await late) as TaskError;
    expect(error.code).toBe('ERR_TASK_DEADLINE');
    expect(error.message).toContain('was not run: it had not begun by its deadlineMs, 20 ms');
    block.free();
    await blocking;
    await pool.addTask(new Echo(1));
    expect(marks[0]).toBe(0);
  });

  it('passed while it runs: it is told to stop', async () => {
    await using pool = new DoomedPool(1);
    await warm(pool);
    let error: TaskError;
    let deadlineMs = 10;
    do {
      deadlineMs *= 2;
      error = (await rejection(pool.addTask(new Heeds(true), { deadlineMs }))) as TaskError;
      // On a busy machine it may not have begun by then.
    } while (error.code === 'ERR_TASK_DEADLINE');
    expect(error.code).toBe('ERR_TASK_TIMEOUT');
    expect(error.message).toContain(`deadlineMs, ${deadlineMs} ms after it was handed over`);
  });
});

it.each([
  ['timeoutMs', 0, 'timeoutMs must be a number of milliseconds above 0: got 0'],
  ['deadlineMs', Number.NaN, 'deadlineMs must be a number of milliseconds above 0: got NaN'],
  ['graceMs', -1, 'graceMs must be a number of milliseconds from 0: got -1'],
])('%s of %s is refused', async (name, ms, message) => {
  await using pool = new ThreadPool(1);
  const error = await rejection(pool.addTask(new Echo(1), { [name]: ms }));
  expect(error).toBeInstanceOf(RangeError);
  expect((error as Error).message).toBe(message);
  expect(pool.unfinished).toBe(0);
});

it('a time that has not passed leaves nothing behind that keeps the process alive', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const pool = new ThreadPool(1);
  await pool.addTask(new Echo(1), { timeoutMs: 1e6, deadlineMs: 1e6 });
  await pool.close();
  expect(timers()).toBeLessThanOrEqual(before);
});

/** The thread is started and has the class: what follows begins at once. */
async function warm(pool: ThreadPool): Promise<void> {
  const stop = new AbortController();
  const task = pool.addTask(new Heeds(false), { signal: stop.signal });
  await untilRunning(pool);
  stop.abort();
  await task;
}

/** Resolves when a thread has begun something. */
async function untilRunning(pool: ThreadPool): Promise<void> {
  await until(() => pool.snapshot().threads.some((thread) => thread.running.length > 0));
}
