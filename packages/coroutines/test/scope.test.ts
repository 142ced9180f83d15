// biome-ignore-all lint/correctness/useYield: a body that ends at once, or fails, is what some of these are about.
/** Scopes: nothing outlives them, no failure is lost, clean-ups run last and backwards. */
import {
  CanceledError,
  coroutine,
  isCanceledError,
  ManualResetEvent,
  resumeAfter,
  Scope,
  scope,
} from '@netloom/coroutines';
import { expect, expectTypeOf, it } from 'vitest';
import { failing, rejection } from './helpers.js';

const sleeper = coroutine(function* (log: string[], name: string, ms: number) {
  try {
    yield* resumeAfter(ms);
    log.push(`${name} done`);
  } catch (error) {
    log.push(`${name} stopped`);
    throw error;
  } finally {
    yield* resumeAfter(1);
    log.push(`${name} left`);
  }
});

/** Fails while it is being stopped. */
const failsStopping = coroutine(function* (error: Error) {
  try {
    yield* resumeAfter(1e8);
  } finally {
    // biome-ignore lint/correctness/noUnsafeFinally: a clean-up that fails is what this is about.
    throw error;
  }
});

it('gives the result of its body when all that was spawned has ended', async () => {
  const log: string[] = [];
  const bodyEnds = new ManualResetEvent();
  const result = await scope(function* (s) {
    s.spawn(function* () {
      yield* bodyEnds.wait();
      log.push('child done');
      yield* resumeAfter(1);
      log.push('child left');
    });
    const sum = yield* s.spawn(
      function* (a: number, b: number) {
        yield* resumeAfter(1);
        return a + b;
      },
      1,
      2,
    );
    expectTypeOf(sum).toEqualTypeOf<number>();
    log.push('body ends');
    bodyEnds.set();
    return sum;
  });
  expect(result).toBe(3);
  expect(log).toEqual(['body ends', 'child done', 'child left']);
});

it('takes an async body', async () => {
  const log: string[] = [];
  const result = await scope(async (s) => {
    s.spawn(sleeper, log, 'child', 2);
    return 'async';
  });
  expect([result, ...log]).toEqual(['async', 'child done', 'child left']);
});

it('the first failure stops body and children, waits for them, and is thrown as it is', async () => {
  const log: string[] = [];
  const error = new RangeError('first');
  const seen = await rejection(
    scope(function* (s) {
      s.spawn(sleeper, log, 'child', 1e8);
      s.spawn(failing, 1, error);
      try {
        yield* resumeAfter(1e8);
      } catch (stop) {
        log.push(`body stopped: ${stop instanceof CanceledError && stop.cause === error}`);
        throw stop;
      }
    }),
  );
  expect(seen).toBe(error);
  expect(seen).not.toHaveProperty('suppressed');
  expect(log).toContain('child stopped');
  expect(log).toContain('child left');
  expect(log).toContain('body stopped: true');
});

it('a failure of the body stops the children', async () => {
  const log: string[] = [];
  const error = new Error('body');
  expect(
    await rejection(
      scope(function* (s) {
        s.spawn(sleeper, log, 'child', 1e8);
        yield* resumeAfter(0);
        throw error;
      }),
    ),
  ).toBe(error);
  expect(log).toEqual(['child stopped', 'child left']);
});

it('later failures are attached to the first, each with its stack', async () => {
  const [first, second, third] = [new Error('1'), new Error('2'), new Error('3')];
  const seen = await rejection(
    scope(function* (s) {
      s.spawn(failsStopping, second);
      s.spawn(failing, 1, first);
      s.defer(() => {
        throw third;
      });
      yield* resumeAfter(0);
    }),
  );
  expect(seen).toBe(first);
  expect(seen).toMatchObject({ suppressed: [second, third] });
  expect(second.stack).toContain('scope.test.ts');
});

it('a first failure that cannot carry others becomes an AggregateError of all', async () => {
  const second = new Error('2');
  const seen = await rejection(
    scope(function* (s) {
      s.spawn(failsStopping, second);
      yield* resumeAfter(0);
      throw 'a string';
    }),
  );
  expect(seen).toBeInstanceOf(AggregateError);
  expect(seen).toMatchObject({ errors: ['a string', second] });
});

it('an error of a child that is waited for is the waiter’s affair', async () => {
  const log: string[] = [];
  const result = await scope(function* (s) {
    s.spawn(sleeper, log, 'child', 3);
    try {
      yield* s.spawn(failing, 1, new Error('caught'));
    } catch (error) {
      return String(error);
    }
    return 'not thrown';
  });
  expect(result).toBe('Error: caught');
  expect(log).toEqual(['child done', 'child left']);
});

it('a child that has failed before anybody could look fails the scope', async () => {
  const error = new Error('at once');
  const seen = rejection(
    scope(function* (s) {
      s.spawn(function* () {
        throw error;
      });
      yield* resumeAfter(1e8);
    }),
  );
  expect(await seen).toBe(error);
});

it('a child that was cancelled by itself is no failure', async () => {
  const log: string[] = [];
  await scope(function* (s) {
    const child = s.spawn(sleeper, log, 'child', 1e8);
    yield* resumeAfter(0);
    child.cancel();
  });
  expect(log).toEqual(['child stopped', 'child left']);
});

it('cancelling who waits for a scope stops body and children, and waits for them', async () => {
  const log: string[] = [];
  const action = coroutine(function* () {
    yield* scope(function* (s) {
      s.spawn(sleeper, log, 'child', 1e8);
      yield* sleeper(log, 'body', 1e8);
    });
  })();
  action.cancel('stop');
  const error = await rejection(action);
  expect(isCanceledError(error)).toBe(true);
  expect(action.status).toBe('Canceled');
  expect([...log].sort()).toEqual(['body left', 'body stopped', 'child left', 'child stopped']);
});

it('s.cancel() stops the children, and those that are spawned afterwards', async () => {
  const log: string[] = [];
  const error = await rejection(
    scope(function* (s) {
      s.spawn(sleeper, log, 'one', 1e8);
      s.cancel();
      s.spawn(sleeper, log, 'two', 1e8);
      yield* resumeAfter(1e8);
    }),
  );
  expect(isCanceledError(error)).toBe(true);
  expect(log).toContain('one left');
  expect(log).toContain('two left');
});

it('clean-ups run when the children have ended, the last one first, also when stopped', async () => {
  const log: string[] = [];
  const action = coroutine(function* () {
    yield* scope(function* (s) {
      s.defer(() => log.push('first deferred'));
      s.use({ [Symbol.dispose]: () => log.push('used') });
      s.use({
        [Symbol.asyncDispose]: async () => {
          await resumeAfter(1);
          log.push('used asynchronously');
        },
      });
      s.defer(function* () {
        yield* resumeAfter(1);
        log.push('last deferred');
      });
      s.spawn(sleeper, log, 'child', 1e8);
      yield* resumeAfter(1e8);
    });
  })();
  action.cancel();
  await rejection(action);
  expect(log).toEqual([
    'child stopped',
    'child left',
    'last deferred',
    'used asynchronously',
    'used',
    'first deferred',
  ]);
  // @ts-expect-error: nothing to dispose
  expect(() => new Scope().use({})).toThrow('Symbol.dispose');
});

it('a scope that has ended refuses', async () => {
  let leaked: Scope | undefined;
  await scope(async (s) => {
    leaked = s;
  });
  expect(() => leaked?.spawn(sleeper, [], 'late', 1)).toThrow('a scope that has ended');
  expect(() => leaked?.defer(() => {})).toThrow('a scope that has ended');
});

it('in class form join() waits, and leaving the block stops what still runs', async () => {
  const log: string[] = [];
  {
    await using s = new Scope();
    s.spawn(sleeper, log, 'waited for', 1);
    await s.join();
  }
  expect(log).toEqual(['waited for done', 'waited for left']);
  log.length = 0;
  {
    await using s = new Scope();
    s.spawn(sleeper, log, 'left behind', 1e8);
  }
  expect(log).toEqual(['left behind stopped', 'left behind left']);
});

it('in class form a failure is thrown by join(), or where the block is left', async () => {
  const error = new Error('child');
  const s = new Scope();
  s.spawn(failing, 1, error);
  expect(await rejection(s.join())).toBe(error);
  const left = async () => {
    await using inner = new Scope();
    inner.spawn(failsStopping, error);
  };
  expect(await rejection(left())).toBe(error);
});

it('leaving the block waits for the children also where join() was called before', async () => {
  const log: string[] = [];
  const joins: PromiseLike<unknown>[] = [];
  for (const isAwaited of [true, false]) {
    {
      await using s = new Scope();
      s.defer(function* () {
        yield* resumeAfter(1);
        log.push('cleaned up');
      });
      s.spawn(sleeper, log, 'child', 1e8);
      const end = s.join();
      if (isAwaited) joins.push(end.then());
    }
    log.push('block left');
  }
  const once = ['child stopped', 'child left', 'cleaned up', 'block left'];
  expect(log).toEqual([...once, ...once]);
  await Promise.all(joins);
});

it('leaving the block leaves a failure to whoever waits for join(), and does nothing after that', async () => {
  const error = new Error('mine');
  const s = new Scope();
  s.spawn(failsStopping, error);
  const seen = rejection(s.join());
  await s[Symbol.asyncDispose]();
  expect(await seen).toBe(error);
  await s[Symbol.asyncDispose]();
});
