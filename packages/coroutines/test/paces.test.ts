/** Rate limiter and interval, on virtual time. */
import { coroutine, Interval, RateLimiter, resumeAfter, scope } from '@netloom/coroutines';
import { runTest } from '@netloom/coroutines/testing';
import { expect, it } from 'vitest';

it('a rate limiter lets a burst through, then so many per time, in the order of asking', async () => {
  const log: string[] = [];
  await runTest(function* (time) {
    const limiter = new RateLimiter({ limit: 2, intervalMs: 100, burst: 3 });
    yield* scope(function* (s) {
      for (let i = 1; i <= 6; i++) {
        s.spawn(function* () {
          yield* limiter.acquire();
          log.push(`${i} at ${Math.round(time.now())}`);
        });
      }
      yield* resumeAfter(0);
    });
    expect([limiter.waiting, limiter.tryAcquire()]).toEqual([0, false]);
    yield* resumeAfter(1000);
    expect(limiter.available).toBe(3);
    expect([limiter.tryAcquire(3), limiter.tryAcquire()]).toEqual([true, false]);
  });
  expect(log).toEqual(['1 at 0', '2 at 0', '3 at 0', '4 at 50', '5 at 100', '6 at 150']);
});

it('who asks for many is not overtaken, and makes way when it is stopped', async () => {
  const log: string[] = [];
  await runTest(function* (time) {
    const limiter = new RateLimiter({ limit: 10, intervalMs: 100, burst: 5 });
    limiter.tryAcquire(5);
    const many = scope(function* (s) {
      const five = s.spawn(function* () {
        yield* limiter.acquire({ count: 5 });
        log.push('never');
      });
      s.spawn(function* () {
        yield* limiter.acquire();
        log.push(`one at ${Math.round(time.now())}`);
      });
      yield* resumeAfter(20);
      expect(limiter.waiting).toBe(2);
      five.cancel();
      yield* resumeAfter(0);
      expect(limiter.waiting).toBe(0);
    });
    yield* many;
    const late = limiter.acquire({ count: 5, timeoutMs: 10 });
    let error: unknown;
    try {
      yield* late;
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ name: 'TimeoutError' });
  });
  expect(log).toEqual(['one at 20']);
});

it('a rate limiter refuses what it could never give', () => {
  const limiter = new RateLimiter({ limit: 0.5 });
  expect(() => limiter.acquire({ count: 2 })).toThrow(RangeError);
  expect(() => limiter.tryAcquire(0)).toThrow(RangeError);
  expect(() => new RateLimiter({ limit: 0 })).toThrow(RangeError);
  expect(() => new RateLimiter({ limit: 1, intervalMs: Number.NaN })).toThrow(RangeError);
});

it('the rate holds over an hour, however unevenly it is asked', async () => {
  await runTest(function* (time) {
    const limiter = new RateLimiter({ limit: 7, intervalMs: 1000 });
    let given = 0;
    while (time.now() < 3_600_000) {
      yield* limiter.acquire({ count: 1 + (given % 5) });
      given += 1 + (given % 5);
      if (given % 11 === 0) yield* resumeAfter(100);
    }
    expect(given / 3600).toBeGreaterThan(6.98);
    expect(given / 3600).toBeLessThan(7.02);
  });
});

it('an interval does not drift: work between the ticks does not move them', async () => {
  const log: number[] = [];
  await runTest(function* (time) {
    const interval = new Interval(100);
    for (let i = 0; i < 4; i++) {
      const number = yield* interval.tick();
      expect(time.now()).toBe(number * 100);
      log.push(number);
      yield* resumeAfter(30);
    }
  });
  expect(log).toEqual([1, 2, 3, 4]);
});

it('ticks that were missed are left out by number, or come in a burst', async () => {
  await runTest(function* (time) {
    const [skip, burst] = [new Interval(100), new Interval(100, { missed: 'burst' })];
    yield* resumeAfter(350);
    const ticks = [];
    for (let i = 0; i < 2; i++) ticks.push([yield* skip.tick(), time.now()]);
    expect(ticks).toEqual([
      [3, 350],
      [4, 400],
    ]);
    const late = [];
    for (let i = 0; i < 5; i++) late.push([yield* burst.tick(), time.now()]);
    expect(late).toEqual([
      [1, 400],
      [2, 400],
      [3, 400],
      [4, 400],
      [5, 500],
    ]);
  });
  expect(() => new Interval(0)).toThrow(RangeError);
});

it('a rate limiter loses none who wait when one gives up, and is stopped by whom it makes way for', async () => {
  const limiter = new RateLimiter({ limit: 1, intervalMs: 1e6, burst: 2 });
  limiter.tryAcquire();
  const abort = new AbortController();
  const many = coroutine(function* () {
    yield* limiter.acquire({ count: 2, signal: abort.signal });
  })();
  const few = coroutine(function* (name: string) {
    yield* limiter.acquire();
    many.cancel();
    return name;
  });
  const [first, second] = [few('a'), few('b')];
  abort.abort(new Error('given up'));
  await expect(many).rejects.toThrow('given up');
  expect(await first).toBe('a');
  expect(limiter.waiting).toBe(1);
  second.cancel();
  await expect(second).rejects.toThrow('canceled');
  expect(limiter.waiting).toBe(0);
});
