/** The switch of threads through the pool itself: coroutines and threadpool meet by shape alone. */
import { readdirSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import {
  CoroutineTask,
  coroutine,
  HopError,
  isCanceledError,
  resumeAfter,
  scope,
  setBgEntry,
  whenAll,
} from '@netloom/coroutines';
import { SockaddrIn } from '@netloom/sockaddr';
import { ThreadPool } from '@netloom/threadpool';
import { GetCurrentThreadId } from '@netloom/winsock-native';
import { afterEach, beforeEach, expect, it } from 'vitest';
import * as work from './fixtures/hop-work.mjs';

let pool: ThreadPool;

beforeEach(() => {
  pool = new ThreadPool(3);
  setBgEntry((resumption) => pool.addTask(new CoroutineTask(resumption)));
});
afterEach(async () => {
  setBgEntry(undefined);
  await pool.terminate();
});

async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it did not reject');
}

async function reached(flags: SharedArrayBuffer, value: number): Promise<void> {
  const seen = new Int32Array(flags);
  while (Atomics.load(seen, 0) < value) await new Promise((resolve) => setImmediate(resolve));
}

function poolThreads(): Set<number> {
  return new Set(pool.threads.map((thread) => thread.threadId));
}

it('runs on a thread of the pool, by Node’s id and by the kernel’s, and none of it here', async () => {
  const place = await work.where();
  expect(poolThreads()).toContain(place.threadId);
  expect(place.threadId).not.toBe(threadId);
  expect(place.kernelId).not.toBe(GetCurrentThreadId());
  expect(readdirSync('/proc/self/task')).toContain(String(place.kernelId));
  expect(work.begunHere()).toBe(0);
});

it('waiting coroutines occupy no thread: a hundred wait at once on three threads', async () => {
  const before = performance.now();
  const places = await Promise.all(Array.from({ length: 100 }, () => work.where(200)));
  // One after the other on each thread would take 34 times 200 ms.
  expect(performance.now() - before).toBeLessThan(4000);
  expect(new Set(places.map((place) => place.threadId))).toEqual(poolThreads());
});

it('an address crosses as what it is, by copy', async () => {
  const mine = SockaddrIn.from({ address: '127.0.0.1', port: 9008 });
  const { text, address, list } = await work.describe(mine, [1, { a: new Map([['k', mine]]) }]);
  expect(text).toBe('SockaddrIn 127.0.0.1:9008');
  expect(address).toBeInstanceOf(SockaddrIn);
  expect([address.port, mine.port]).toEqual([9009, 9008]);
  expect(list).toMatchObject([1, { a: expect.any(Map) }]);
});

it('what cannot cross is refused by its path, before anything runs', async () => {
  const error = await rejection(work.describe(1, { deep: [new work.Unknown()] }));
  expect(error).toBeInstanceOf(TypeError);
  expect(String(error)).toMatch(/args.*deep.*Unknown/s);
});

it('an error keeps its class, its fields, its cause and both stacks', async () => {
  const error = await rejection(work.fails());
  expect(error).toBeInstanceOf(work.WorkError);
  expect(error).toMatchObject({
    message: 'over there',
    detail: { n: 5 },
    cause: { name: 'TypeError', message: 'deeper' },
  });
  expect(error).toHaveProperty('stack', expect.stringContaining('hop-work.mjs'));
});

it('a refusal of the switch crosses as HopError too', async () => {
  const error = await rejection(work.notFirst());
  expect(error).toBeInstanceOf(HopError);
  expect(error).toMatchObject({ code: 'ERR_HOP_NOT_FIRST' });
  const misplaced = coroutine(
    new URL('./fixtures/hop-work.mjs', import.meta.url),
    'nowhere',
    {
      start: 'background',
    },
    function* () {
      yield* resumeAfter(0);
    },
  );
  const missing = await rejection(misplaced());
  expect(missing).toBeInstanceOf(HopError);
  expect(missing).toMatchObject({ code: 'ERR_HOP_NOT_FOUND' });
});

it('cancel() arrives at the wait over there; finally runs and is waited for', async () => {
  const flags = new SharedArrayBuffer(4);
  const action = work.waits(flags);
  await reached(flags, 1);
  action.cancel(new Error('enough'));
  const error = await rejection(action);
  expect(isCanceledError(error)).toBe(true);
  expect(error).toMatchObject({ cause: { message: 'enough' } });
  expect([action.status, new Int32Array(flags)[0]]).toEqual(['Canceled', 2]);
});

it('a launch that is still queued is dropped before it runs', async () => {
  const [busy, flags] = [new SharedArrayBuffer(4), new SharedArrayBuffer(4)];
  const one = new ThreadPool(1);
  setBgEntry((resumption) => one.addTask(new CoroutineTask(resumption)));
  try {
    const blocker = work.blocks(busy);
    await reached(busy, 1);
    const action = work.waits(flags);
    action.cancel();
    const seen = new Int32Array(busy);
    Atomics.store(seen, 0, 2);
    Atomics.notify(seen, 0);
    await blocker;
    expect(isCanceledError(await rejection(action))).toBe(true);
    expect([action.status, new Int32Array(flags)[0]]).toEqual(['Canceled', 0]);
  } finally {
    await one.close();
  }
});

it('a nested coroutine and the context named by key stay on the pool thread', async () => {
  const seen = await work.requestId.run('r-1', () => work.inherits());
  expect(poolThreads()).toContain(seen.threadId);
  expect(seen).toMatchObject({ nested: seen.threadId, requestId: 'r-1' });
});

it('foreground() comes back to the thread that launched', async () => {
  const seen = await work.asksBack(21);
  expect(seen).toMatchObject({ doubled: 42, threadId });
  expect(poolThreads()).toContain(seen.from);
  expect(await rejection(work.asksBack(-1))).toBeInstanceOf(work.WorkError);
});

it('a scope here owns what runs over there: a failure stops it and waits for it', async () => {
  const flags = new SharedArrayBuffer(4);
  const failure = new Error('here');
  const error = await rejection(
    scope(function* (s) {
      s.spawn(work.waits, flags);
      while (Atomics.load(new Int32Array(flags), 0) < 1) yield* resumeAfter(1);
      throw failure;
    }),
  );
  expect(error).toBe(failure);
  expect(new Int32Array(flags)[0]).toBe(2);
});

it('whenAll() spreads launches over the threads', async () => {
  const spread = coroutine(function* () {
    return yield* whenAll([work.where(20), work.where(20), work.where(20)]);
  });
  const places = await spread();
  expect(new Set(places.map((place) => place.threadId)).size).toBe(3);
});

it('close() of the pool waits for launched coroutines; afterwards a launch says that it was not run', async () => {
  const action = work.where(20);
  await pool.close();
  expect(action.status).toBe('Completed');
  const late = work.where();
  expect(await rejection(late)).toMatchObject({ code: 'ERR_TASK_NOT_RUN' });
  expect(late.status).toBe('Error');
});
