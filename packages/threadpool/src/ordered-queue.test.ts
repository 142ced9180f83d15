import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OrderedQueue, type Ranked } from './ordered-queue.js';

interface Item extends Ranked {
  readonly name: string;
}

function item(name: string, priority: number, enteredMs = 0, queue = ''): Item {
  return { name, priority, enteredMs, queue };
}

function drain(queue: OrderedQueue<Item>): string[] {
  const names: string[] = [];
  while (queue.first !== undefined) {
    const { first } = queue;
    expect(queue.shift()).toBe(first);
    names.push(first.name);
  }
  expect(queue.size).toBe(0);
  return names;
}

describe('an ordered queue', () => {
  it('gives the highest priority first, and of two alike the older', () => {
    const queue = new OrderedQueue<Item>(Number.POSITIVE_INFINITY);
    for (const one of [item('a', 0), item('b', 5), item('c', 5), item('d', -1), item('e', 9)]) {
      queue.push(one);
    }
    expect(drain(queue)).toEqual(['e', 'b', 'c', 'a', 'd']);
  });

  it('counts waiting as priority: one level for each agingMs', () => {
    const queue = new OrderedQueue<Item>(100);
    queue.push(item('waited 300 ms', 0, 0));
    queue.push(item('new, 4 above', 4, 300));
    queue.push(item('new, 2 above', 2, 300));
    queue.push(item('new, 3 above', 3, 300));
    expect(drain(queue)).toEqual(['new, 4 above', 'waited 300 ms', 'new, 3 above', 'new, 2 above']);
  });

  it('lets names take turns, whatever the priorities of others', () => {
    const queue = new OrderedQueue<Item>(Number.POSITIVE_INFINITY);
    for (const at of [1, 2, 3]) queue.push(item(`a${at}`, 100, 0, 'a'));
    queue.push(item('b1', 0, 0, 'b'));
    queue.push(item('b2', 1, 0, 'b'));
    queue.push(item('c1', 0, 0, 'c'));
    expect(drain(queue)).toEqual(['a1', 'b2', 'c1', 'a2', 'b1', 'a3']);
  });

  it('gives back in front what had been its turn', () => {
    const queue = new OrderedQueue<Item>(Number.POSITIVE_INFINITY);
    for (const name of ['a', 'b', 'c']) queue.push(item(name, 1));
    const [a, b] = [queue.shift(), queue.shift()];
    for (const one of [b, a]) if (one !== undefined) queue.pushFront(one);
    expect(drain(queue)).toEqual(['a', 'b', 'c']);
  });

  it('orders as sorting does, however pushes and shifts are mixed', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 9 }), { freq: 3 })), (steps) => {
        const queue = new OrderedQueue<Item>(Number.POSITIVE_INFINITY);
        let model: Item[] = [];
        for (const [at, priority] of steps.entries()) {
          if (priority !== null) {
            const one = item(`${at}`, priority);
            queue.push(one);
            model.push(one);
            continue;
          }
          const best = Math.max(...model.map((one) => one.priority));
          const expected = model.find((one) => one.priority === best);
          model = model.filter((one) => one !== expected);
          expect(queue.shift()).toBe(expected);
          expect(queue.size).toBe(model.length);
        }
      }),
    );
  });
});
