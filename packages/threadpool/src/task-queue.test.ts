import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TaskQueue } from './task-queue.js';

it('a TaskQueue does what an array does, whatever is pushed and shifted', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('push' as const), item: fc.integer() }),
    fc.record({ do: fc.constant('pushFront' as const), item: fc.integer() }),
    fc.record({ do: fc.constant('shift' as const), item: fc.constant(0) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const queue = new TaskQueue<number>();
      const model: number[] = [];
      for (const { do: what, item } of steps) {
        if (what === 'push') {
          queue.push(item);
          model.push(item);
        } else if (what === 'pushFront') {
          queue.pushFront(item);
          model.unshift(item);
        } else expect(queue.shift()).toBe(model.shift());
        expect(queue.size).toBe(model.length);
        expect(queue.first).toBe(model[0]);
      }
    }),
  );
});
