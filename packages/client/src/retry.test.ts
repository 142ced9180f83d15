import { CanceledError, setClock } from '@netloom/coroutines';
import { VirtualClock } from '@netloom/coroutines/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RetryBudget, type RetryOptions, retry } from './retry.js';

let clock: VirtualClock;
beforeEach(() => {
  clock = new VirtualClock();
  setClock(clock);
});
afterEach(() => {
  setClock(undefined);
});

/** Tries that fail at these times, until `succeedsAt`; the error says which one it was. */
function failing(succeedsAt = Number.POSITIVE_INFINITY) {
  const atMs: number[] = [];
  const task = async (attempt: number) => {
    atMs.push(clock.now());
    if (attempt >= succeedsAt) return `try ${attempt}`;
    throw new Error(`try ${attempt} failed`);
  };
  return { atMs, task };
}

/** Begins now; what came of it is an error or a value. */
const outcome = (waited: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(waited.then(undefined, (error: unknown) => error));

describe('retry()', () => {
  it('gives what the first try that succeeds gives', async () => {
    const { task, atMs } = failing(3);
    const result = outcome(retry(task, { jitter: 0 }));
    await clock.advance(10_000);
    expect(await result).toBe('try 3');
    expect(atMs).toEqual([0, 100, 300]);
    expect(clock.pending).toBe(0);
  });

  it('waits longer from time to time up to a bound, and fails with the last error', async () => {
    const { task, atMs } = failing();
    const options = { attempts: 6, initialDelayMs: 10, factor: 3, maxDelayMs: 100, jitter: 0 };
    const result = outcome(retry(task, options));
    await clock.advance(10_000);
    expect(String(await result)).toBe('Error: try 6 failed');
    expect(atMs).toEqual([0, 10, 40, 130, 230, 330]);
  });

  it('leaves as much of each wait to chance as it is told', async () => {
    const draws = [0, 0.5, 0.999];
    const full = failing();
    const random = () => draws.shift() ?? 0;
    const first = outcome(retry(full.task, { attempts: 4, random }));
    await clock.advance(10_000);
    await first;
    expect(full.atMs.map(Math.round)).toEqual([0, 100, 200, 200]);
    const half = failing();
    const second = outcome(retry(half.task, { attempts: 2, jitter: 0.5, random: () => 0.999 }));
    await clock.advance(10_000);
    await second;
    expect(half.atMs.map((at) => Math.round(at - (half.atMs[0] ?? 0)))).toEqual([0, 50]);
  });

  it('begins no wait that goes beyond its deadline', async () => {
    const { task, atMs } = failing();
    const result = outcome(retry(task, { timeoutMs: 250, jitter: 0 }));
    await clock.advance(10_000);
    expect(String(await result)).toBe('Error: try 2 failed');
    expect(atMs).toEqual([0, 100]);
  });

  it.each([
    ['a wrong argument', new TypeError('no')],
    ['a number out of range', new RangeError('no')],
    ['a cancellation', new CanceledError()],
    ['an abort', new DOMException('no', 'AbortError')],
  ])('does not try again after %s', async (_what, error) => {
    let tries = 0;
    const task = async () => {
      tries += 1;
      throw error;
    };
    expect(await outcome(retry(task))).toBe(error);
    expect(tries).toBe(1);
  });

  it('asks who knows better whether a failure may pass, and tells before each wait', async () => {
    const told: string[] = [];
    const { task } = failing();
    const result = outcome(
      retry(task, {
        jitter: 0,
        isRetryable: (_error, attempt) => attempt < 3,
        onRetry: (error, attempt, delayMs) => told.push(`${error} ${attempt} ${delayMs}`),
      }),
    );
    await clock.advance(10_000);
    expect(String(await result)).toBe('Error: try 3 failed');
    expect(told).toEqual(['Error: try 1 failed 1 100', 'Error: try 2 failed 2 200']);
  });

  it('stops while it waits, and while it tries, with the signal of that try', async () => {
    const waiting = new AbortController();
    const { task, atMs } = failing();
    const first = outcome(retry(task, { signal: waiting.signal }));
    await clock.advance(0);
    waiting.abort(new Error('enough'));
    expect(String(await first)).toBe('Error: enough');
    await clock.advance(10_000);
    expect(atMs).toEqual([0]);

    const trying = new AbortController();
    let seen: AbortSignal | undefined;
    const forever = (_attempt: number, signal: AbortSignal) => {
      seen = signal;
      return new Promise<never>(() => {});
    };
    const second = outcome(retry(forever, { signal: trying.signal }));
    await clock.advance(0);
    trying.abort(new Error('enough'));
    expect(String(await second)).toBe('Error: enough');
    expect(seen?.aborted).toBe(true);
  });

  it('closes a connection that comes after it was stopped', async () => {
    const controller = new AbortController();
    let isClosed = false;
    let connect = (_: Disposable) => {};
    const task = () =>
      new Promise<Disposable>((resolve) => {
        connect = resolve;
      });
    const result = outcome(retry(task, { signal: controller.signal }));
    await clock.advance(0);
    controller.abort();
    connect({
      [Symbol.dispose]: () => {
        isClosed = true;
      },
    });
    await result;
    await clock.advance(0);
    expect(isClosed).toBe(true);
  });

  it('fails as its own task does that throws, or its own questions', async () => {
    const thrown = () => {
      throw new TypeError('thrown');
    };
    expect(String(await outcome(retry(thrown)))).toBe('TypeError: thrown');
    const { task } = failing();
    expect(String(await outcome(retry(task, { onRetry: thrown })))).toBe('TypeError: thrown');
  });

  const refused: [RetryOptions, string][] = [
    [{ attempts: 0 }, 'attempts must be an integer from 1'],
    [{ initialDelayMs: -1 }, 'initialDelayMs must be'],
    [{ maxDelayMs: Number.NaN }, 'maxDelayMs must be'],
    [{ timeoutMs: -1 }, 'timeoutMs must be'],
    [{ factor: 0.5 }, 'factor must be a number from 1 on: got 0.5'],
    [{ jitter: 2 }, 'jitter must be a number from 0 to 1: got 2'],
  ];
  it.each(refused)('refuses %o', (options, message) => {
    expect(() => retry(async () => 0, options)).toThrow(message);
  });
});

describe('RetryBudget', () => {
  it('ends retries when they are spent, and earns them with first tries', async () => {
    const budget = new RetryBudget({ ratio: 0.5, reserve: 3 });
    const options = { budget, jitter: 0, attempts: 10 };
    const first = failing();
    const result = outcome(retry(first.task, options));
    await clock.advance(100_000);
    await result;
    // The reserve was full: nothing was earned.
    expect(first.atMs.length).toBe(1 + 3);
    const second = failing();
    const again = outcome(retry(second.task, options));
    await clock.advance(100_000);
    await again;
    expect(second.atMs.length).toBe(1);
    expect(budget.left).toBe(0.5);
  });

  it('refuses what is no budget', () => {
    expect(() => new RetryBudget({ ratio: -1 })).toThrow('ratio must be');
    expect(() => new RetryBudget({ reserve: 1.5 })).toThrow('reserve must be');
  });
});
