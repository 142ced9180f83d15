import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HandClock } from '../test/loopback.js';
import { type DeadlineQueue, deadlineQueue, type Waiting } from './deadline-queue.js';

let clock: HandClock;
beforeEach(() => {
  clock = new HandClock();
});
afterEach(() => {
  expect(clock.timerCount, 'timers left').toBe(0);
  clock[Symbol.dispose]();
});

const log: string[] = [];
function waiting(name: string, then: () => void = () => {}): Waiting {
  const expire = () => {
    log.push(`${name} at ${clock.now()}`);
    then();
  };
  return { expire, dueAtMs: 0, earlier: undefined, later: undefined };
}

/** Lets whatever is in a queue become due. */
function takeLog(): string[] {
  return log.splice(0);
}

describe('a queue of deadlines', () => {
  test('tells each when its own time is over, in the order of beginning, with one timer', () => {
    const queue = deadlineQueue(500);
    const [a, b, c] = [waiting('a'), waiting('b'), waiting('c')];
    queue.join(a);
    queue.join(b);
    clock.advance(100);
    queue.join(c);
    expect(clock.timerCount).toBe(1);
    clock.advance(399);
    expect(takeLog()).toEqual([]);
    clock.advance(101);
    expect(takeLog()).toEqual(['a at 1500', 'b at 1500', 'c at 1600']);
    expect(queue.isEmpty).toBe(true);
  });

  test.each(['first', 'middle', 'last'])('forgets who leaves: the %s', (where) => {
    const queue = deadlineQueue(500);
    const all = ['first', 'middle', 'last'].map((name) => waiting(name));
    for (const one of all) {
      queue.join(one);
      clock.advance(10);
    }
    const names = ['first at 1500', 'middle at 1510', 'last at 1520'];
    const at = names.findIndex((name) => name.startsWith(where));
    queue.leave(all[at] as Waiting);
    clock.advance(1000);
    expect(takeLog()).toEqual(names.filter((_name, i) => i !== at));
  });

  test('sets no timer for less than a timer can count', () => {
    const queue = deadlineQueue(500);
    queue.join(waiting('a'));
    clock.advance(0.7);
    queue.join(waiting('b'));
    clock.advance(499.3);
    expect(takeLog()).toEqual(['a at 1500', 'b at 1500']);
  });

  test('has no timer when nobody waits, because a timer keeps the process alive', () => {
    const queue = deadlineQueue(500);
    const [a, b] = [waiting('a'), waiting('b')];
    queue.join(a);
    queue.join(b);
    queue.leave(a);
    expect(clock.timerCount).toBe(1);
    queue.leave(b);
    expect(clock.timerCount).toBe(0);
    queue.join(a);
    expect(clock.timerCount).toBe(1);
    clock.advance(500);
    expect(takeLog()).toEqual(['a at 1500']);
  });

  test('who begins or leaves while others expire changes nothing for the rest', () => {
    const queue = deadlineQueue(500);
    const leaver = waiting('leaver');
    const next = waiting('next');
    queue.join(waiting('a', () => queue.join(next)));
    queue.join(waiting('b', () => queue.leave(leaver)));
    queue.join(leaver);
    clock.advance(50);
    queue.join(waiting('c'));
    clock.advance(1000);
    expect(takeLog()).toEqual(['a at 1500', 'b at 1500', 'c at 1550', 'next at 2000']);
  });

  test('the last that expires may be followed by one that begins then', () => {
    const queue = deadlineQueue(500);
    const next = waiting('next');
    queue.join(waiting('a', () => queue.join(next)));
    clock.advance(500);
    expect(clock.timerCount).toBe(1);
    clock.advance(500);
    expect(takeLog()).toEqual(['a at 1500', 'next at 2000']);
  });
});

test('equal durations share a queue; many different ones are not kept, and work all the same', () => {
  const kept = deadlineQueue(500);
  const one = waiting('kept');
  kept.join(one);
  const joined: [DeadlineQueue, Waiting][] = Array.from({ length: 40 }, (_, i) => {
    const queue = deadlineQueue(1000 + i);
    const each = waiting(`${i}`);
    queue.join(each);
    return [queue, each];
  });
  expect(deadlineQueue(500)).toBe(kept);
  // The table is full of queues with somebody in them.
  expect(deadlineQueue(1039)).not.toBe(joined[39]?.[0]);
  for (const [queue, each] of joined.slice(0, 39)) queue.leave(each);
  clock.advance(2000);
  expect(takeLog()).toEqual(['kept at 1500', '39 at 2039']);
  // Room was made.
  const again = deadlineQueue(9000);
  expect(deadlineQueue(9000)).toBe(again);
});
