// biome-ignore-all lint/correctness/useYield: a body that ends at once, or fails, is what some of these are about.
/** Structured concurrency beyond the plain scope: supervision, grace, shields, deadlines, resources, clean-ups. */
import {
  type CanceledError,
  type Clock,
  clock,
  coroutine,
  currentDeadline,
  ensure,
  getCancellationToken,
  type IAsyncInfo,
  isCanceledError,
  resource,
  resumeAfter,
  Scope,
  scope,
  setClock,
  shield,
  whenAll,
  withTimeout,
} from '@netloom/coroutines';
import { expect, expectTypeOf, it } from 'vitest';

async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it did not reject');
}

const sleeper = coroutine(function* (log: string[], name: string, ms: number) {
  try {
    yield* resumeAfter(ms);
    log.push(`${name} done`);
  } catch (error) {
    log.push(`${name} stopped`);
    throw error;
  }
});

const failing = coroutine(function* (ms: number, error: Error) {
  yield* resumeAfter(ms);
  throw error;
});

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

// Resources and clean-ups

const thing = (log: string[], name: string) =>
  resource<string>(function* (provide) {
    yield* resumeAfter(0);
    log.push(`${name} opened`);
    try {
      yield* provide(name);
    } finally {
      yield* resumeAfter(0);
      log.push(`${name} closed`);
    }
  });

it('resources are closed in reverse order when no child is left, however the scope ended', async () => {
  for (const isStopped of [false, true]) {
    const log: string[] = [];
    const action = coroutine(function* () {
      return yield* scope(function* (s) {
        const one = yield* s.acquire(thing(log, 'one'));
        expectTypeOf(one).toEqualTypeOf<string>();
        s.defer(() => log.push('deferred'));
        const two = yield* s.acquire(thing(log, 'two'));
        s.spawn(sleeper, log, 'child', isStopped ? 1e8 : 5);
        yield* resumeAfter(isStopped ? 1e8 : 0);
        return one + two;
      });
    })();
    if (isStopped) {
      await resumeAfter(20);
      action.cancel();
      await rejection(action);
    } else {
      expect(await action).toBe('onetwo');
    }
    expect(log).toEqual([
      'one opened',
      'two opened',
      isStopped ? 'child stopped' : 'child done',
      'two closed',
      'deferred',
      'one closed',
    ]);
  }
});

it('await using closes a resource where its block is left', async () => {
  const log: string[] = [];
  {
    await using it = await thing(log, 'it').open();
    log.push(`used ${it.value}`);
    await it.close();
  }
  expect(log).toEqual(['it opened', 'used it', 'it closed']);
});

it('a failure while opening is thrown where it is opened; one while closing where it is closed', async () => {
  const error = new Error('refused');
  const refuses = resource<never>(function* () {
    yield* resumeAfter(0);
    throw error;
  });
  expect(await rejection(refuses.open())).toBe(error);
  const empty = resource<never>(function* () {});
  expect(String(await rejection(empty.open()))).toContain('ended without provide()');
  const sticks = resource<string>(function* (provide) {
    try {
      yield* provide('it');
    } finally {
      // biome-ignore lint/correctness/noUnsafeFinally: a clean-up that fails is what this is about.
      throw error;
    }
  });
  const open = await sticks.open();
  expect(await rejection(open.close())).toBe(error);
  expect(
    await rejection(
      scope(function* (s) {
        yield* s.acquire(sticks);
      }),
    ),
  ).toBe(error);
});

it('opening that is stopped closes what was opened until then', async () => {
  const log: string[] = [];
  const slow = resource<string>(function* (provide) {
    try {
      yield* resumeAfter(1e8);
      yield* provide('it');
    } finally {
      log.push('taken back');
    }
  });
  const action = coroutine(function* () {
    yield* scope(function* (s) {
      yield* s.acquire(slow);
    });
  })();
  action.cancel();
  expect(isCanceledError(await rejection(action))).toBe(true);
  expect(log).toEqual(['taken back']);
});

it('a resource that fails while it is open fails the scope, once', async () => {
  const log: string[] = [];
  const error = new Error('broke');
  const flaky = resource<string>(function* (provide) {
    const failure = failing(2, error);
    yield* whenAll([provide('it'), failure]);
  });
  const seen = await rejection(
    scope(function* (s) {
      yield* s.acquire(flaky);
      yield* sleeper(log, 'body', 1e8);
    }),
  );
  expect(seen).toBe(error);
  expect(seen).not.toHaveProperty('suppressed');
  expect(log).toEqual(['body stopped']);
});

it('ensure() cleans up when the body has ended, last first, before anybody hears of it', async () => {
  const log: string[] = [];
  const work = coroutine(function* (how: 'returns' | 'throws' | 'stops') {
    ensure(() => log.push('first'));
    ensure(function* () {
      yield* resumeAfter(1);
      log.push('second');
    });
    if (how === 'throws') throw new RangeError('own');
    if (how === 'stops') yield* resumeAfter(1e8);
    return how;
  });
  expect(await work('returns')).toBe('returns');
  expect(await rejection(work('throws'))).toBeInstanceOf(RangeError);
  const action = work('stops');
  action.cancel();
  await rejection(action);
  expect(action.status).toBe('Canceled');
  expect(log).toEqual(['second', 'first', 'second', 'first', 'second', 'first']);
});

it('ensure() in an async body, and failures of clean-ups', async () => {
  const [own, late] = [new Error('own'), new Error('late')];
  const work = coroutine(async (isFailing: boolean) => {
    ensure(() => {
      throw late;
    });
    await resumeAfter(0);
    if (isFailing) throw own;
  });
  expect(await rejection(work(false))).toBe(late);
  const seen = await rejection(work(true));
  expect(seen).toBe(own);
  expect(seen).toMatchObject({ suppressed: [late] });
  const stopped = work(false);
  stopped.cancel();
  expect(await rejection(stopped)).toBe(late);
  expect(stopped.status).toBe('Error');
  expect(() => ensure(() => {})).toThrow('ensure() was called outside of a coroutine');
});

it('a clean-up of ensure() is not disturbed by a stop, but by the end of its grace', async () => {
  const log: string[] = [];
  const work = coroutine(function* () {
    ensure(function* () {
      try {
        yield* resumeAfter(1e8);
      } finally {
        log.push('clean-up stopped');
      }
    });
  });
  const action = work();
  action.cancel('first');
  await resumeAfter(1);
  expect([action.status, ...log]).toEqual(['Started']);
  action.cancel('second', { graceMs: 1 });
  await rejection(action);
  expect(log).toEqual(['clean-up stopped']);
});
