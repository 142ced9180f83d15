/** What a task is given, where it goes, and what comes back. */
import { threadId } from 'node:worker_threads';
import { TaskError, ThreadPool, transfer } from '@netloom/threadpool';
import { describe, expect, it, vi } from 'vitest';
import type { moveAgain } from './fixtures/features.mjs';
import {
  Ask,
  AskInPairs,
  AskTogether,
  add,
  Block,
  BlockToo,
  Echo,
  EchoOwn,
  type fails,
  HalfATask,
  Inherits,
  LeadsElsewhere,
  MoveBack,
  NoModule,
  NoTask,
  notAFunction,
  Shape,
  Unfindable,
  Where,
} from './fixtures/tasks.mjs';
import { blocker, gate, rejection } from './helpers.js';

const FIXTURES = new URL('./fixtures/tasks.mjs', import.meta.url);

describe('addTask', () => {
  it('runs a task on a thread that is not this one, and resolves with what it returns', async () => {
    await using pool = new ThreadPool(2);
    const { isMainThread, threadId: there, given } = await pool.addTask(new Where());
    expect(isMainThread).toBe(false);
    expect(there).not.toBe(threadId);
    expect(given).toBe(there);
    expect(pool.threads.map((thread) => thread.threadId)).toContain(there);
  });

  it('gives one promise per task for a list, in its order', async () => {
    await using pool = new ThreadPool(2);
    const promises = pool.addTask([new Echo(1), new Echo('two'), new Echo(null)]);
    expect(promises).toHaveLength(3);
    const [one, two, three]: [number, string, null] = await Promise.all(promises);
    expect([one, two, three]).toEqual([1, 'two', null]);
    expect(pool.addTask([])).toEqual([]);
  });

  it('makes the copy from the prototype, without calling the constructor there', async () => {
    await using pool = new ThreadPool(1);
    expect(await pool.addTask(new Shape(3))).toEqual([true, 9, 0]);
    expect(Shape.made).toBe(1);
  });

  it('has its fields as its own there, past the setters of its classes', async () => {
    await using pool = new ThreadPool(1);
    expect(await pool.addTask(new EchoOwn())).toEqual({
      value: 'own',
      enumerable: true,
      configurable: true,
      writable: true,
    });
  });

  it.each([
    [undefined],
    [null],
    [true],
    [false],
    [0],
    [-0],
    [Number.NaN],
    [1.5],
    [2 ** 53],
    [-1],
    [''],
    ['text'],
    [10n],
    [new Date(5)],
    [/x/gi],
    [new Uint8Array([1, 2])],
  ])('brings %s back as it was', async (value) => {
    await using pool = new ThreadPool(1);
    expect(await pool.addTask(new Echo(value))).toEqual(value);
  });

  it('copies the fields before it returns: a task that waits does not see later changes', async () => {
    await using pool = new ThreadPool(1);
    using block = blocker();
    const begun = gate();
    const blocking = pool.addTask(new Block(block.flag, begun.open));
    await begun.opened;
    const list = [1, 2];
    const bytes = new Uint8Array([7]);
    const waiting = pool.addTask(new Echo({ list, bytes }));
    list.push(3);
    bytes[0] = 8;
    block.free();
    await blocking;
    expect(await waiting).toEqual({ list: [1, 2], bytes: new Uint8Array([7]) });
  });

  it('refuses what a thread could not find, and says what to do', async () => {
    await using pool = new ThreadPool(1);
    const refusals = [
      [
        new Inherits(1),
        /cannot find the task class Inherits: export the class .* import\.meta\.url/,
      ],
      [{ runTask() {} }, /cannot find the task class Object/],
      [new NoTask(), /NoTask is not a task: it has no method runTask/],
      [null, /takes a task or an array of tasks: got null/],
    ] as const;
    for (const [task, message] of refusals) {
      const error = await rejection(pool.addTask(task as never));
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toMatch(message);
    }
    const half = await rejection(pool.addTask(new HalfATask()));
    expect(half).toBeInstanceOf(RangeError);
    expect((half as Error).message).toMatch(
      /concurrency must be an integer from 1 or Infinity: got 0.5/,
    );
  });

  it('rejects with ERR_TASK_MODULE when a module or export is not there, naming what is', async () => {
    await using pool = new ThreadPool(1);
    const cases = [
      [new Unfindable(), /does not export Nowhere: it exports .*Echo/],
      [new LeadsElsewhere(), /add of .* is not a task class: it has no method runTask/],
      [new NoModule(), /cannot import .*there-is-no-such-file\.mjs, which should export NoModule/],
    ] as const;
    for (const [task, message] of cases) {
      const error = (await rejection(pool.addTask(task))) as TaskError;
      expect(error).toBeInstanceOf(TaskError);
      expect(error.code).toBe('ERR_TASK_MODULE');
      expect(error.message).toMatch(message);
    }
    expect(await pool.addTask(new Echo('still works'))).toBe('still works');
  });

  it('moves what the task says it moves, and the result back again', async () => {
    await using pool = new ThreadPool(1);
    const bytes = new Uint8Array(1000).fill(5);
    const back = await pool.addTask(transfer(new MoveBack(bytes), [bytes.buffer]));
    expect(bytes.length).toBe(0);
    expect(back.length).toBe(1000);
    expect(back.bytes).toEqual(new Uint8Array(1000).fill(5));
  });

  it('moves memory when it is sent: one that waits still has it here, and rejects when it is gone', async () => {
    await using pool = new ThreadPool(1);
    using hold = gate();
    const holding = pool.addTask(new Ask('', () => hold.opened));
    const [kept, gone] = [new ArrayBuffer(8), new ArrayBuffer(8)];
    const first = pool.addTask(transfer(new Ask(kept, () => 1), [kept]));
    const second = rejection(pool.addTask(transfer(new Ask(gone, () => 2), [gone])));
    expect([kept.byteLength, gone.byteLength]).toEqual([8, 8]);
    structuredClone(gone, { transfer: [gone] });
    hold.open();
    await holding;
    expect(await first).toBe(1);
    expect(kept.byteLength).toBe(0);
    expect(((await second) as Error).message).toContain(
      'had moved elsewhere when the task was sent',
    );
    expect(await pool.addTask(new Echo('next'))).toBe('next');
  });
});

describe('placement', () => {
  it('gives tasks to threads that have none, before any thread gets a second', async () => {
    await using pool = new ThreadPool(10);
    using block = blocker();
    const begun = gate(10);
    const tasks = Array.from({ length: 10 }, () => pool.addTask(new Block(block.flag, begun.open)));
    await begun.opened;
    expect(pool.threads.map((thread) => thread.unfinished)).toEqual(new Array(10).fill(1));
    block.free();
    expect(new Set(await Promise.all(tasks)).size).toBe(10);
  });

  it('gives a task to the thread with the fewest unfinished ones', async () => {
    await using pool = new ThreadPool(2);
    using hold = gate();
    const begun = gate(4);
    const held = Array.from({ length: 4 }, () =>
      pool.addTask(
        new AskTogether('', () => {
          begun.open();
          return hold.opened;
        }),
      ),
    );
    await begun.opened;
    expect(pool.threads.map((thread) => thread.unfinished)).toEqual([2, 2]);
    hold.open();
    await Promise.all(held);
    expect(pool.threads.map((thread) => thread.completed)).toEqual([2, 2]);
  });

  it.each([
    ['one of a kind by default', Ask, 1],
    ['as many as the class says', AskInPairs, 2],
    ['any number where the class says Infinity', AskTogether, 50],
  ] as const)('lets a thread run %s at a time', async (_, Task, expected) => {
    await using pool = new ThreadPool(1);
    let running = 0;
    let most = 0;
    const all = gate(expected);
    const tasks = Array.from({ length: 50 }, () =>
      pool.addTask(
        new Task('', async () => {
          running++;
          most = Math.max(most, running);
          all.open();
          await all.opened;
          // Whoever is here too early would have been counted by now.
          await new Promise(setImmediate);
          running--;
        }),
      ),
    );
    await Promise.all(tasks);
    expect(most).toBe(expected);
  });

  it('starts waiting tasks in the order in which they were added', async () => {
    await using pool = new ThreadPool(1);
    const order: unknown[] = [];
    const tasks = Array.from({ length: 200 }, (_, i) =>
      pool.addTask(new Ask(i, (message) => void order.push(message))),
    );
    await Promise.all(tasks);
    expect(order).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  it('takes short tasks back from behind a long one when another thread is free', async () => {
    await using pool = new ThreadPool(2);
    // Learn that Echo is short, so that it is sent ahead.
    await Promise.all(pool.addTask(Array.from({ length: 2000 }, (_, i) => new Echo(i))));
    using block = blocker();
    const begun = gate();
    const blocking = pool.addTask(new Block(block.flag, begun.open));
    await begun.opened;
    const results = await Promise.all(
      pool.addTask(Array.from({ length: 200 }, (_, i) => new Echo(i))),
    );
    expect(results).toEqual(Array.from({ length: 200 }, (_, i) => i));
    block.free();
    await blocking;
  });

  it('takes a task back from behind one that blocks, though all other threads stay busy', async () => {
    await using pool = new ThreadPool(2);
    using hold = gate();
    const held = gate(3);
    const waiting = Array.from({ length: 3 }, () =>
      pool.addTask(
        new AskTogether('', () => {
          held.open();
          return hold.opened;
        }),
      ),
    );
    await held.opened;
    using block = blocker();
    const begun = gate();
    // Two coroutines-like tasks on one thread, one on the other: that one gets the task that blocks.
    const blocking = pool.addTask(new Block(block.flag, begun.open));
    await begun.opened;
    const behind = [new Echo(1), new Echo(2), new Echo(3)].map((task) => pool.addTask(task));
    expect(await Promise.all(behind)).toEqual([1, 2, 3]);
    block.free();
    hold.open();
    await Promise.all([...waiting, blocking]);
  });

  it('takes over also what stands behind one that moves memory, which stays', async () => {
    const places = { Block: 0, MoveBack: 0, Echo: 0, Ask: 1 };
    await using pool = new ThreadPool(2, {
      placement: (task) => places[task.name as keyof typeof places],
    });
    using block = blocker();
    using hold = gate();
    const begun = gate(2);
    // Looking at intervals would find it as well.
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      const blocking = pool.addTask(new Block(block.flag, begun.open));
      const held = pool.addTask(
        new Ask('', () => {
          begun.open();
          return hold.opened;
        }),
      );
      await begun.opened;
      const bytes = new Uint8Array(8);
      const moving = pool.addTask(new MoveBack(bytes), { transfer: [bytes.buffer] });
      const behind = pool.addTask(new Echo('behind'));
      expect(pool.threads.map((thread) => thread.unfinished)).toEqual([3, 1]);
      hold.open();
      await held;
      expect(await behind).toBe('behind');
      expect(pool.threads.map((thread) => thread.unfinished)).toEqual([2, 0]);
      block.free();
      await Promise.all([blocking, moving]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('tells the end of a task even when the next one blocks its thread', async () => {
    await using pool = new ThreadPool(1);
    using block = blocker();
    using second = blocker();
    const begun = gate();
    const first = pool.addTask(new Block(block.flag, begun.open));
    await begun.opened;
    // These reach the thread in one message, and start one after the other.
    const ended = pool.addTask(new Echo({ not: 'small' }));
    const blocking = pool.addTask(new BlockToo(second.flag, () => {}));
    expect(pool.threads[0]?.unfinished).toBe(3);
    block.free();
    await first;
    expect(await ended).toEqual({ not: 'small' });
    expect(pool.threads[0]?.unfinished).toBe(1);
    second.free();
    await blocking;
  });
});

describe('run', () => {
  it('calls an exported function with its arguments, typed', async () => {
    await using pool = new ThreadPool(1);
    const sum: number = await pool.run<typeof add>(FIXTURES, 'add', [2, 3]);
    expect(sum).toBe(5);
  });

  it('rejects when its result moves what has moved with another', async () => {
    await using pool = new ThreadPool(1);
    const features = new URL('./fixtures/features.mjs', import.meta.url);
    const calls = [1, 2].map(() => pool.run<typeof moveAgain>(features, 'moveAgain', []));
    const [first, second] = await Promise.allSettled(calls);
    expect((first as PromiseFulfilledResult<{ memory: ArrayBuffer }>).value.memory.byteLength).toBe(
      8,
    );
    expect((second as PromiseRejectedResult).reason.message).toContain('it can move only once');
  });

  it('rejects with what the function throws', async () => {
    await using pool = new ThreadPool(1);
    const error = await rejection(pool.run<typeof fails>(FIXTURES.href, 'fails', ['why not']));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toBe('why not');
  });

  it('refuses what is no function, no URL, no name, or cannot cross', async () => {
    await using pool = new ThreadPool(1);
    expect(notAFunction).toBe(5);
    const cases = [
      [
        () => pool.run(FIXTURES, 'notAFunction', []),
        /notAFunction of .* is not a function: it is number/,
      ],
      [() => pool.run(FIXTURES, 'missing', []), /does not export missing/],
      [
        () => pool.run('./tasks.mjs', 'add', []),
        /must be a URL, as import\.meta\.url is: got \.\/tasks\.mjs/,
      ],
      [() => pool.run(FIXTURES, '', []), /must be the name of an export/],
      [
        () => pool.run(FIXTURES, 'add', [1, { f: () => {} }]),
        /args\[1\]\.f: a function cannot cross/,
      ],
    ] as const;
    for (const [run, message] of cases) {
      expect(((await rejection(run())) as Error).message).toMatch(message);
    }
    expect(add(1, 1)).toBe(2);
  });
});

describe('ThreadPool', () => {
  it.each([[0], [-1], [1.5], [Number.NaN], [Number.POSITIVE_INFINITY], ['2']])(
    'refuses %s threads',
    (threads) => {
      expect(() => new ThreadPool(threads as number)).toThrow(RangeError);
      expect(() => new ThreadPool(threads as number)).toThrow(`from 1: got ${threads}`);
    },
  );

  it.each(['order', 'placement', 'onOutput', 'name', 'resourceLimits'])(
    'refuses %s that is a number',
    (name) => {
      const make = () => new ThreadPool(1, { [name]: 5 });
      expect(make).toThrow(TypeError);
      expect(make).toThrow(new RegExp(`^${name}.* must be .*: got 5$`));
    },
  );

  it.each([
    ['priority', Number.NaN],
    ['priority', 'high'],
    ['queue', 7],
    ['onProgress', 'x'],
  ])('refuses the term %s: %s', async (name, value) => {
    await using pool = new ThreadPool(1);
    const error = await rejection(pool.addTask(new Echo(1), { [name]: value }));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toMatch(new RegExp(`^${name} must be .*: got ${value}$`));
  });

  it('shows its threads: as many as asked for, each with its own id', async () => {
    await using pool = new ThreadPool(3);
    expect(pool.threads.map((thread) => thread.index)).toEqual([0, 1, 2]);
    expect(new Set(pool.threads.map((thread) => thread.threadId)).size).toBe(3);
  });
});
