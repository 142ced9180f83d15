/** Latch, barrier, events, mutex, condition, once: who is woken when, and what a stop leaves behind. */
import {
  AutoResetEvent,
  Barrier,
  ClosedError,
  Condition,
  coroutine,
  Latch,
  ManualResetEvent,
  Mutex,
  Once,
  resumeAfter,
} from '@netloom/coroutines';
import { expect, it } from 'vitest';

/** Waits for what it is given, and writes its name down. */
function recorder() {
  const log: string[] = [];
  const after = coroutine(function* (
    name: string,
    wait: () => ReturnType<ManualResetEvent['wait']>,
  ) {
    yield* wait();
    log.push(name);
  });
  return { log, after };
}

it('a latch opens at 0, for those who wait and for those who come later', () => {
  const latch = new Latch(2);
  const { log, after } = recorder();
  after('a', () => latch.wait());
  after('b', () => latch.wait());
  latch.countDown();
  expect([log, latch.count, latch.waiting]).toEqual([[], 1, 2]);
  expect(() => latch.countDown(2)).toThrow(RangeError);
  latch.countDown();
  after('c', () => latch.wait());
  expect(log).toEqual(['a', 'b', 'c']);
});

it('a manual-reset event lets all through until it is reset, and those it woke even then', () => {
  const event = new ManualResetEvent();
  const { log, after } = recorder();
  after('a', () => event.wait());
  after('b', () => event.wait());
  event.set();
  after('c', () => event.wait());
  expect(log).toEqual(['a', 'b', 'c']);
  event.reset();
  after('d', () => event.wait());
  coroutine(function* () {
    event.set();
    event.reset();
    expect(log).toHaveLength(3);
    yield* new ManualResetEvent(true).wait();
  })();
  expect(log).toEqual(['a', 'b', 'c', 'd']);
});

it('one that is woken and waits again is not woken a second time by the same set()', async () => {
  const event = new ManualResetEvent();
  let rounds = 0;
  const again = coroutine(function* () {
    for (;;) {
      yield* event.wait();
      event.reset();
      rounds += 1;
    }
  });
  const loops = [again(), again(), again()];
  event.set();
  expect(rounds).toBe(3);
  event.set();
  expect(rounds).toBe(6);
  for (const loop of loops) loop.cancel();
  await Promise.allSettled(loops);
  expect(event.waiting).toBe(0);
});

it('an auto-reset event lets one through for each set(), the one that has waited longest', () => {
  const event = new AutoResetEvent(true);
  const { log, after } = recorder();
  for (const name of ['a', 'b', 'c']) after(name, () => event.wait());
  expect([log, event.isSet]).toEqual([['a'], false]);
  event.set();
  expect([log, event.isSet]).toEqual([['a', 'b'], false]);
  event.set();
  event.set();
  event.set();
  expect([log, event.isSet]).toEqual([['a', 'b', 'c'], true]);
  event.reset();
  expect(event.isSet).toBe(false);
});

it('an auto-reset event that is set while its waiter is stopped is left to the next', async () => {
  const event = new AutoResetEvent();
  const { log, after } = recorder();
  const first = after('first', () => event.wait());
  const second = after('second', () => event.wait());
  first.cancel();
  event.set();
  expect(log).toEqual(['second']);
  await Promise.allSettled([first, second]);
});

it('a barrier lets its parties go on together, round by round, and tells one that it was the last', async () => {
  const barrier = new Barrier(3);
  const log: string[] = [];
  const party = coroutine(function* (name: string) {
    for (let round = 1; round <= 2; round++) {
      log.push(`${name} arrives ${round}`);
      const isLast = yield* barrier.arriveAndWait();
      log.push(`${name} leaves ${round}${isLast ? ', the last' : ''}`);
    }
  });
  await Promise.all(['a', 'b', 'c'].map((name) => party(name)));
  expect(log.slice(0, 3)).toEqual(['a arrives 1', 'b arrives 1', 'c arrives 1']);
  expect(log.filter((line) => line.endsWith('last'))).toHaveLength(2);
  const firstLeaves2 = log.findIndex((line) => line.includes('leaves 2'));
  for (const name of 'abc') expect(log.indexOf(`${name} arrives 2`)).toBeLessThan(firstLeaves2);
});

it('who is stopped at a barrier has not arrived; who drops out is not waited for', async () => {
  const barrier = new Barrier(2);
  const arrive = coroutine(function* () {
    return yield* barrier.arriveAndWait();
  });
  const first = arrive();
  first.cancel();
  const second = arrive();
  expect([second.status, barrier.waiting]).toEqual(['Started', 1]);
  barrier.arriveAndDrop();
  expect(await second).toBe(true);
  expect(() => barrier.arriveAndDrop()).toThrow(RangeError);
  expect(await arrive()).toBe(true);
  await Promise.allSettled([first]);
});

it('a closed barrier refuses', async () => {
  const barrier = new Barrier(2);
  const waits = Promise.allSettled([barrier.arriveAndWait().then()]);
  barrier.close('over');
  expect(await waits).toMatchObject([{ reason: { code: 'ERR_CLOSED', cause: 'over' } }]);
  await expect(barrier.arriveAndWait()).rejects.toThrow('the barrier was closed');
});

it('a mutex lets one at a time, and is free again when its block ends, also by an error', async () => {
  const mutex = new Mutex();
  let inside = 0;
  let most = 0;
  const work = coroutine(function* (fails: boolean) {
    using _ = yield* mutex.lock();
    inside += 1;
    most = Math.max(most, inside);
    try {
      yield* resumeAfter(0);
      if (fails) throw new Error('planned');
    } finally {
      inside -= 1;
    }
  });
  const all = await Promise.allSettled([work(false), work(true), work(false)]);
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect([most, mutex.isLocked]).toEqual([1, false]);
});

it('tryLock() gives a guard or nothing; close() refuses under its own name', async () => {
  const mutex = new Mutex();
  const guard = mutex.tryLock();
  expect(guard?.isReleased).toBe(false);
  expect(mutex.tryLock()).toBeUndefined();
  const wait = mutex.lock().then(undefined, String);
  mutex.close();
  expect(await wait).toBe('ClosedError: the mutex was closed');
  guard?.release();
  expect([guard?.isReleased, mutex.isLocked]).toEqual([true, false]);
});

it('a condition releases the mutex while it waits and holds it again afterwards', async () => {
  const mutex = new Mutex();
  const condition = new Condition(mutex);
  const queue: number[] = [];
  const got: number[] = [];
  const consume = coroutine(function* () {
    using guard = yield* mutex.lock();
    while (queue.length === 0) yield* condition.wait(guard);
    expect(mutex.isLocked).toBe(true);
    got.push(queue.shift() ?? -1);
  });
  const consumers = [consume(), consume(), consume()];
  expect([condition.waiting, mutex.isLocked]).toEqual([3, false]);
  const produce = coroutine(function* (...values: number[]) {
    using _ = yield* mutex.lock();
    queue.push(...values);
    if (values.length === 1) condition.notifyOne();
    else condition.notifyAll();
    expect(got).toHaveLength(values[0] === 1 ? 0 : 1);
  });
  await produce(1);
  await produce(2, 3);
  await Promise.all(consumers);
  expect(got).toEqual([1, 2, 3]);
  expect(mutex.isLocked).toBe(false);
});

it('a stopped condition wait fails with the mutex held, as its block expects', async () => {
  const mutex = new Mutex();
  const condition = new Condition(mutex);
  const log: string[] = [];
  const wait = coroutine(function* () {
    using guard = yield* mutex.lock();
    try {
      yield* condition.wait(guard);
    } finally {
      log.push(guard.isReleased || !mutex.isLocked ? 'not held' : 'held');
    }
  });
  const action = wait();
  const other = mutex.tryLock();
  action.cancel();
  expect([log, action.status]).toEqual([[], 'Started']);
  other?.release();
  await Promise.allSettled([action]);
  expect([log, action.status, mutex.isLocked]).toEqual([['held'], 'Canceled', false]);
});

it('one that is notified and then stopped goes on as notified: the notification is not lost', async () => {
  const mutex = new Mutex();
  const condition = new Condition(mutex);
  const log: string[] = [];
  const wait = coroutine(function* () {
    using guard = yield* mutex.lock();
    yield* condition.wait(guard);
    log.push('notified');
    yield* resumeAfter(0);
    log.push('never');
  });
  const action = wait();
  const other = mutex.tryLock();
  condition.notifyOne();
  action.cancel();
  expect(log).toEqual([]);
  other?.release();
  await Promise.allSettled([action]);
  expect([log, action.status, mutex.isLocked]).toEqual([['notified'], 'Canceled', false]);
});

it('a condition refuses what is no held guard of its mutex', async () => {
  const mutex = new Mutex();
  const condition = new Condition(mutex);
  const guard = mutex.tryLock();
  if (guard === undefined) throw new Error('it is free');
  expect(() => new Condition(new Mutex()).wait(guard)).toThrow(TypeError);
  guard.release();
  await expect(condition.wait(guard)).rejects.toThrow('its guard has been released');
});

it('once: the first starts it, all get its result, and it is not run again', async () => {
  let runs = 0;
  const once = new Once(function* () {
    runs += 1;
    yield* resumeAfter(1);
    return runs;
  });
  expect(await Promise.all([once.get(), once.get()])).toEqual([1, 1]);
  expect([await once.get(), once.isDone]).toEqual([1, true]);
});

it('once: an error is that of all who wait then, and the next one tries again', async () => {
  let runs = 0;
  const once = new Once(async () => {
    runs += 1;
    await null;
    if (runs === 1) throw new Error('the first time');
    return runs;
  });
  const both = await Promise.allSettled([once.get(), once.get()]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await once.get()).toBe(2);
});

it('once: goes on while anyone waits, and is stopped with the last, after which another may begin it', async () => {
  const log: string[] = [];
  const gate = new ManualResetEvent();
  const once = new Once(function* () {
    log.push('begun');
    try {
      yield* gate.wait();
      return 'done';
    } catch (error) {
      log.push('stopped');
      throw error;
    }
  });
  const get = coroutine(function* () {
    return yield* once.get();
  });
  const [a, b] = [get(), get()];
  a.cancel();
  await Promise.allSettled([a]);
  expect(log).toEqual(['begun']);
  b.cancel();
  await Promise.allSettled([b]);
  expect(log).toEqual(['begun', 'stopped']);
  const third = get();
  gate.set();
  expect(await third).toBe('done');
});

it('once: who asks while a stopped run still cleans up has a run of its own', async () => {
  const gate = new ManualResetEvent();
  let runs = 0;
  const once = new Once(function* () {
    runs += 1;
    try {
      if (runs === 1) yield* new ManualResetEvent().wait();
      return runs;
    } finally {
      yield* gate.wait();
    }
  });
  const get = coroutine(function* () {
    return yield* once.get();
  });
  const first = get();
  first.cancel();
  const second = get();
  gate.set();
  expect(await second).toBe(2);
  await Promise.allSettled([first]);
  expect([first.status, await once.get()]).toEqual(['Canceled', 2]);
});

it('a ClosedError is one', () => {
  expect(String(new ClosedError('the box was closed', 1))).toBe('ClosedError: the box was closed');
});

it('a condition whose mutex was closed fails its waits, and gives back nothing that is another’s', async () => {
  const mutex = new Mutex();
  const condition = new Condition(mutex);
  const wait = coroutine(function* () {
    const guard = yield* mutex.lock();
    try {
      yield* condition.wait(guard);
    } finally {
      guard.release();
    }
  });
  const [first, second] = [wait(), wait()];
  while (condition.waiting < 2) await new Promise((resolve) => setImmediate(resolve));
  const held = mutex.tryLock();
  mutex.close();
  condition.notifyAll();
  for (const action of [first, second]) await expect(action).rejects.toThrow(ClosedError);
  expect(mutex.isLocked).toBe(true);
  held?.release();
  expect(mutex.isLocked).toBe(false);
});

it('the end of a grace does not wait for the mutex of a condition', async () => {
  const mutex = new Mutex();
  const condition = new Condition(mutex);
  const action = coroutine(function* () {
    const guard = yield* mutex.lock();
    try {
      yield* condition.wait(guard);
    } finally {
      guard.release();
    }
  })();
  while (condition.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
  const held = mutex.tryLock();
  action.cancel('x', { graceMs: 1 });
  await expect(action).rejects.toThrow('had not ended 1 ms after');
  expect([mutex.isLocked, mutex.waiting]).toEqual([true, 0]);
  held?.release();
  expect(mutex.isLocked).toBe(false);
});
