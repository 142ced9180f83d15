/** What the switch of threads promises together with the pool: what crosses, what comes back, who is told of a loss. */
import { threadId } from 'node:worker_threads';
import { apartmentContext, CoroutineTask, isCanceledError, setBgEntry } from '@netloom/coroutines';
import { ThreadPool } from '@netloom/threadpool';
import { afterEach, expect, test } from 'vitest';
import * as hops from './fixtures/hops.mjs';

afterEach(() => {
  setBgEntry(undefined);
});

function makePool(threads: number): ThreadPool {
  const pool = new ThreadPool(threads);
  setBgEntry((resumption) => pool.addTask(new CoroutineTask(resumption)));
  return pool;
}

async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it did not reject');
}

/** Resolves when a coroutine over there has brought the number that far. */
async function reached(flags: Int32Array, index: number, value: number): Promise<void> {
  while (Atomics.load(flags, index) < value) await new Promise((resolve) => setImmediate(resolve));
}

test('what cannot cross is named by its path, with the remedy, before anything has moved', async () => {
  await using _ = makePool(1);
  const action = hops.takes(new hops.Movable(), { deep: [new hops.Unfit()] });
  const error = await rejection(action);
  expect(action.status).toBe('Error');
  expect(String(error)).toMatch(
    /resumption\.args\[1\]\.deep\[0\]: an instance of Unfit cannot cross/,
  );
  expect(String(error)).toMatch(/netloom\.dehydrate/);
  expect(hops.Movable.dehydrated).toBe(0);
  expect(await hops.takes(new hops.Movable())).toBe(1);
  expect(hops.Movable.dehydrated).toBe(1);
});

test('an error keeps its class, fields, cause and stack over the border', async () => {
  await using _ = makePool(1);
  const error = await rejection(hops.throwsOwn());
  expect(error).toBeInstanceOf(hops.OwnError);
  expect(error).toMatchObject({ message: 'over there', code: 7, cause: { message: 'deeper' } });
  // SAFETY: checked above.
  const { cause, stack } = error as hops.OwnError;
  expect(cause).toBeInstanceOf(TypeError);
  expect(stack).toMatch(/hops\.mjs:\d+/);
  expect(stack).toMatch(/coroutine throwsOwn \(declared at .*hops\.mjs:\d+:\d+\)/);
});

test('a lost thread rejects the coroutines that were on it, and nobody else', async () => {
  await using _ = makePool(2);
  const launched = [hops.dies, hops.waits, hops.waits, hops.waits, hops.waits].map((fn) => {
    const flags = new SharedArrayBuffer(12);
    return { action: fn(flags), seen: new Int32Array(flags) };
  });
  for (const { seen } of launched) await reached(seen, 0, 1);
  const dying = launched[0]?.seen ?? new Int32Array();
  const on = (isLost: boolean) =>
    launched.filter(({ seen }) => (seen[2] === dying[2]) === isLost).map(({ action }) => action);
  const onLost = on(true);
  const elsewhere = on(false);
  expect(onLost.length).toBeGreaterThan(1);
  Atomics.store(dying, 1, 1);
  for (const action of onLost) {
    expect(await rejection(action)).toMatchObject({ code: 'ERR_TASK_THREAD_LOST' });
    expect(action.status).toBe('Error');
  }
  expect(elsewhere.length).toBeGreaterThan(0);
  for (const { status } of elsewhere) expect(status).toBe('Started');
  for (const action of elsewhere) action.cancel();
  await Promise.allSettled(elsewhere);
  for (const { status } of elsewhere) expect(status).toBe('Canceled');
  expect(await hops.where()).not.toBe(threadId);
});

test('cancellation reaches what the coroutine over there has called, and waits for its finally', async () => {
  await using _ = makePool(1);
  const flags = new Int32Array(new SharedArrayBuffer(12));
  // SAFETY: made above.
  const action = hops.waits(flags.buffer as SharedArrayBuffer);
  await reached(flags, 0, 1);
  action.cancel('enough');
  const error = await rejection(action);
  expect(isCanceledError(error)).toBe(true);
  expect(error).toMatchObject({ cause: 'enough' });
  expect(flags[1]).toBe(1);
});

test('a launch that still queues is dropped before it runs', async () => {
  await using _ = makePool(1);
  const blocked = new Int32Array(new SharedArrayBuffer(12));
  const flags = new Int32Array(new SharedArrayBuffer(12));
  // SAFETY: made above, both.
  const busy = hops.blocks(blocked.buffer as SharedArrayBuffer);
  await reached(blocked, 0, 1);
  const queued = hops.waits(flags.buffer as SharedArrayBuffer);
  queued.cancel();
  expect(isCanceledError(await rejection(queued))).toBe(true);
  Atomics.store(blocked, 2, 1);
  Atomics.notify(blocked, 2);
  await busy;
  expect(await hops.where()).not.toBe(threadId);
  expect(flags[0]).toBe(0);
});

test('progress crosses, before the result, and only that of the launched coroutine', async () => {
  await using _ = makePool(1);
  const action = hops.reports(3);
  const seen: number[] = [];
  action.progress = (_, { part, from }) => {
    expect(from).not.toBe(threadId);
    seen.push(part);
  };
  expect(await action).toBe(3);
  expect(seen).toEqual([1 / 3, 2 / 3, 1]);
});

test('a report that cannot cross is the error of the coroutine', async () => {
  await using _ = makePool(1);
  expect(String(await rejection(hops.reportsUnfit()))).toContain('Unfit cannot cross');
});

test('an apartment context crosses, is refused over there, and is at home when it comes back', async () => {
  await using _ = makePool(1);
  expect(await hops.usesContext(apartmentContext())).toEqual({
    isHere: false,
    code: 'ERR_HOP_BACK',
    isHereAgain: true,
  });
});
