/** What a look at the live coroutines shows, and when they leave it. */
import { expect, it } from 'vitest';
import { coroutine } from '../src/coroutine.js';
import { fromPromise } from '../src/from-promise.js';
import { watchCoroutines } from '../src/live.js';
import { resumeAfter } from '../src/resume-after.js';
import { thread } from '../src/thread-state.js';
import { setTracing } from '../src/tracing.js';
import { whenAny } from '../src/when-any.js';

const sleeps = coroutine(function* sleeps() {
  yield* resumeAfter(1e8);
});

const parent = coroutine(function* parent() {
  yield* whenAny([sleeps(), resumeAfter(2e8)]);
});

it('each live coroutine is there with its parent, what it waits for and where it was declared', async () => {
  using watch = watchCoroutines();
  const action = parent();
  const [outer, inner] = watch.list();
  expect(outer).toMatchObject({
    name: 'coroutine parent',
    parent: undefined,
    state: 'waiting',
    waitsFor: ['whenAny of 2', 'coroutine sleeps', 'resumeAfter'],
    waitsForCoroutines: [inner?.id],
    started: undefined,
    isCancelRequested: false,
  });
  expect(outer?.declared).toMatch(/live\.test\.ts:\d+:\d+$/);
  expect(inner).toMatchObject({
    name: 'coroutine sleeps',
    parent: outer?.id,
    waitsFor: ['resumeAfter'],
  });
  expect(inner?.since).toBeGreaterThan(0);
  action.cancel();
  await action.then(undefined, () => {});
  expect(watch.list()).toEqual([]);
});

it('an async body is there with the operations that it waits for together', async () => {
  using watch = watchCoroutines();
  const body = coroutine(async function both() {
    await Promise.all([resumeAfter(1e8), fromPromise(new Promise(() => {}))]);
  });
  const action = body();
  await null;
  expect(watch.list()).toMatchObject([{ waitsFor: ['resumeAfter', 'fromPromise'] }]);
  action.cancel();
  await action.then(undefined, () => {});
});

it('starts and ends are told as they happen, to each who watches, of what started since', async () => {
  using first = watchCoroutines();
  const early = sleeps();
  const told: string[] = [];
  {
    using second = watchCoroutines();
    second.onStart = ({ name }) => told.push(`+ ${name}`);
    second.onEnd = ({ name }) => told.push(`- ${name}`);
    const late = sleeps();
    expect(second.list()).toHaveLength(1);
    for (const action of [late, early]) {
      action.cancel();
      await action.then(undefined, () => {});
    }
  }
  expect(told).toEqual(['+ coroutine sleeps', '- coroutine sleeps']);
  expect(first.list()).toEqual([]);
});

it('when nobody watches any more nothing is told', () => {
  const watch = watchCoroutines();
  expect(thread.watcher).toBeDefined();
  watch.stop();
  expect(thread.watcher).toBeUndefined();
});

it('while tracing a coroutine knows where it was started', async () => {
  using watch = watchCoroutines();
  const before = setTracing(true);
  const action = (function starter() {
    return sleeps();
  })();
  expect(setTracing(before)).toBe(true);
  expect(watch.list()[0]?.started?.[0]).toMatch(/starter .*live\.test\.ts/);
  action.cancel();
  await action.then(undefined, () => {});
});
