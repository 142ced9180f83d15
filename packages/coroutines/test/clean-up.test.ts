// biome-ignore-all lint/correctness/useYield: a body that ends at once, or fails, is what some of these are about.
/** What runs when something has ended: resources and clean-ups, and what becomes of errors in them. */
import {
  coroutine,
  ensure,
  fromPromise,
  isCanceledError,
  ManualResetEvent,
  resource,
  resumeAfter,
  scope,
  whenAll,
  whenAny,
} from '@netloom/coroutines';
import { expect, expectTypeOf, it } from 'vitest';
import { failing, rejection, sleeper } from './helpers.js';

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
    const isThere = new ManualResetEvent();
    const action = coroutine(function* () {
      return yield* scope(function* (s) {
        const one = yield* s.acquire(thing(log, 'one'));
        expectTypeOf(one).toEqualTypeOf<string>();
        s.defer(() => log.push('deferred'));
        const two = yield* s.acquire(thing(log, 'two'));
        s.spawn(sleeper, log, 'child', isStopped ? 1e8 : 5);
        isThere.set();
        yield* resumeAfter(isStopped ? 1e8 : 0);
        return one + two;
      });
    })();
    if (isStopped) {
      await isThere.wait();
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

it('a grace bounds clean-ups also where it was over before they began', async () => {
  const log: string[] = [];
  const cleanUp = (name: string) =>
    function* () {
      log.push(`${name} begins`);
      yield* resumeAfter(1e8);
    };
  const body = coroutine(function* () {
    ensure(cleanUp('ensure'));
    try {
      yield* scope(function* (s) {
        s.defer(cleanUp('defer'));
        try {
          yield* resumeAfter(1e8);
        } finally {
          yield* resumeAfter(1e8);
        }
      });
    } finally {
      log.push('scope has ended');
    }
  });
  const action = body();
  action.cancel('enough', { graceMs: 5 });
  expect(isCanceledError(await rejection(action))).toBe(true);
  expect(log).toEqual(['defer begins', 'scope has ended', 'ensure begins']);
});

it('a resource is closed also where the stop came while it opened, or no time is left', async () => {
  const log: string[] = [];
  const thing = (name: string, closingMs: number) =>
    resource<string>(function* (provide) {
      try {
        yield* resumeAfter(1);
      } catch {
        log.push(`${name} opens all the same`);
      }
      try {
        yield* provide(name);
      } finally {
        log.push(`${name} closes`);
        yield* resumeAfter(closingMs);
      }
    });
  const opening = thing('stubborn', 1).open();
  const body = coroutine(function* () {
    const opened = yield* opening;
    yield* fromPromise(opened.close());
  });
  const stopped = body();
  stopped.cancel();
  expect(isCanceledError(await rejection(stopped))).toBe(true);
  const hurried = scope(
    function* (s) {
      yield* s.acquire(thing('first', 1e8));
      yield* s.acquire(thing('second', 1e8));
      s.cancel('enough');
    },
    { graceMs: 1 },
  );
  await hurried;
  expect(log).toEqual([
    'stubborn opens all the same',
    'stubborn closes',
    'second closes',
    'first closes',
  ]);
});

it('an error that its scope and whoever waits for it have is thrown once, and not attached to itself', async () => {
  const error = new Error('once');
  const seen = await rejection(
    scope(function* (s) {
      const child = s.spawn(function* () {
        throw error;
      });
      yield* child;
    }),
  );
  expect(seen).toBe(error);
  expect(seen).not.toHaveProperty('suppressed');
});

it('an error is not hidden behind the stop that it has come after', async () => {
  const error = new Error('while it was stopped');
  const fails = coroutine(function* () {
    try {
      yield* resumeAfter(1e8);
    } finally {
      // biome-ignore lint/correctness/noUnsafeFinally: what fails while it cleans up is asked for here.
      throw error;
    }
  });
  for (const wait of [whenAll, whenAny]) {
    const action = coroutine(function* () {
      yield* wait([fails(), resumeAfter(1e8)]);
    })();
    action.cancel();
    expect([await rejection(action), action.status]).toEqual([error, 'Error']);
  }
});
