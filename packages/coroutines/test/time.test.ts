/** Timers: order, long waits, and a clock that can be replaced. */
import { type Clock, clock, coroutine, resumeAfter, setClock } from '@netloom/coroutines';
import { afterEach, expect, it, vi } from 'vitest';

afterEach(() => {
  setClock(undefined);
  vi.useRealTimers();
});

it('timers fire in the order of their times, whatever the order of setting them', () => {
  // Time stands still while they are set: on a busy machine it need not.
  vi.useFakeTimers();
  const log: number[] = [];
  const sleeper = coroutine(function* (ms: number) {
    yield* resumeAfter(ms);
    log.push(ms);
  });
  for (const ms of [30, 10, 20, 0, 25, 5]) sleeper(ms);
  vi.advanceTimersByTime(30);
  expect(log).toEqual([0, 5, 10, 20, 25, 30]);
});

it('takes not less than its time on the clock, also after a long turn of the event loop', async () => {
  const before = clock.now();
  while (clock.now() - before < 30);
  const start = clock.now();
  await resumeAfter(20);
  // Node counts whole milliseconds, so that it may be early by less than one.
  expect(clock.now() - start).toBeGreaterThan(19);
});

it('refuses what is no time', () => {
  for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => resumeAfter(wrong)).toThrow(RangeError);
  }
});

it('a wait beyond setTimeout’s 2^31 - 1 ms is a long one, not one of 1 ms', () => {
  vi.useFakeTimers();
  let fired = 0;
  const long = 2 ** 31 + 1000;
  clock.setTimer(long, () => {
    fired += 1;
  });
  vi.advanceTimersByTime(long - 1);
  expect(fired).toBe(0);
  vi.advanceTimersByTime(1);
  expect(fired).toBe(1);
});

it('a cancelled timer does not fire, and does not keep the process alive', () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const timer = clock.setTimer(1e6, () => {});
  expect(timers()).toBe(before + 1);
  timer.cancel();
  timer.cancel();
  expect(timers()).toBe(before);
});

it('a stopped resumeAfter() leaves no timer', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const action = coroutine(function* () {
    yield* resumeAfter(1e6);
  })();
  expect(timers()).toBe(before + 1);
  action.cancel();
  await Promise.allSettled([action]);
  expect(timers()).toBe(before);
});

it('another clock can be put in', async () => {
  const due: { at: number; fire: () => void }[] = [];
  let now = 0;
  const mine: Clock = {
    now: () => now,
    setTimer(ms, fire) {
      const timer = { at: now + ms, fire };
      due.push(timer);
      return { cancel: () => void due.splice(due.indexOf(timer), 1) };
    },
  };
  setClock(mine);
  const action = coroutine(function* () {
    yield* resumeAfter(3_600_000);
    return clock.now();
  })();
  expect(due).toHaveLength(1);
  now = 3_600_000;
  due[0]?.fire();
  expect(await action).toBe(3_600_000);
  expect(setClock(undefined)).toBe(mine);
});
