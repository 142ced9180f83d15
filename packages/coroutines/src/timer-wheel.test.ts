/** The wheel against a sorted list, on a time that the test moves. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { TimerWheel } from './timer-wheel.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('fires each timer in its millisecond, in the order of setting within one', () => {
  const wheel = new TimerWheel();
  const log: string[] = [];
  for (const ms of [40, 5, 33, 0, 40, 1100, 5, 32]) {
    const name = `${ms}#${log.length}`;
    wheel.set(ms, () => log.push(`${name} at ${performance.now()}`));
  }
  const start = performance.now();
  vi.advanceTimersByTime(2000);
  expect(log.map((line) => Number.parseInt(line, 10))).toEqual([0, 5, 5, 32, 33, 40, 40, 1100]);
  const at = log.map((line) => Number(line.split(' at ')[1]) - start);
  expect(at).toEqual([1, 5, 5, 32, 33, 40, 40, 1100]);
});

it('a timer that is set where another fires has its own time, and is not fired in the same round', () => {
  const wheel = new TimerWheel();
  const log: number[] = [];
  const start = performance.now();
  wheel.set(10, () => {
    log.push(performance.now() - start);
    wheel.set(0, () => log.push(performance.now() - start));
    wheel.set(7, () => log.push(performance.now() - start));
  });
  vi.advanceTimersByTime(100);
  expect(log).toEqual([10, 11, 17]);
});

it('an error in one is the program’s, and the others fire', () => {
  const thrown: unknown[] = [];
  vi.stubGlobal('queueMicrotask', (task: () => void) => {
    try {
      task();
    } catch (error) {
      thrown.push(error);
    }
  });
  const wheel = new TimerWheel();
  let fired = 0;
  wheel.set(1, () => {
    throw new Error('planned');
  });
  wheel.set(1, () => {
    fired += 1;
  });
  vi.advanceTimersByTime(1);
  vi.unstubAllGlobals();
  expect([fired, String(thrown[0])]).toEqual([1, 'Error: planned']);
});

it('waits longer than setTimeout can, with one setTimeout at a time', () => {
  const wheel = new TimerWheel();
  const month = 40 * 24 * 3_600_000;
  let fired = 0;
  wheel.set(month, () => {
    fired += 1;
  });
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(month - 1);
  expect([fired, vi.getTimerCount()]).toEqual([0, 1]);
  vi.advanceTimersByTime(1);
  expect([fired, vi.getTimerCount()]).toEqual([1, 0]);
});

it('when the last one is cancelled nothing is left', () => {
  const wheel = new TimerWheel();
  const timers = [wheel.set(5, () => {}), wheel.set(50_000, () => {})];
  expect(vi.getTimerCount()).toBe(1);
  for (const timer of timers) timer.cancel();
  for (const timer of timers) timer.cancel();
  expect(vi.getTimerCount()).toBe(0);
});

type Step = ['set', number] | ['cancel', number] | ['pass', number];
const duration = fc.oneof(fc.nat(70), fc.nat(5000), fc.nat(3_000_000)).map((ms) => ms + 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fc.constant('set' as const), duration),
  fc.tuple(fc.constant('set' as const), duration),
  fc.tuple(fc.constant('cancel' as const), fc.nat(30)),
  fc.tuple(fc.constant('pass' as const), fc.oneof(fc.nat(40), fc.nat(4000))),
);

it('random programs: as a sorted list would do it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const wheel = new TimerWheel();
      const start = performance.now();
      const real: string[] = [];
      let list: { id: number; due: number }[] = [];
      const model: string[] = [];
      const timers: { cancel(): void }[] = [];
      const pass = (ms: number) => {
        vi.advanceTimersByTime(ms);
        const now = performance.now() - start;
        const due = list.filter((timer) => timer.due <= now);
        list = list.filter((timer) => timer.due > now);
        due.sort((a, b) => a.due - b.due || a.id - b.id);
        for (const { id, due: at } of due) model.push(`${id} at ${at}`);
        expect(real).toEqual(model);
      };
      for (const [what, n] of steps) {
        if (what === 'set') {
          const id = timers.length;
          list.push({ id, due: performance.now() - start + n });
          timers.push(wheel.set(n, () => real.push(`${id} at ${performance.now() - start}`)));
        } else if (what === 'cancel') {
          timers[n]?.cancel();
          list = list.filter(({ id }) => id !== n);
        } else {
          pass(n);
        }
      }
      pass(4_000_000);
      expect([list.length, vi.getTimerCount()]).toEqual([0, 0]);
    }),
    { numRuns: 300 },
  );
});
