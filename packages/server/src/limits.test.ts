import { expect, test } from 'vitest';
import { Permits } from './limits.js';

test('there are exactly as many permits as the limit says', () => {
  const permits = new Permits(3);
  expect([1, 2, 3, 4].map(() => permits.tryTake())).toEqual([true, true, true, false]);
  permits.release();
  expect(permits.tryTake()).toBe(true);
  expect(permits.tryTake()).toBe(false);
});

test('whoever waits is woken once, by the next permit given back, and can take it', () => {
  const permits = new Permits(2);
  permits.tryTake();
  permits.tryTake();
  const woken: boolean[] = [];
  permits.whenFree(() => woken.push(permits.tryTake()));
  permits.release();
  permits.release();
  expect(woken).toEqual([true]);
});

test('a wait that was taken back wakes nobody', () => {
  const permits = new Permits(1);
  permits.tryTake();
  let count = 0;
  permits.whenFree(() => {
    count += 1;
  });
  permits.stopWaiting();
  permits.release();
  expect(count).toBe(0);
});

test('giving a permit back twice is refused', () => {
  const permits = new Permits(1);
  permits.tryTake();
  permits.release();
  expect(() => permits.release()).toThrow(RangeError);
});
