import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TokenBucket } from './token-bucket.js';

test('a burst at once, then one for each interval', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, 0);
  expect([0, 0, 0, 0].map((at) => bucket.tryTake(at))).toEqual([true, true, true, false]);
  expect(bucket.msUntilNext(0)).toBe(100);
  expect(bucket.msUntilNext(60)).toBeCloseTo(40);
  expect(bucket.tryTake(100)).toBe(true);
  expect(bucket.tryTake(100)).toBe(false);
});

test('less than one a second has a burst of one', () => {
  const bucket = new TokenBucket({ perSecond: 0.5 }, 0);
  expect([0, 1999, 2000].map((at) => bucket.tryTake(at))).toEqual([true, false, true]);
});

test('it is full again when all that was taken has come back, and never holds more than its burst', () => {
  const bucket = new TokenBucket({ perSecond: 1, burst: 2 }, 0);
  bucket.tryTake(0);
  expect([0, 999, 1000].map((at) => bucket.isFull(at))).toEqual([false, false, true]);
  expect([9e9, 9e9, 9e9].map((at) => bucket.tryTake(at))).toEqual([true, true, false]);
});

test('in any span no more are let through than the burst and what the span has earned', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 200 }), (steps) => {
      const bucket = new TokenBucket({ perSecond: 100, burst: 5 }, 0);
      let now = 0;
      let taken = 0;
      for (const step of steps) {
        now += step;
        if (bucket.tryTake(now)) taken += 1;
        expect(taken).toBeLessThanOrEqual(5 + now / 10 + 1e-6);
      }
    }),
  );
});
