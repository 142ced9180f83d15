// biome-ignore-all lint/correctness/useYield: a body that ends at once, or fails, is what some of these are about.
/** Structured concurrency beyond the plain scope: supervision, grace, shields, deadlines. */
import {
  type CanceledError,
  type Clock,
  clock,
  coroutine,
  currentDeadline,
  getCancellationToken,
  type IAsyncInfo,
  isCanceledError,
  resumeAfter,
  Scope,
  scope,
  setClock,
  shield,
  whenAll,
  withTimeout,
} from '@netloom/coroutines';
import { expect, it } from 'vitest';
import { failing, rejection, sleeper } from './helpers.js';

/** Does not end when it is stopped: its clean-up waits for ever, and is asked again and again. */
const stubborn = coroutine(function* (log: string[]) {
  try {
    yield* resumeAfter(1e8);
  } finally {
    try {
      log.push('cleaning up');
      yield* resumeAfter(1e8);
    } finally {
      log.push('clean-up stopped');
      yield* shield(resumeAfter(1e8));
    }
  }
});

// Supervision

it('in a supervised scope a failure leaves the others alone, and all are thrown when all have ended', async () => {
  const log: string[] = [];
  const [first, second] = [new Error('1'), new Error('2')];
  const seen = await rejection(
    scope(
      function* (s) {
        s.spawn(failing, 1, first);
        s.spawn(failing, 5, second);
        s.spawn(sleeper, log, 'child', 20);
        yield* resumeAfter(10);
        log.push('body done');
      },
      { supervised: true },
    ),
  );
  expect(seen).toBe(first);
  expect(seen).toMatchObject({ suppressed: [second] });
  expect(log).toEqual(['body done', 'child done']);
});

it('onFailure takes them as they happen, with the child; then nothing is thrown', async () => {
  const seen: unknown[] = [];
  const error = new Error('told');
  let child: IAsyncInfo | undefined;
  const result = await scope(
    function* (s) {
      child = s.spawn(failing, 0, error);
      yield* resumeAfter(5);
      return 'body done';
    },
    { supervised: true, onFailure: (failure, of) => seen.push(failure, of) },
  );
  expect(result).toBe('body done');
  expect([seen.length, seen[0], seen[1] === child]).toEqual([2, error, true]);
});

it('the body’s own failure, and one of onFailure, stop the others also when supervised', async () => {
  const log: string[] = [];
  const error = new Error('body');
  const own = scope(
    function* (s) {
      s.spawn(sleeper, log, 'child', 1e8);
      yield* resumeAfter(0);
      throw error;
    },
    { supervised: true },
  );
  expect(await rejection(own)).toBe(error);
  const handler = scope(
    function* (s) {
      s.spawn(sleeper, log, 'child', 1e8);
      s.spawn(failing, 0, new Error('first'));
      yield* resumeAfter(1e8);
    },
    {
      supervised: true,
      onFailure: () => {
        throw error;
      },
    },
  );
  expect(await rejection(handler)).toBe(error);
  expect(log).toEqual(['child stopped', 'child stopped']);
});

// Grace

it('after its grace every wait of a stopped coroutine fails, in finally and behind a shield too', async () => {
  const log: string[] = [];
  const action = stubborn(log);
  action.cancel('enough', { graceMs: 5 });
  const error = await rejection(action);
  expect(log).toEqual(['cleaning up', 'clean-up stopped']);
  expect(isCanceledError(error)).toBe(true);
  expect(String(error)).toContain('had not ended 5 ms after it was asked to stop');
  expect(error).toMatchObject({ cause: { message: 'canceled: enough' } });
  expect(action.status).toBe('Canceled');
});

it('a grace reaches what the coroutine waits for, however it is combined', async () => {
  const log: string[] = [];
  const outer = coroutine(function* () {
    yield* whenAll([stubborn(log), scope((s) => nested(s, log))]);
  });
  const nested = function* (s: Scope, into: string[]) {
    s.spawn(stubborn, into);
    yield* stubborn(into);
  };
  const action = outer();
  action.cancel(undefined, { graceMs: 0 });
  await rejection(action);
  expect(log.filter((line) => line === 'clean-up stopped')).toHaveLength(3);
});

it('what ends within its grace is not disturbed, and its timer is taken back', async () => {
  let timers = 0;
  const before = setClock(undefined);
  const counting: Clock = {
    now: () => before.now(),
    setTimer: (ms, fire) => {
      timers += 1;
      const timer = before.setTimer(ms, () => {
        timers -= 1;
        fire();
      });
      return {
        cancel: () => {
          timers -= 1;
          timer.cancel();
        },
      };
    },
  };
  setClock(counting);
  const body = coroutine(function* () {
    try {
      yield* resumeAfter(1e7);
    } finally {
      yield* resumeAfter(1);
    }
  });
  const action = body();
  action.cancel(undefined, { graceMs: 1e6 });
  const error = await rejection(action);
  setClock(before);
  expect(String(error)).toBe('CanceledError: canceled');
  expect(timers).toBe(0);
});

it('a second cancel() can only shorten the grace', async () => {
  const log: string[] = [];
  const action = stubborn(log);
  action.cancel('first');
  action.cancel('second', { graceMs: 1 });
  action.cancel('third', { graceMs: 1e7 });
  const error = await rejection(action);
  expect(error).toMatchObject({ cause: { message: 'canceled: first' } });
  expect(() => sleeper([], '', 1e8).cancel(0, { graceMs: -1 })).toThrow(RangeError);
});

it('a scope’s grace counts whatever stops its children', async () => {
  const log: string[] = [];
  const error = new Error('sibling');
  const seen = await rejection(
    scope(
      function* (s) {
        s.spawn(stubborn, log);
        s.defer(function* () {
          log.push('deferred');
        });
        yield* failing(0, error);
      },
      { graceMs: 5 },
    ),
  );
  expect(seen).toBe(error);
  expect(log).toEqual(['cleaning up', 'clean-up stopped', 'deferred']);
});

// Shields

it('a shielded wait goes on to its end, and the stop arrives at the next', async () => {
  const log: string[] = [];
  const body = coroutine(function* () {
    yield* shield(sleeper(log, 'saving', 5));
    log.push('saved');
    yield* resumeAfter(1e8);
    log.push('never');
  });
  const action = body();
  action.cancel();
  expect(isCanceledError(await rejection(action))).toBe(true);
  expect(log).toEqual(['saving done', 'saved']);
});

it('an async body can shield as well', async () => {
  const log: string[] = [];
  const body = coroutine(async () => {
    await shield(sleeper(log, 'saving', 5));
    await resumeAfter(1e8);
  });
  const action = body();
  action.cancel();
  expect(isCanceledError(await rejection(action))).toBe(true);
  expect(log).toEqual(['saving done']);
});

it('a shield begins nothing when a stop is due; what runs already it shields', async () => {
  const log: string[] = [];
  let self: IAsyncInfo | undefined;
  const lazy = coroutine(function* () {
    yield* resumeAfter(0);
    self?.cancel();
    yield* shield(resumeAfter(1e8));
  });
  self = lazy();
  expect(isCanceledError(await rejection(self as never))).toBe(true);
  const hot = coroutine(function* () {
    yield* resumeAfter(0);
    const saving = sleeper(log, 'saving', 2);
    self?.cancel();
    yield* shield(saving);
    log.push('saved');
  });
  const action = hot();
  self = action;
  await action;
  expect(log).toEqual(['saving done', 'saved']);
});

it('the error of what is shielded is thrown as it is', async () => {
  const error = new Error('not saved');
  expect(await rejection(shield(failing(1, error)))).toBe(error);
  expect(await shield(Promise.resolve(7))).toBe(7);
});

// Deadlines

it('what has not ended by its deadline is stopped, waited for, and fails with a TimeoutError', async () => {
  const log: string[] = [];
  const error = await rejection(
    scope(
      function* (s) {
        s.spawn(sleeper, log, 'child', 1e8);
        yield* sleeper(log, 'body', 1e8);
      },
      { timeoutMs: 5 },
    ),
  );
  expect(error).toMatchObject({ name: 'TimeoutError' });
  expect(error).toBeInstanceOf(DOMException);
  expect([...log].sort()).toEqual(['body stopped', 'child stopped']);
});

it('a scope that ends in time keeps its result and leaves no timer', async () => {
  const result = await scope(
    function* () {
      yield* resumeAfter(0);
      return 'in time';
    },
    { timeoutMs: 1e8 },
  );
  expect(result).toBe('in time');
});

it('deadlines nest: the nearest one counts, for the scope inside as for what it calls', async () => {
  const seen: (number | undefined)[] = [currentDeadline()];
  const looks = coroutine(function* () {
    seen.push(currentDeadline());
  });
  const start = clock.now();
  await scope(
    function* () {
      seen.push(currentDeadline());
      yield* scope(
        function* () {
          yield* looks();
        },
        { timeoutMs: 1e8 },
      );
      yield* scope(
        function* () {
          yield* looks();
        },
        { deadline: start + 1e4 },
      );
    },
    { timeoutMs: 1e6 },
  );
  const [none, outer, far, near] = seen;
  expect(none).toBeUndefined();
  expect(outer).toBeGreaterThan(start + 1e6 - 1);
  expect(far).toBe(outer);
  expect(near).toBe(start + 1e4);
});

it('an outer deadline that passes first is the outer scope’s error, not the inner one’s', async () => {
  const log: string[] = [];
  const error = await rejection(
    scope(
      function* () {
        try {
          yield* scope(() => sleeper(log, 'inner', 1e8) as never, { timeoutMs: 1e7 });
        } catch (inner) {
          log.push(String((inner as CanceledError).name));
          throw inner;
        }
      },
      { timeoutMs: 2 },
    ),
  );
  expect(error).toMatchObject({ name: 'TimeoutError' });
  expect(log).toEqual(['inner stopped', 'CanceledError']);
});

it('withTimeout() stops one wait, and keeps a result that came all the same', async () => {
  const log: string[] = [];
  const error = await rejection(withTimeout(sleeper(log, 'it', 1e8), { timeoutMs: 1 }));
  expect(error).toMatchObject({ name: 'TimeoutError' });
  expect(log).toEqual(['it stopped']);
  const late = coroutine(function* () {
    getCancellationToken().enablePropagation(false);
    yield* resumeAfter(10);
    return 'all the same';
  });
  expect(await withTimeout(late(), { timeoutMs: 1 })).toBe('all the same');
  expect(await withTimeout(Promise.resolve(1), { timeoutMs: 1e7 })).toBe(1);
  expect(
    await rejection(withTimeout(failing(0, new RangeError('own')), { timeoutMs: 1e7 })),
  ).toBeInstanceOf(RangeError);
});

it('a stop is not taken for a timeout', async () => {
  const action = coroutine(function* () {
    yield* withTimeout(resumeAfter(1e8), { timeoutMs: 1e7 });
  })();
  action.cancel();
  expect(isCanceledError(await rejection(action))).toBe(true);
});

it('a time that is none is refused at once', () => {
  expect(() => scope(function* () {}, { timeoutMs: -1 })).toThrow(RangeError);
  expect(() => withTimeout(resumeAfter(0), { deadline: Number.NaN })).toThrow(RangeError);
  expect(() => new Scope({ timeoutMs: Number.NaN })).toThrow(RangeError);
});

it('a scope in class form has its deadline from when it was made', async () => {
  const log: string[] = [];
  const s = new Scope({ timeoutMs: 5 });
  s.spawn(sleeper, log, 'child', 1e8);
  expect(await rejection(s.join())).toMatchObject({ name: 'TimeoutError' });
  expect(log).toEqual(['child stopped']);
});
