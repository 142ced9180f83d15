/** Tasks that belong together, and a task for each item of a source. */
import { getEventListeners, once } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type TaskError, ThreadPool } from '@netloom/threadpool';
import { afterAll, describe, expect, it } from 'vitest';
import { AbortsWithError } from './fixtures/features.mjs';
import { Throw } from './fixtures/parcel.mjs';
import { Ask, AskTogether, type add, Echo, Mark, UntilAborted } from './fixtures/tasks.mjs';
import { gate, rejection, sharedInts } from './helpers.js';

const TASKS = new URL('./fixtures/tasks.mjs', import.meta.url);
const pool = new ThreadPool(2);
afterAll(() => pool.close());

describe('a group', () => {
  it('is done when all its tasks are, also those added meanwhile', async () => {
    const marks = sharedInts(3);
    const group = pool.group();
    const first = group.add(new Mark(marks, 0));
    first.then(() => group.add(new Mark(marks, 1)).then(() => group.add(new Mark(marks, 2))));
    await group.done();
    expect([...marks]).toEqual([1, 1, 1]);
    expect(group.unfinished).toBe(0);
  });

  it('is cancelled by its first failure, which it rejects with', async () => {
    const begun = gate();
    const stopped: unknown[] = [];
    const failing = async () => {
      await using group = pool.group();
      group.add(new UntilAborted(new AbortController().signal, begun.open)).then((reason) => {
        stopped.push(reason);
      });
      await begun.opened;
      group.add(new Throw('cause'));
    };
    const error = (await rejection(failing())) as Error;
    expect(error.message).toBe('outer');
    expect((stopped[0] as Error).message).toBe('outer');
  });

  it('is told by the signal until it is done, and again when more is added', async () => {
    const stop = new AbortController();
    const group = pool.group({ signal: stop.signal });
    await group.add(new Echo(1));
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(1);
    await group.done();
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
    const begun = gate();
    const more = group.add(new UntilAborted(new AbortController().signal, begun.open));
    await begun.opened;
    stop.abort('no more');
    expect(await more).toBe('no more');
    expect(group.signal.aborted).toBe(true);
  });

  it('does not count as failures what its tasks make of being cancelled', async () => {
    const group = pool.group();
    const begun = gate();
    group.add(new AbortsWithError(begun.open)).catch(() => {});
    await begun.opened;
    const reason = new Error('by hand');
    group.cancel(reason);
    expect(await rejection(group.done())).toBe(reason);
    expect(group.failures).toEqual([]);
  });

  it('goes on after failures when told so, and keeps them all', async () => {
    const marks = sharedInts(1);
    const group = pool.group({ onFailure: 'goOn' });
    group.add(new Throw('cause'));
    group.add(new Throw('cause'));
    group.add(new Mark(marks, 0));
    expect(((await rejection(group.done())) as Error).message).toBe('outer');
    expect(group.failures).toHaveLength(2);
    expect(marks[0]).toBe(1);
  });

  it('is cancelled by hand or by a signal, runs nothing more, and says why', async () => {
    const stop = new AbortController();
    const group = pool.group({ signal: stop.signal });
    stop.abort('no more');
    expect(await rejection(group.add(new Echo(1)))).toBe('no more');
    expect(await rejection(group.done())).toBe('no more');
    expect(group.failures).toEqual([]);
    const other = pool.group();
    other.cancel('by hand');
    expect(await rejection(other.done())).toBe('by hand');
    expect(await rejection(pool.group({ signal: stop.signal }).done())).toBe('no more');
  });
});

describe('map', () => {
  async function* numbers(count: number, closed = () => {}) {
    try {
      for (let i = 0; i < count; i++) yield i;
    } finally {
      closed();
    }
  }

  /** A task that ends when its number is let go. */
  function gated() {
    const gates: ReturnType<typeof gate>[] = [];
    const gateOf = (at: number) => {
      gates[at] ??= gate();
      return gates[at];
    };
    const task = (item: number) =>
      new AskTogether(item, async (message) => {
        await gateOf(Number(message)).opened;
        return message;
      });
    return { task, open: (at: number) => gateOf(at).open() };
  }

  it.each([
    ['an array', () => [0, 1, 2, 3, 4]],
    ['a generator', () => new Set([0, 1, 2, 3, 4]).values()],
    ['an async generator', () => numbers(5)],
    ['a Node stream', () => Readable.from([0, 1, 2, 3, 4])],
    ['a web stream', () => ReadableStream.from([0, 1, 2, 3, 4]) as AsyncIterable<number>],
  ])('gives a result for each item of %s, in their order', async (_, source) => {
    const results: unknown[] = [];
    const items = source() as Iterable<number>;
    for await (const one of pool.map(items, (item) => new Echo(item * 2))) results.push(one);
    expect(results).toEqual([0, 2, 4, 6, 8]);
  });

  it('gives them as they are ready when order does not matter', async () => {
    const { task, open } = gated();
    const results = pool.map([0, 1, 2], task, { ordered: false, inFlight: 3 });
    const first = results.next();
    open(2);
    expect((await first).value).toBe(2);
    open(0);
    open(1);
    expect([(await results.next()).value, (await results.next()).value].sort()).toEqual([0, 1]);
    expect((await results.next()).done).toBe(true);
  });

  it('in order holds back what is ready early', async () => {
    const { task, open } = gated();
    const results = pool.map([0, 1], task, { inFlight: 2 });
    const first = results.next();
    open(1);
    await pool.addTask(new Echo(0));
    open(0);
    expect((await first).value).toBe(0);
    expect((await results.next()).value).toBe(1);
  });

  it('takes no more from the source than may be under way, however slowly it is read', async () => {
    let taken = 0;
    function* source() {
      for (; taken < 100; ) yield taken++;
    }
    const results = pool.map(source(), (item) => new Echo(item), { inFlight: 3 });
    expect(taken).toBe(0);
    for (let at = 0; at < 20; at++) {
      expect((await results.next()).value).toBe(at);
      expect(taken).toBeLessThanOrEqual(at + 4);
    }
    await results.return();
    expect(taken).toBeLessThanOrEqual(24);
  });

  it('left early stops what is under way, waits for it, and gives the source back', async () => {
    const begun = gate(2);
    let isClosed = false;
    const source = numbers(10, () => {
      isClosed = true;
    });
    const before = pool.unfinished;
    const results = pool.map(
      source,
      (item) =>
        item === 0
          ? new Echo<unknown>(item)
          : new UntilAborted(new AbortController().signal, begun.open),
      { inFlight: 3 },
    );
    for await (const one of results) {
      expect(one).toBe(0);
      await begun.opened;
      break;
    }
    expect(isClosed).toBe(true);
    expect(pool.unfinished).toBe(before);
  });

  it('throws what a task throws in its turn, and stops the others', async () => {
    const results: unknown[] = [];
    const reading = async () => {
      const each = (item: number) => (item === 2 ? new Throw('cause') : new Echo(item));
      for await (const one of pool.map(numbers(10), each)) results.push(one);
    };
    expect(((await rejection(reading())) as Error).message).toBe('outer');
    expect(results).toEqual([0, 1]);
  });

  it('throws what the source throws after the results before it', async () => {
    async function* source() {
      yield 1;
      throw new RangeError('no more items');
    }
    const results: unknown[] = [];
    const reading = async () => {
      for await (const one of pool.map(source(), (item) => new Echo(item))) results.push(one);
    };
    expect(((await rejection(reading())) as Error).message).toBe('no more items');
    expect(results).toEqual([1]);
  });

  it('throws what making a task throws', async () => {
    const results = pool.map([1], () => {
      throw new RangeError('no task for this');
    });
    expect(((await rejection(results.next())) as Error).message).toBe('no task for this');
  });

  it('throws what a task throws, though giving the source back throws as well', async () => {
    const source = {
      *[Symbol.iterator]() {
        try {
          yield 1;
          yield 2;
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: that it throws is what the test is about
          throw new RangeError('of the source');
        }
      },
    };
    const warned = once(process, 'warning');
    const failing = pool.map(source, () => new Throw('cause'), { inFlight: 1 });
    expect(((await rejection(failing.next())) as Error).message).toBe('outer');
    expect(((await warned)[0] as Error).message).toBe('of the source');
    const left = pool.map(source, (item) => new Echo(item), { inFlight: 1 });
    await left.next();
    // The source is asked for its next item, and has given it.
    await new Promise(setImmediate);
    expect(((await rejection(left.return())) as Error).message).toBe('of the source');
  });

  it('left while the source is asked hears of what giving it back throws as a warning', async () => {
    const asked = gate();
    const go = gate();
    async function* source() {
      try {
        yield 1;
        asked.open();
        await go.opened;
        yield 2;
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: that it throws is what the test is about
        throw new RangeError('given back late');
      }
    }
    const results = pool.map(source(), (item) => new Echo(item));
    await results.next();
    await asked.opened;
    const warned = once(process, 'warning');
    await results.return();
    go.open();
    expect(((await warned)[0] as Error).message).toBe('given back late');
  });

  it('does not give back a source that has thrown', async () => {
    let isGivenBack = false;
    const source = {
      [Symbol.iterator]: () => ({
        next(): IteratorResult<number> {
          throw new RangeError('no next');
        },
        return() {
          isGivenBack = true;
          return { done: true as const, value: undefined };
        },
      }),
    };
    const results = pool.map(source, (item) => new Echo(item));
    expect(((await rejection(results.next())) as Error).message).toBe('no next');
    expect(isGivenBack).toBe(false);
  });

  it('of undefined items in flight takes as many as by default', async () => {
    const { task, open } = gated();
    let taken = 0;
    function* source() {
      for (; taken < 100; ) yield taken++;
    }
    // @ts-expect-error: as a program without types would write it.
    const results = pool.map(source(), task, { inFlight: undefined });
    const first = results.next();
    open(0);
    expect((await first).value).toBe(0);
    expect(taken).toBeGreaterThan(2);
    for (let at = 0; at < 20; at++) open(at);
    await results.return();
  });

  it('ends with its signal, also while the source or a task keeps it waiting', async () => {
    const stop = new AbortController();
    async function* never() {
      yield 0;
      await new Promise(() => {});
    }
    const begun = gate();
    const results = pool.map(never(), () => new Ask('', begun.open), { signal: stop.signal });
    await results.next();
    const waiting = rejection(results.next());
    await begun.opened;
    stop.abort('over');
    expect(await waiting).toBe('over');
    expect(await rejection(pool.map([1], (i) => new Echo(i), { signal: stop.signal }).next())).toBe(
      'over',
    );
  });

  it('calls functions as well, and stands in a pipeline of streams', async () => {
    const written: number[] = [];
    await pipeline(
      Readable.from([1, 2, 3]),
      (source: AsyncIterable<number>) =>
        pool.map(source, (item, { signal }) =>
          pool.run<typeof add>(TASKS, 'add', [item, 10], { signal }),
        ),
      new Writable({
        objectMode: true,
        write(chunk, _, done) {
          written.push(chunk);
          done();
        },
      }),
    );
    expect(written).toEqual([11, 12, 13]);
  });

  it.each([[0], [1.5], [Number.NaN]])('of %s items in flight is refused', async (inFlight) => {
    const error = await rejection(pool.map([1], (i) => new Echo(i), { inFlight }).next());
    expect(error).toBeInstanceOf(RangeError);
  });
});

describe('the functions of a module', () => {
  it('are called by their names, and are the same each time', async () => {
    const tasks = pool.module<typeof import('./fixtures/tasks.mjs')>(TASKS);
    expect(await tasks.add(2, 3)).toBe(5);
    expect(tasks.add).toBe(tasks.add);
    await expect(tasks.fails('so')).rejects.toThrow('so');
    expect(await Promise.resolve(tasks)).toBe(tasks);
  });

  it('that are not there reject as run does', async () => {
    const none = pool.module<{ nothing(): void }>(TASKS);
    expect(((await rejection(none.nothing())) as TaskError).code).toBe('ERR_TASK_MODULE');
  });
});
