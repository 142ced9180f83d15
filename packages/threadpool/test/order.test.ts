/** Which of the tasks that wait begins next: priorities, turns, an order of the program's own, and on which thread. */
import {
  type TaskTerms,
  ThreadPool,
  type ThreadPoolOptions,
  type WaitingOrder,
  type WaitingTask,
} from '@netloom/threadpool';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Ask, Block, Die, Echo, Where } from './fixtures/tasks.mjs';
import { blocker, gate, rejection } from './helpers.js';

/** A pool of one thread whose tasks of class Ask wait; `run` lets them go and gives the order in which they began. */
async function waiting(options: ThreadPoolOptions = {}) {
  const pool = new ThreadPool(1, options);
  const began: string[] = [];
  const hold = gate();
  onTestFinished(async () => {
    hold.open();
    await pool.close();
  });
  const first = gate();
  const head = pool.addTask(
    new Ask('', () => {
      first.open();
      return hold.opened;
    }),
  );
  await first.opened;
  const all: Promise<unknown>[] = [head];
  return {
    pool,
    add: (name: string, terms?: TaskTerms) => {
      const task = new Ask(name, (message) => {
        began.push(String(message));
      });
      all.push(pool.addTask(task, terms));
    },
    run: async () => {
      hold.open();
      await Promise.allSettled(all);
      await pool.close();
      return began;
    },
  };
}

describe('of tasks that wait', () => {
  it('the oldest begins first', async () => {
    const { add, run } = await waiting();
    for (const name of ['a', 'b', 'c']) add(name);
    expect(await run()).toEqual(['a', 'b', 'c']);
  });

  it('the highest priority begins first, also before those that had waited without one', async () => {
    const { add, run } = await waiting({ agingMs: Number.POSITIVE_INFINITY });
    add('plain');
    add('low', { priority: -1 });
    add('high', { priority: 2 });
    add('middle', { priority: 1 });
    add('plain too');
    expect(await run()).toEqual(['high', 'middle', 'plain', 'plain too', 'low']);
  });

  it('a priority means the same however long the process has run', async () => {
    // It is older than ten levels of priority.
    const { add, run } = await waiting({ agingMs: 1 });
    add('plain');
    add('urgent', { priority: 10 });
    add('plain too');
    expect(await run()).toEqual(['urgent', 'plain', 'plain too']);
  });

  it('those of one name do not keep those of another waiting', async () => {
    const { add, run } = await waiting();
    for (const at of [1, 2, 3]) add(`a${at}`, { queue: 'a' });
    for (const at of [1, 2]) add(`b${at}`, { queue: 'b' });
    expect(await run()).toEqual(['a1', 'b1', 'a2', 'b2', 'a3']);
  });

  it('that which the program’s own order gives begins first', async () => {
    const seen: WaitingTask[] = [];
    class LastInFirstOut implements WaitingOrder {
      #tasks: WaitingTask[] = [];
      get size() {
        return this.#tasks.length;
      }
      get first() {
        return this.#tasks.at(-1);
      }
      push(task: WaitingTask) {
        seen.push(task);
        this.#tasks.push(task);
      }
      pushFront(task: WaitingTask) {
        this.#tasks.push(task);
      }
      shift() {
        return this.#tasks.pop();
      }
    }
    const { add, run } = await waiting({ order: () => new LastInFirstOut() });
    add('a');
    add('b', { priority: 7, queue: 'q' });
    expect(await run()).toEqual(['b', 'a']);
    expect(seen).toMatchObject([
      { name: 'Ask', priority: 0, queue: '' },
      { name: 'Ask', priority: 7, queue: 'q' },
    ]);
    expect(seen[1]?.original).toBeInstanceOf(Ask);
    for (const { enteredMs } of seen) expect(enteredMs).toBeGreaterThan(0);
  });

  it.each([undefined, 1])(
    'those that have ended are not counted, priority %s',
    async (priority) => {
      const { pool, add, run } = await waiting({ agingMs: Number.POSITIVE_INFINITY });
      const stop = new AbortController();
      const terms = priority === undefined ? {} : { priority };
      add('first', terms);
      for (let at = 0; at < 100; at++) add('stopped', { ...terms, signal: stop.signal });
      add('last', terms);
      expect(pool.snapshot().queued).toBe(102);
      stop.abort();
      expect(pool.snapshot().queued).toBe(2);
      expect(await run()).toEqual(['first', 'last']);
    },
  );

  it('none is begun twice when its thread is lost, and the order stays', async () => {
    const { pool, add, run } = await waiting({ agingMs: Number.POSITIVE_INFINITY });
    for (const at of [1, 2]) add(`low ${at}`);
    for (const at of [1, 2]) add(`high ${at}`, { priority: 1 });
    // The head goes down with the thread.
    await rejection(pool.addTask(new Die('exit')));
    expect(await run()).toEqual(['high 1', 'high 2', 'low 1', 'low 2']);
  });
});

describe('placement', () => {
  it('chooses among the threads that may take the task', async () => {
    const asked: number[][] = [];
    await using pool = new ThreadPool(3, {
      placement: (_task, threads) => {
        asked.push(threads.map((thread) => thread.index));
        return threads.at(-1)?.index;
      },
    });
    using block = blocker();
    const begun = gate(2);
    const where = await pool.addTask(new Where());
    expect(where.given).toBe(pool.threads[2]?.threadId);
    const blocks = [1, 2].map(() => pool.addTask(new Block(block.flag, begun.open)));
    await begun.opened;
    expect(asked).toEqual([
      [0, 1, 2],
      [0, 1, 2],
      [0, 1],
    ]);
    block.free();
    await Promise.all(blocks);
  });

  it('may let a task wait, and is asked again when one has ended', async () => {
    let isClosed = false;
    await using pool = new ThreadPool(2, {
      placement: (_task, threads) => (isClosed ? undefined : threads[0]?.index),
    });
    using hold = gate();
    const begun = gate();
    const head = pool.addTask(
      new Ask('', () => {
        begun.open();
        return hold.opened;
      }),
    );
    await begun.opened;
    isClosed = true;
    const second = pool.addTask(new Ask('second', (message) => message));
    expect(pool.snapshot().queued).toBe(1);
    isClosed = false;
    hold.open();
    await head;
    expect(await second).toBe('second');
  });

  it('is asked again for every class of tasks when one of any class has ended', async () => {
    await using pool: ThreadPool = new ThreadPool(2, {
      placement: (task, threads) =>
        task.name === 'Echo' && pool.threads.some((thread) => thread.unfinished > 0)
          ? undefined
          : threads[0]?.index,
    });
    using hold = gate();
    const begun = gate();
    const head = pool.addTask(
      new Ask('', () => {
        begun.open();
        return hold.opened;
      }),
    );
    await begun.opened;
    const alone = pool.addTask(new Echo('alone'));
    expect(pool.snapshot().queued).toBe(1);
    hold.open();
    await head;
    expect(await alone).toBe('alone');
  });

  it.each([7, -1, 1.5, '0' as unknown as number])(
    'cannot leave a task waiting for ever with %j, which names none of the threads',
    async (index) => {
      await using pool = new ThreadPool(2, { placement: () => index });
      expect(await pool.addTask(new Echo('all the same'))).toBe('all the same');
    },
  );

  it('cannot leave a task waiting for ever', async () => {
    await using pool = new ThreadPool(2, { placement: () => undefined });
    expect(await pool.addTask(new Echo('all the same'))).toBe('all the same');
  });
});
