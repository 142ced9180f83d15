// biome-ignore-all lint/correctness/useYield: a body that ends at once, or fails, is what some of these are about.
/** whenAll and whenAny: results, failures, and what becomes of the others. */
import {
  coroutine,
  type IAsyncOperation,
  isCanceledError,
  Operation,
  resumeAfter,
  whenAll,
  whenAny,
} from '@netloom/coroutines';
import { describe, expect, expectTypeOf, it } from 'vitest';

async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it did not reject');
}

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
