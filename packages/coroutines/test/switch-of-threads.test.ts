/** The switch of threads, with an executor that knows nothing of coroutines, and a real thread. */
import { threadId } from 'node:worker_threads';
import {
  background,
  CoroutineTask,
  coroutine,
  foreground,
  HopError,
  isCanceledError,
  type Resumption,
  resumeBackground,
  resumeForeground,
  setBgEntry,
} from '@netloom/coroutines';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { Executor } from './fixtures/executor.mjs';
import * as work from './fixtures/work.mjs';
import { rejection } from './helpers.js';

let executor: Executor;

beforeAll(() => {
  executor = new Executor();
});
afterAll(() => executor.close());
beforeEach(() => {
  executor.posted.length = 0;
  setBgEntry((resumption) => executor.addTask(new CoroutineTask(resumption)));
});
afterEach(() => {
  setBgEntry(undefined);
});

/** Resolves when the coroutine has set the first number. */
async function reached(flags: SharedArrayBuffer, value: number): Promise<void> {
  const seen = new Int32Array(flags);
  while (Atomics.load(seen, 0) < value) await new Promise((resolve) => setImmediate(resolve));
}

it('a coroutine whose first statement is the hop runs whole on the pool thread, none of it here', async () => {
  const before = work.begun.length;
  const action = work.add(1, 2);
  expect(action.status).toBe('Started');
  expect(await action).toEqual({ sum: 3, threadId: executor.threadId });
  expect(executor.threadId).not.toBe(threadId);
  expect(action.status).toBe('Completed');
  expect(work.begun.length).toBe(before);
});

it('what crosses is plain data: module, name, arguments and context', async () => {
  await work.add(1, 2);
  const { fields } = executor.posted[0] as { fields: { resumption: Resumption } };
  expect(Object.keys(fields)).toEqual(['resumption']);
  expect(fields.resumption).toEqual({
    module: new URL('./fixtures/work.mjs', import.meta.url).href,
    exportName: 'add',
    args: [1, 2],
    context: { 'test.requestId': undefined },
  });
});

it('an async body follows the same rule', async () => {
  expect(await work.addAsync(3, 4)).toEqual({ sum: 7, threadId: executor.threadId });
});

it('a nested coroutine stays on its pool thread, with yield* and with await', async () => {
  const there = executor.threadId;
  const inner = { sum: 3, threadId: there };
  expect(await work.nested()).toEqual({ inner, sent: there, threadId: there });
  expect(await work.nestedAsync()).toEqual({ inner, threadId: there });
});

it('{ start: "background" } launches a body that does not show its hop', async () => {
  expect(await work.hidden()).toBe(executor.threadId);
});

it('background() runs an exported coroutine over there and comes back; the frame stays', async () => {
  const here = coroutine(function* () {
    const there = yield* background(work.where);
    return [there, threadId];
  });
  expect(await here()).toEqual([executor.threadId, threadId]);
  expect(await work.where()).toBe(threadId);
});

it('a hop that does not come first is refused where it is reached, in both kinds of body', async () => {
  for (const late of [work.late, work.lateAsync]) {
    const error = await rejection(late());
    expect(error).toBeInstanceOf(HopError);
    expect(error).toMatchObject({ code: 'ERR_HOP_NOT_FIRST' });
    expect(String(error)).toMatch(
      /first statement.*start: 'background'.*background\(fn, \.\.\.args\)/s,
    );
  }
  expect(work.begun.filter((name) => name.startsWith('late'))).toHaveLength(2);
});

it('a coroutine without a name cannot go to the background', async () => {
  const anonymous = coroutine(function* () {
    yield* resumeBackground();
  });
  expect(await rejection(anonymous())).toMatchObject({ code: 'ERR_HOP_UNNAMED' });
  const plain = coroutine(function* () {});
  expect(await rejection(background(plain))).toMatchObject({ code: 'ERR_HOP_UNNAMED' });
});

it('resumeForeground() does nothing here and is refused over there', async () => {
  const here = coroutine(function* () {
    yield* resumeForeground();
    return threadId;
  });
  expect(await here()).toBe(threadId);
  const error = await rejection(work.back());
  expect(error).toBeInstanceOf(HopError);
  expect(error).toMatchObject({ code: 'ERR_HOP_BACK' });
  expect(String(error)).toContain('foreground(fn, ...args)');
});

it('foreground() calls back to the launching thread, with result and error', async () => {
  expect(await work.callsBack(21)).toEqual({ doubled: 42, threadId, from: executor.threadId });
  expect(await rejection(work.callsBack(-1))).toMatchObject({ message: 'negative: -1' });
  const here = coroutine(function* () {
    return yield* foreground(work.double, 2);
  });
  expect(await here()).toEqual({ doubled: 4, threadId });
});

it('cancel() arrives at the wait over there, and its finally is waited for', async () => {
  const flags = new SharedArrayBuffer(4);
  const action = work.waits(flags);
  await reached(flags, 1);
  action.cancel(new Error('enough'));
  const error = await rejection(action);
  expect(isCanceledError(error)).toBe(true);
  expect(error).toMatchObject({ cause: { message: 'enough' } });
  expect(action.status).toBe('Canceled');
  expect(new Int32Array(flags)[0]).toBe(3);
});

it('a queued launch that is cancelled is dropped before it runs', async () => {
  const flags = new SharedArrayBuffer(4);
  executor.hold = true;
  const action = work.waits(flags);
  expect(executor.held).toHaveLength(1);
  action.cancel();
  executor.release();
  expect(isCanceledError(await rejection(action))).toBe(true);
  expect(action.status).toBe('Canceled');
  expect(executor.posted).toHaveLength(0);
  expect(new Int32Array(flags)[0]).toBe(0);
});

it('cancelling what waits for foreground() stops the coroutine here, and waits for it', async () => {
  const flags = new SharedArrayBuffer(4);
  const action = work.callsBackForever(flags);
  await reached(flags, 1);
  action.cancel();
  expect(isCanceledError(await rejection(action))).toBe(true);
  expect(action.status).toBe('Canceled');
  expect(new Int32Array(flags)[0]).toBe(3);
});

it('what foreground() called is stopped when the thread that called has been lost', async () => {
  const flags = new SharedArrayBuffer(4);
  const lost = new Error('the thread is gone');
  let lose = (_: Error) => {};
  const loss = new Promise<never>((_, reject) => {
    lose = reject;
  });
  setBgEntry((resumption) => Promise.race([loss, executor.addTask(new CoroutineTask(resumption))]));
  const action = work.callsBackForever(flags);
  await reached(flags, 1);
  lose(lost);
  expect(await rejection(action)).toBe(lost);
  await reached(flags, 3);
});

it('who waits for foreground() when the launched coroutine has ended is told that nobody answers', async () => {
  await work.leavesACall(new SharedArrayBuffer(4));
  expect(await work.leftBehind()).toBe(
    'CanceledError: canceled: the coroutine that called foreground() has ended',
  );
});

it('an error over there arrives as the error of the action', async () => {
  const action = work.fails();
  expect(await rejection(action)).toMatchObject({ name: 'TypeError', message: 'over there' });
  expect(action.status).toBe('Error');
});

it('AsyncLocalStorage crosses where it was asked for by key, and stays over waits', async () => {
  const seen = work.requestId.run({ id: 7 }, () => work.context());
  expect(await seen).toEqual([{ id: 7 }, { id: 7 }]);
  expect(await work.context()).toEqual([undefined, undefined]);
});

it('without a background entry the launch says how to set one', async () => {
  setBgEntry(undefined);
  const error = await rejection(work.add(1, 2));
  expect(error).toMatchObject({ code: 'ERR_HOP_NO_ENTRY' });
  expect(String(error)).toContain('setBgEntry(');
});

it('an entry that does not return the promise is told so', async () => {
  // @ts-expect-error: the types say it too; a JavaScript program has no types
  setBgEntry((resumption) => {
    void executor.addTask(new CoroutineTask(resumption));
  });
  expect(await rejection(work.add(1, 2))).toMatchObject({ code: 'ERR_HOP_ENTRY' });
});

it('setBgEntry() returns the entry that was set before', () => {
  const entry = () => Promise.resolve();
  const before = setBgEntry(entry);
  expect(typeof before).toBe('function');
  expect(setBgEntry(before)).toBe(entry);
});

it('a coroutine declared under another name than its export is refused, and the names are shown', async () => {
  const error = await rejection(work.misnamed());
  expect(error).toBeInstanceOf(HopError);
  expect(error).toMatchObject({ code: 'ERR_HOP_NOT_FOUND' });
  expect(String(error)).toContain("'otherName'");
  expect(String(error)).toContain('misnamed');
});

it('two coroutines whose names were mixed up are refused, neither runs in place of the other', async () => {
  expect(await rejection(work.left())).toMatchObject({ code: 'ERR_HOP_NOT_FOUND' });
});

it('a pool thread is the background for all that runs there, a timer’s callback too', async () => {
  expect(await work.fromTimer()).toEqual({ sum: 3, threadId: executor.threadId });
});

it('an entry that runs it on this very thread works too: the body runs in the background of nobody', async () => {
  let launches = 0;
  setBgEntry((resumption) => {
    launches += 1;
    return new CoroutineTask(resumption).runTask({
      signal: new AbortController().signal,
      request: () => Promise.reject(new Error('not asked')),
    });
  });
  expect(await work.add(2, 2)).toEqual({ sum: 4, threadId });
  expect(launches).toBe(1);
  // What it calls stays where it was launched: only the outermost goes through the entry.
  expect(await work.nested()).toMatchObject({ inner: { sum: 3 }, threadId });
  expect(await work.nestedAsync()).toMatchObject({ inner: { sum: 3 }, threadId });
  expect(launches).toBe(3);
  // This thread has not become a pool thread by that.
  const late: unknown = await rejection(work.late());
  expect(late).toMatchObject({ code: 'ERR_HOP_NOT_FIRST' });
});

it('the task has the statics of a task class', () => {
  expect(CoroutineTask.module).toMatch(/coroutine-task\.js$/);
  expect(CoroutineTask.exportName).toBe('CoroutineTask');
  expect(CoroutineTask.concurrency).toBe(Number.POSITIVE_INFINITY);
});

it('an error of the launch that nobody waits for is not lost either', async () => {
  setBgEntry(undefined);
  const action = work.add(1, 2);
  // The refusal is there at once; looking at it is observing it.
  expect(action.status).toBe('Error');
  expect(action.errorCode).toMatchObject({ code: 'ERR_HOP_NO_ENTRY' });
});
