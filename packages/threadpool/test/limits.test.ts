/** The bounded queue: who comes in, who waits, who is refused, and who runs here. */
import { once } from 'node:events';
import { threadId } from 'node:worker_threads';
import { type TaskError, ThreadPool } from '@netloom/threadpool';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Tells } from './fixtures/features.mjs';
import { OpenAll, Parcel } from './fixtures/parcel.mjs';
import {
  Ask,
  type add,
  Block,
  BlockToo,
  Echo,
  type fails,
  Mark,
  MoveBack,
  Where,
} from './fixtures/tasks.mjs';
import { blocker, gate, rejection, sharedInts } from './helpers.js';

const TASKS = new URL('./fixtures/tasks.mjs', import.meta.url);

/** A pool of one thread, which is blocked by the first of a class; `free` lets it go on. */
async function blocked(options: ConstructorParameters<typeof ThreadPool>[1]) {
  const pool = new ThreadPool(1, options);
  const block = blocker();
  const begun = gate();
  const first = pool.addTask(new Block(block.flag, begun.open));
  await begun.opened;
  const free = () => {
    block.free();
    return first;
  };
  onTestFinished(async () => {
    block.free();
    await pool.close();
  });
  // Of the class that blocks, so that the thread may not take it ahead.
  return { pool, first, free, another: () => pool.addTask(new Block(block.flag, () => {})), block };
}

describe('a full queue', () => {
  it('that rejects says so, and lets in again what finds room', async () => {
    const { pool, free, another } = await blocked({ maxQueue: 2, whenFull: 'reject' });
    const news: string[] = [];
    for (const name of ['full', 'room'] as const) pool.on(name, () => news.push(name));
    const let1 = another();
    expect(news).toEqual([]);
    const let2 = another();
    expect(news).toEqual(['full']);
    const error = (await rejection(another())) as TaskError;
    expect(error.code).toBe('ERR_TASK_QUEUE_FULL');
    expect(error.message).toBe('Block was not run: the queue is full: 2 tasks wait');
    expect(pool.snapshot()).toMatchObject({ queued: 2, heldBack: 0, unfinished: 3 });
    await free();
    await Promise.all([let1, let2]);
    expect(news).toEqual(['full', 'room']);
    await another();
    await pool.close();
  });

  it('that drops the oldest rejects that one and takes the newest', async () => {
    const { pool, free, block } = await blocked({ maxQueue: 2, whenFull: 'dropOldest' });
    const ends = Promise.allSettled(
      Array.from({ length: 5 }, () => pool.addTask(new Block(block.flag, () => {}))),
    );
    await free();
    const states = (await ends).map((end) =>
      end.status === 'fulfilled' ? 'run' : (end.reason as TaskError).code,
    );
    expect(states).toEqual([...new Array(3).fill('ERR_TASK_QUEUE_FULL'), 'run', 'run']);
    await pool.close();
  });

  it('that drops releases what the dropped task owned', async () => {
    const ledger = sharedInts(3);
    const { pool, free } = await blocked({ maxQueue: 1, whenFull: 'dropOldest' });
    const make = (at: number) => pool.addTask(new OpenAll([new Parcel(ledger, at)]));
    // The thread may take one of another class than that which blocks it.
    const ends = Promise.allSettled([make(0), make(1), make(2)]);
    await free();
    expect((await ends).map((end) => end.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect([...ledger]).toEqual([1, 1, 1]);
    await pool.close();
  });

  it('that waits lets nobody overtake, and submit says when it is one’s turn', async () => {
    const { pool, free, block } = await blocked({ maxQueue: 1 });
    const order: string[] = [];
    const submit = async (name: string) => {
      const { result } = await pool.submit(new Block(block.flag, () => {}));
      order.push(`${name} in`);
      await result;
      order.push(`${name} run`);
    };
    const all = Promise.all(['a', 'b', 'c'].map(submit));
    await new Promise(setImmediate);
    expect(order).toEqual(['a in']);
    expect(pool.snapshot()).toMatchObject({ queued: 1, heldBack: 2 });
    await free();
    await all;
    expect(order.filter((one) => one.endsWith('in'))).toEqual(['a in', 'b in', 'c in']);
    expect(order.indexOf('a in')).toBeLessThan(order.indexOf('b in'));
    expect(pool.snapshot()).toMatchObject({ queued: 0, heldBack: 0, unfinished: 0 });
    await pool.close();
  });

  it('that waits lets nobody overtake either whom a thread would take at once', async () => {
    const { pool, free, another } = await blocked({ maxQueue: 1 });
    const before = [another(), another()];
    // The thread runs none of its class.
    const echo = pool.addTask(new Echo('in its turn'));
    expect(pool.snapshot()).toMatchObject({ queued: 1, heldBack: 2 });
    expect(pool.threads[0]?.unfinished).toBe(1);
    await free();
    await Promise.all(before);
    expect(await echo).toBe('in its turn');
  });

  it('of no places at all lets in what a thread takes at once', async () => {
    const { pool, free, another } = await blocked({ maxQueue: 0 });
    const held = another();
    expect(pool.snapshot()).toMatchObject({ queued: 0, heldBack: 1 });
    await free();
    await held;
    await pool.close();
  });

  it('of no places has room when a thread has, not when a task was refused', async () => {
    const { pool, free, another } = await blocked({ maxQueue: 0, whenFull: 'reject' });
    const news: string[] = [];
    for (const name of ['full', 'room'] as const) pool.on(name, () => news.push(name));
    for (let i = 0; i < 3; i++) {
      expect(((await rejection(another())) as TaskError).code).toBe('ERR_TASK_QUEUE_FULL');
      await new Promise(setImmediate);
    }
    expect(news).toEqual(['full']);
    const room = once(pool, 'room');
    await free();
    await room;
    await another();
    expect(news).toEqual(['full', 'room']);
    await pool.close();
  });

  it('is drained by close, also of what waits before it', async () => {
    const { pool, free, block } = await blocked({ maxQueue: 1 });
    const all = Promise.all(
      Array.from({ length: 20 }, () => pool.addTask(new Block(block.flag, () => {}))),
    );
    const closing = pool.close();
    await free();
    await closing;
    expect(await all).toHaveLength(20);
  });

  it('is emptied by terminate and by close with drop, also of what waits before it', async () => {
    for (const how of ['terminate', 'drop']) {
      const { pool, first, free, block } = await blocked({ maxQueue: 1 });
      const ends = Promise.allSettled(
        Array.from({ length: 5 }, () => pool.addTask(new Block(block.flag, () => {}))),
      );
      if (how === 'terminate') {
        const lost = rejection(first);
        expect((await pool.terminate()).notRun).toHaveLength(5);
        expect(((await lost) as TaskError).code).toBe('ERR_TASK_THREAD_LOST');
      } else {
        const closing = pool.close({ drop: true });
        await free();
        await closing;
      }
      const codes = (await ends).map((end) =>
        end.status === 'rejected' ? (end.reason as TaskError).code : 'run',
      );
      expect(codes).toEqual(new Array(5).fill('ERR_TASK_NOT_RUN'));
    }
  });

  it('lets go of one whose signal aborts before it is let in', async () => {
    const { pool, free, another, block } = await blocked({ maxQueue: 1 });
    const stop = new AbortController();
    const inQueue = another();
    const held = rejection(pool.addTask(new Block(block.flag, () => {}), { signal: stop.signal }));
    const refused = rejection(
      pool.submit(new Block(block.flag, () => {}), { signal: stop.signal }),
    );
    stop.abort('gone');
    expect(await held).toBe('gone');
    expect(await refused).toBe('gone');
    expect(pool.snapshot()).toMatchObject({ heldBack: 0 });
    await free();
    await inQueue;
    await pool.close();
  });
});

describe('a full queue whose tasks run in the caller', () => {
  async function full() {
    const { pool, free, another } = await blocked({ maxQueue: 0, whenFull: 'runInCaller' });
    // Of classes beside that which blocks, the thread takes one each.
    const queued = [
      pool.addTask(new Echo(0)),
      pool.addTask(new Where()),
      pool.addTask(new MoveBack(new Uint8Array(1))),
      pool.addTask(new Tells(0)),
      pool.addTask(new OpenAll([])),
      pool.addTask(new Ask(1, () => 2)),
      pool.addTask(new Mark(sharedInts(1), 0)),
      pool.run<typeof fails>(TASKS, 'fails', ['']).catch(() => {}),
      pool.run<typeof add>(TASKS, 'add', [1, 1]),
    ];
    return {
      pool,
      another,
      end: async () => {
        await free();
        await Promise.all(queued);
        await pool.close();
      },
    };
  }

  it('runs on this thread before addTask returns', async () => {
    const { pool, end } = await full();
    const marks = sharedInts(1);
    const promise = pool.addTask(new Mark(marks, 0));
    expect(marks[0]).toBe(1);
    expect(await promise).toBe(0);
    expect((await pool.addTask(new Where())).given).toBe(threadId);
    await end();
  });

  it('runs on a copy, and gives a copy', async () => {
    const { pool, end } = await full();
    const value = { list: [1] };
    const back = await pool.addTask(new Echo(value));
    expect(back).toEqual(value);
    expect(back).not.toBe(value);
    const bytes = new Uint8Array([1, 2]);
    const moved = await pool.addTask(new MoveBack(bytes), { transfer: [bytes.buffer] });
    expect(bytes.length).toBe(0);
    expect([...moved.bytes]).toEqual([1, 2]);
    await end();
  });

  it('releases what it was given when there is nothing to run', async () => {
    const { pool, end } = await full();
    const ledger = sharedInts(1);
    const missing = () => pool.run(TASKS, 'missing', [new Parcel(ledger, 0)]);
    // The thread takes one call of this function, and would release it there.
    const there = rejection(pool.run(TASKS, 'missing', []));
    expect(((await rejection(missing())) as TaskError).code).toBe('ERR_TASK_MODULE');
    expect([...ledger]).toEqual([1]);
    await end();
    await there;
    await pool.close();
  });

  it('asks, tells, revives and rejects as over there', async () => {
    const { pool, end } = await full();
    expect(await pool.addTask(new Ask('how', (message) => `${message}?`))).toBe('how?');
    const told: unknown[] = [];
    await pool.addTask(new Tells(2), { onProgress: (value) => told.push(value) });
    expect(told).toEqual([{ at: 1 }, { at: 2 }]);
    const ledger = sharedInts(1);
    await pool.addTask(new OpenAll([new Parcel(ledger, 0)]));
    expect(ledger[0]).toBe(1);
    const error = await rejection(pool.run<typeof fails>(TASKS, 'fails', ['so']));
    expect(error).toBeInstanceOf(TypeError);
    expect(await pool.run<typeof add>(TASKS, 'add', [2, 3])).toBe(5);
    expect(pool.unfinished).toBeGreaterThan(0);
    await end();
    expect(pool.unfinished).toBe(0);
  });
});

it.each([
  [{ maxQueue: -1 }, 'maxQueue must be an integer from 0: got -1'],
  [{ maxQueue: 1.5 }, 'maxQueue must be an integer from 0: got 1.5'],
  [{ whenFull: 'drop' }, 'whenFull must be one of wait, reject, dropOldest, runInCaller: got drop'],
  [{ minThreads: 3 }, 'minThreads must be at most threads, 2: got 3'],
  [{ idleTimeoutMs: -1 }, 'idleTimeoutMs must be a number of milliseconds from 0: got -1'],
  [{ agingMs: 0 }, 'agingMs must be a number of milliseconds above 0: got 0'],
  [{ graceMs: '1' }, 'graceMs must be a number of milliseconds from 0: got 1'],
  [{ threadModule: './x.js' }, 'threadModule must be a URL: got ./x.js'],
  [{ recycleAfter: { tasks: 0 } }, 'recycleAfter.tasks must be an integer from 1: got 0'],
  [{ recycleAfter: { heapMB: 0 } }, 'recycleAfter.heapMB must be above 0: got 0'],
])('%o is refused', (options, message) => {
  expect(() => new ThreadPool(2, options as object)).toThrow(message);
});

it('a thread takes one of each class beside that which blocks it', async () => {
  // What the tests above rely on.
  const { pool, free, block } = await blocked({ maxQueue: 0, whenFull: 'reject' });
  const beside = pool.addTask(new BlockToo(block.flag, () => {}));
  expect(
    ((await rejection(pool.addTask(new BlockToo(block.flag, () => {})))) as TaskError).code,
  ).toBe('ERR_TASK_QUEUE_FULL');
  await free();
  await beside;
  await pool.close();
});
