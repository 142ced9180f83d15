/** Progress, async contexts on both sides, and what is told of tasks. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { carryContext, type TaskEnding, ThreadPool } from '@netloom/threadpool';
import { afterAll, describe, expect, it } from 'vitest';
import { Tells } from './fixtures/features.mjs';
import { Throw } from './fixtures/parcel.mjs';
import { Ask, Block, Die, Echo } from './fixtures/tasks.mjs';
import { Tenant, tenant, type tenantOf } from './fixtures/tenant.mjs';
import { blocker, gate, rejection } from './helpers.js';

const pool = new ThreadPool(1);
afterAll(() => pool.close());

describe('progress', () => {
  it('arrives in order and before the promise settles, at the task or at whom addTask names', async () => {
    const told: unknown[] = [];
    const own = pool.addTask(new Tells(3, (value) => told.push(value)));
    await own.then(() => told.push('settled'));
    expect(told).toEqual([{ at: 1 }, { at: 2 }, { at: 3 }, 'settled']);
    const given: unknown[] = [];
    const task = new Tells(1, () => given.push('not this one'));
    await pool.addTask(task, { onProgress: (value) => given.push(value) });
    expect(given).toEqual([{ at: 1 }]);
  });

  it('that nobody wants is dropped', async () => {
    expect(await pool.addTask(new Tells(2))).toBe(2);
  });
});

describe('AsyncLocalStorage', () => {
  const request = new AsyncLocalStorage<string>();

  it('is on this side what it was where the task was handed over', async () => {
    const seen: unknown[] = [];
    const note = () => seen.push(request.getStore());
    await request.run('a', () => pool.addTask(new Tells(1, note)));
    await request.run('b', () => pool.addTask(new Tells(1), { onProgress: note }));
    await request.run('c', async () => {
      await pool.addTask(new Ask('', note));
      note();
    });
    expect(seen).toEqual(['a', 'b', 'c', 'c']);
  });

  it('named by key is on the thread what it was here, for tasks, functions and each alone', async () => {
    const inside = (name: string) => tenant.run({ name }, () => pool.addTask(new Tenant()));
    expect(await Promise.all([inside('one'), inside('two')])).toEqual([
      { name: 'one' },
      { name: 'two' },
    ]);
    expect(await pool.addTask(new Tenant())).toBeUndefined();
    const called = tenant.run({ name: 'three' }, () =>
      pool.run<typeof tenantOf>(new URL('./fixtures/tenant.mjs', import.meta.url), 'tenantOf', []),
    );
    expect(await called).toEqual({ name: 'three' });
  });

  it('holding what cannot cross is the task’s rejection, named by key', async () => {
    const error = await rejection(tenant.run({ name: () => {} }, () => pool.addTask(new Tenant())));
    expect((error as Error).message).toContain('context.tenant.name: a function cannot cross');
  });

  it('has one storage for a key', () => {
    expect(() => carryContext('tenant', new AsyncLocalStorage())).toThrow(
      "carryContext('tenant'): this key already carries another storage",
    );
    carryContext('tenant', tenant);
  });
});

describe('the pool tells', () => {
  it('of each task how it ended, how long it waited and ran, and on which thread', async () => {
    const own = new ThreadPool(1);
    const ends: TaskEnding[] = [];
    await own.addTask(new Echo('before anybody listened'));
    own.on('task-end', (end) => ends.push(end));
    using block = blocker();
    const begun = gate();
    const blocking = own.addTask(new Block(block.flag, begun.open));
    await begun.opened;
    const addedMs = performance.now();
    const waiting = own.addTask(new Echo(1));
    const stop = new AbortController();
    const cancelled = rejection(
      own.addTask(new Block(block.flag, () => {}), { signal: stop.signal }),
    );
    stop.abort();
    await cancelled;
    await new Promise((resolve) => setTimeout(resolve, 30));
    block.free();
    await Promise.all([blocking, waiting]);
    const tookMs = performance.now() - addedMs;
    await rejection(own.addTask(new Throw('cause')));
    await rejection(own.addTask(new Die('exit')));
    await own.close();
    expect(ends.map((end) => `${end.name} ${end.outcome}`)).toEqual([
      'Block notRun',
      'Block returned',
      'Echo returned',
      'Throw threw',
      'Die interrupted',
    ]);
    const [dropped, blocked, echo, , died] = ends;
    expect(dropped).toMatchObject({ waitMs: undefined, runMs: undefined, threadId: undefined });
    expect(blocked?.runMs).toBeGreaterThanOrEqual(29);
    expect(echo?.waitMs).toBeGreaterThanOrEqual(29);
    // What it waited is no part of what it ran.
    expect((echo?.waitMs ?? 0) + (echo?.runMs ?? 0)).toBeLessThanOrEqual(tookMs + 1);
    expect(died?.runMs).toBeUndefined();
    expect(died?.threadId).toBeGreaterThan(0);
  });

  it('what runs where and since when', async () => {
    using block = blocker();
    const begun = gate();
    const blocking = pool.addTask(new Block(block.flag, begun.open));
    await begun.opened;
    const waiting = [pool.addTask(new Block(block.flag, () => {})), pool.addTask(new Echo(1))];
    await new Promise((resolve) => setTimeout(resolve, 20));
    const { threads, queued, unfinished } = pool.snapshot();
    expect({ queued, unfinished }).toEqual({ queued: 1, unfinished: 3 });
    expect(threads).toHaveLength(1);
    expect(threads[0]?.running).toEqual([
      {
        name: 'Block',
        module: new URL('./fixtures/tasks.mjs', import.meta.url).href,
        forMs: expect.any(Number),
        isStopping: false,
      },
    ]);
    expect(threads[0]?.running[0]?.forMs).toBeGreaterThanOrEqual(19);
    block.free();
    await Promise.all([blocking, ...waiting]);
    expect(pool.snapshot().threads[0]?.running).toEqual([]);
  });

  it('that it is idle, and goes on when a listener throws', async () => {
    const own = new ThreadPool(1);
    const idle = new Promise<void>((resolve) => own.once('idle', resolve));
    await own.addTask(new Echo(1));
    await idle;
    const uncaught = new Promise((resolve) => process.once('uncaughtException', resolve));
    const others = process.listeners('uncaughtException').slice(0, -1);
    for (const one of others) process.off('uncaughtException', one);
    own.once('task-end', () => {
      throw new Error('from a listener');
    });
    expect(await own.addTask(new Echo('settled'))).toBe('settled');
    expect(((await uncaught) as Error).message).toBe('from a listener');
    for (const one of others) process.on('uncaughtException', one);
    await own.close();
  });
});
