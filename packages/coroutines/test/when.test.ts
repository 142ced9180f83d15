// biome-ignore-all lint/correctness/useYield: a body that ends at once, or fails, is what some of these are about.
/** whenAll and whenAny: results, failures, and what becomes of the others. */
import {
  coroutine,
  type IAsyncOperation,
  isCanceledError,
  Operation,
  resumeAfter,
  type Suspension,
  whenAll,
  whenAny,
} from '@netloom/coroutines';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { rejection } from './helpers.js';

class Ready<T> extends Operation<T> {
  isStarted = false;
  readonly #value: T;
  constructor(value: T) {
    super();
    this.#value = value;
  }
  protected start(): void {
    this.isStarted = true;
    this.complete(this.#value);
  }
  protected stop(): boolean {
    return true;
  }
}

/** Waits until it is stopped. */
class Gate extends Operation<void> {
  isStopped = false;
  protected start(): void {}
  protected stop(): boolean {
    this.isStopped = true;
    return true;
  }
}

class Failing extends Operation<never> {
  readonly #error: Error;
  constructor(error: Error) {
    super();
    this.#error = error;
  }
  protected start(): void {
    this.fail(this.#error);
  }
  protected stop(): boolean {
    return true;
  }
}

/** What Node calls unhandled while this works. */
async function unhandledDuring(work: () => Promise<unknown>): Promise<unknown[]> {
  const seen: unknown[] = [];
  const hear = (error: unknown) => seen.push(error);
  // The runner's own listeners would fail the run: for once the errors are ours.
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', hear);
  try {
    await work();
    // Node tells when the microtasks of the turn of the rejection are done: before this turn.
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.removeListener('unhandledRejection', hear);
    for (const other of others) process.on('unhandledRejection', other);
  }
  return seen;
}

/** Runs a body whose own stop is due from its first statement on. */
async function stoppedBody(
  body: () => Generator<Suspension, unknown, undefined>,
): Promise<'Completed' | 'Canceled'> {
  let stop = () => {};
  const action = coroutine(function* () {
    yield* resumeAfter(0);
    stop();
    yield* body();
  })();
  stop = () => action.cancel();
  const [end] = await Promise.allSettled([action]);
  return end.status === 'fulfilled' ? 'Completed' : 'Canceled';
}

/** The same for an async body. */
async function stoppedAsyncBody(body: () => Promise<unknown>): Promise<'Completed' | 'Canceled'> {
  let stop = () => {};
  const action = coroutine(async () => {
    await resumeAfter(0);
    stop();
    await body();
  })();
  stop = () => action.cancel();
  const [end] = await Promise.allSettled([action]);
  return end.status === 'fulfilled' ? 'Completed' : 'Canceled';
}

const value = coroutine(function* (ms: number, result: string) {
  yield* resumeAfter(ms);
  return result;
});

const failing = coroutine(function* (ms: number, error: Error) {
  yield* resumeAfter(ms);
  throw error;
});

const sleeper = coroutine(function* (log: string[], error?: Error) {
  try {
    yield* resumeAfter(1e8);
  } finally {
    yield* resumeAfter(1);
    log.push('ended');
    // biome-ignore lint/correctness/noUnsafeFinally: a clean-up that fails is asked for here.
    if (error !== undefined) throw error;
  }
});

describe('whenAll', () => {
  it('gives the results in the places of their operations, of every kind', async () => {
    const all = whenAll([value(2, 'slow'), resumeAfter(1), new Ready(3), Promise.resolve(true)]);
    const results = await all;
    // biome-ignore lint/suspicious/noConfusingVoidType: a wait without a result has this type.
    expectTypeOf(results).toEqualTypeOf<[string, void, number, boolean]>();
    expect(results).toEqual(['slow', undefined, 3, true]);
  });

  it('takes a list as well as a tuple, and none', async () => {
    const list: IAsyncOperation<string>[] = ['a', 'b'].map((text) => value(0, text));
    const results = await whenAll(list);
    expectTypeOf(results).toEqualTypeOf<string[]>();
    expect(results).toEqual(['a', 'b']);
    expect(await whenAll([])).toEqual([]);
  });

  it('the first failure stops the others, waits for them, and is thrown', async () => {
    const log: string[] = [];
    const error = new Error('first');
    const sleeping = sleeper(log);
    expect(await rejection(whenAll([sleeping, failing(1, error), resumeAfter(1e8)]))).toBe(error);
    expect(log).toEqual(['ended']);
    expect(sleeping.status).toBe('Canceled');
    expect(sleeping.errorCode).toMatchObject({ cause: error });
  });

  it('work that runs already is stopped also when an earlier one failed at once', async () => {
    const log: string[] = [];
    const error = new Error('at once');
    const failed = coroutine(function* () {
      throw error;
    });
    const lazy = new Ready(1);
    expect(await rejection(whenAll([failed(), sleeper(log), lazy]))).toBe(error);
    expect(log).toEqual(['ended']);
    expect(lazy.isStarted).toBe(false);
  });

  it('what fails meanwhile is attached to the first failure', async () => {
    const [first, second] = [new Error('first'), new Error('second')];
    const seen = await rejection(whenAll([sleeper([], second), failing(1, first)]));
    expect(seen).toBe(first);
    expect(seen).toMatchObject({ suppressed: [second] });
  });

  it('stopping the wait stops all, and waits for them', async () => {
    const log: string[] = [];
    const action = coroutine(function* () {
      yield* whenAll([sleeper(log), sleeper(log), resumeAfter(1e8)]);
    })();
    action.cancel();
    expect(isCanceledError(await rejection(action))).toBe(true);
    expect(log).toEqual(['ended', 'ended']);
  });
});

describe('whenAny', () => {
  it('gives the first and its place; index narrows value', async () => {
    const winner = await whenAny([
      resumeAfter(1e8),
      value(1, 'won'),
      new Promise<number>(() => {}),
    ]);
    expect(winner).toEqual({ index: 1, value: 'won' });
    if (winner.index === 1) expectTypeOf(winner.value).toEqualTypeOf<string>();
    if (winner.index === 2) expectTypeOf(winner.value).toEqualTypeOf<number>();
  });

  it('stops the losers and waits for them', async () => {
    const log: string[] = [];
    const loser = sleeper(log);
    await whenAny([loser, resumeAfter(1)]);
    expect(log).toEqual(['ended']);
    expect(loser.status).toBe('Canceled');
  });

  it('does not start what comes after one that completes at once: no result is lost', async () => {
    const log: string[] = [];
    const [won, after] = [new Ready('a'), new Ready('b')];
    const hot = sleeper(log);
    expect(await whenAny([won, after, hot])).toEqual({ index: 0, value: 'a' });
    expect(after.isStarted).toBe(false);
    expect(log).toEqual(['ended']);
  });

  it('a failure that comes first is thrown', async () => {
    const error = new Error('first');
    expect(await rejection(whenAny([resumeAfter(1e8), failing(1, error)]))).toBe(error);
  });

  it('a loser whose clean-up fails is not silent', async () => {
    const error = new Error('clean-up');
    expect(await rejection(whenAny([sleeper([], error), resumeAfter(1)]))).toBe(error);
  });

  it('stopping the wait stops all, and waits for them', async () => {
    const log: string[] = [];
    const action = coroutine(function* () {
      yield* whenAny([sleeper(log), sleeper(log)]);
    })();
    action.cancel();
    expect(isCanceledError(await rejection(action))).toBe(true);
    expect(log).toEqual(['ended', 'ended']);
  });

  it('none is refused: it would never end', () => {
    expect(() => whenAny([])).toThrow('whenAny([]) would never end');
  });
});

for (const [name, combine] of [
  ['whenAll', whenAll],
  ['whenAny', whenAny],
] as const) {
  describe(`what ${name} begins`, () => {
    it('an operation that was used already fails it; what was begun before is stopped', async () => {
      const gate = new Gate();
      const used = new Ready(1);
      await used;
      const error = await rejection(combine([gate, used]));
      expect(String(error)).toContain('already been waited for');
      expect([gate.isPending, gate.isStopped]).toEqual([false, true]);
    });

    it('an operation that another waits for fails it, and is not stopped by it', async () => {
      const others = new Gate();
      const waiter = coroutine(function* () {
        yield* others;
      })();
      await rejection(combine([others, resumeAfter(1e8)]));
      await rejection(combine([resumeAfter(1e8), others]));
      await rejection(combine([new Failing(new Error('first')), others]));
      expect(others.isPending).toBe(true);
      waiter.cancel();
      await rejection(waiter);
    });

    it('an operation that is given twice fails it, and is stopped', async () => {
      const gate = new Gate();
      expect(await rejection(combine([gate, gate]))).toBeInstanceOf(TypeError);
      expect(gate.isStopped).toBe(true);
    });

    it('with a stop due it starts nothing, as a bare yield* does not', async () => {
      const lazy = [new Ready(1), new Ready(2), new Ready(3), new Ready(4)] as const;
      const log: string[] = [];
      const ends = await Promise.all([
        stoppedBody(function* () {
          yield* combine([lazy[0]]);
        }),
        stoppedBody(function* () {
          yield* combine([lazy[1], combine([lazy[2], sleeper(log)])]);
        }),
        stoppedAsyncBody(async () => {
          await combine([lazy[3], sleeper(log)]);
        }),
      ]);
      expect(ends).toEqual(['Canceled', 'Canceled', 'Canceled']);
      expect(lazy.map((one) => one.isStarted)).toEqual([false, false, false, false]);
      // What ran already was stopped, and waited for.
      expect(log).toEqual(['ended', 'ended']);
    });

    it('a promise among its parts is never an unhandled rejection', async () => {
      const late = () => new Promise((_, reject) => setTimeout(reject, 1, new Error('late')));
      const promises: Promise<unknown>[] = [];
      const given = (promise: Promise<unknown>) => {
        promises.push(promise);
        return promise;
      };
      const seen = await unhandledDuring(async () => {
        await Promise.allSettled([combine([new Failing(new Error('first')), given(late())])]);
        await Promise.allSettled([
          combine([new Ready(1), new Failing(new Error('x')), given(late())]),
        ]);
        await stoppedBody(function* () {
          yield* combine([given(late()), new Ready(1)]);
        });
        await new Promise((resolve) => setTimeout(resolve, 5));
      });
      expect(promises).toHaveLength(3);
      expect(seen).toEqual([]);
    });
  });
}

it('with a stop due, work that has ended already does not stand for what was not started', async () => {
  const ended = value(0, 'x');
  await ended;
  const lazy = new Ready(1);
  const caught: unknown[] = [];
  const end = await stoppedBody(function* () {
    try {
      yield* whenAll([ended, lazy]);
    } catch (error) {
      caught.push(isCanceledError(error));
    }
    // It has arrived: there is no second time.
    yield* resumeAfter(0);
  });
  expect([end, caught, lazy.isStarted]).toEqual(['Completed', [true], false]);
});

it('whenAny starts no second operation after one that completed at once, however often', async () => {
  let started = 0;
  class Take extends Operation<number> {
    protected start(): void {
      started += 1;
      this.complete(started);
    }
    protected stop(): boolean {
      return true;
    }
  }
  const action = coroutine(function* () {
    for (let i = 0; i < 1000; i += 1) {
      const { value: taken } = yield* whenAny([new Take(), new Take()]);
      if (taken !== i + 1) return `lost one before ${taken}`;
    }
    return started;
  });
  expect(await action()).toBe(1000);
});

it('a body that waits for parts which are ready does not starve the event loop', async () => {
  let turns = 0;
  let isDone = false;
  const count = () => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  await coroutine(function* () {
    for (let i = 0; i < 50; i += 1) {
      yield* whenAll(Array.from({ length: 128 }, () => new Ready(i)));
    }
  })();
  isDone = true;
  expect(turns).toBeGreaterThanOrEqual(40);
});
