/** The semaphore: order, permits that no stop can lose, closing, limits, and a random program against a model. */
import {
  ClosedError,
  coroutine,
  isClosedError,
  Permit,
  resumeAfter,
  Semaphore,
  whenAny,
} from '@netloom/coroutines';
import fc from 'fast-check';
import { expect, it } from 'vitest';

/** Takes a permit, says so, and keeps it until told. */
function holders(semaphore: Semaphore) {
  const log: string[] = [];
  const start = coroutine(function* (name: string, count: number) {
    yield* semaphore.acquire({ count });
    log.push(name);
  });
  return { log, start };
}

it('acquire() of a free permit does not suspend a coroutine, and a taken one is not given twice', () => {
  const semaphore = new Semaphore(2);
  const { log, start } = holders(semaphore);
  for (const name of ['a', 'b', 'c']) start(name, 1);
  expect(log).toEqual(['a', 'b']);
  expect([semaphore.available, semaphore.waiting]).toEqual([0, 1]);
  semaphore.release();
  expect(log).toEqual(['a', 'b', 'c']);
  expect([semaphore.available, semaphore.waiting]).toEqual([0, 0]);
});

it('is lazy: acquire() that nobody waits for takes nothing', () => {
  const semaphore = new Semaphore(1);
  semaphore.acquire();
  expect(semaphore.available).toBe(1);
});

it('can be awaited', async () => {
  const semaphore = new Semaphore(1);
  await semaphore.acquire();
  const second = semaphore.acquire().then(() => 'second');
  semaphore.release();
  expect(await second).toBe('second');
});

it('serves in the order of asking: who asks for many is not overtaken by who asks for few', () => {
  const semaphore = new Semaphore(0);
  const { log, start } = holders(semaphore);
  start('three', 3);
  start('one', 1);
  semaphore.release(2);
  expect(log).toEqual([]);
  expect(semaphore.tryAcquire()).toBe(false);
  semaphore.release(2);
  expect(log).toEqual(['three', 'one']);
  expect(semaphore.available).toBe(0);
});

it('when the one that stood in the way is stopped, those behind it go on', async () => {
  const semaphore = new Semaphore(2);
  const { log, start } = holders(semaphore);
  const many = start('three', 3);
  const one = start('one', 1);
  many.cancel();
  expect(log).toEqual(['one']);
  await Promise.allSettled([many, one]);
  expect([semaphore.available, semaphore.waiting]).toEqual([1, 0]);
});

it('a permit that was granted to a coroutine that is then stopped before it runs is given back by its block', async () => {
  const semaphore = new Semaphore(1);
  const log: string[] = [];
  const work = coroutine(function* (name: string) {
    using permit = yield* semaphore.permit();
    log.push(`${name} has ${permit.count}`);
    yield* resumeAfter(0);
    log.push(`${name} ends`);
  });
  const first = new Permit(semaphore, 1);
  expect(semaphore.tryAcquire()).toBe(true);
  const [a, b] = [work('a'), work('b')];
  await coroutine(function* () {
    // In one slice: granted to a, which has not run yet when it is stopped.
    first.release();
    a.cancel();
    yield* resumeAfter(0);
  })();
  await Promise.allSettled([a, b]);
  expect(a.status).toBe('Canceled');
  expect(log).toEqual(['a has 1', 'b has 1', 'b ends']);
  expect(semaphore.available).toBe(1);
});

it('the loser of whenAny() has taken no permit', async () => {
  const semaphore = new Semaphore(0);
  const other = new Semaphore(1);
  expect(await whenAny([semaphore.acquire(), other.acquire()])).toEqual({
    index: 1,
    value: undefined,
  });
  expect(semaphore.waiting).toBe(0);
  semaphore.release();
  expect(semaphore.available).toBe(1);
});

it('a permit releases once', () => {
  const semaphore = new Semaphore(0, { max: 1 });
  const permit = new Permit(semaphore, 1);
  permit.release();
  permit.release();
  permit[Symbol.dispose]();
  expect(semaphore.available).toBe(1);
});

it('timeoutMs: fails with a TimeoutError, takes nothing, and 0 does not wait at all', async () => {
  const semaphore = new Semaphore(0);
  for (const timeoutMs of [0, 1]) {
    await expect(semaphore.acquire({ timeoutMs })).rejects.toMatchObject({
      name: 'TimeoutError',
      message: `semaphore.acquire() took longer than ${timeoutMs} ms`,
    });
  }
  semaphore.release();
  await semaphore.acquire({ timeoutMs: 0 });
  expect([semaphore.available, semaphore.waiting]).toEqual([0, 0]);
  expect(() => semaphore.acquire({ timeoutMs: -1 })).toThrow(RangeError);
});

it('a granted wait with a limit leaves no timer', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const semaphore = new Semaphore(0);
  const wait = semaphore.acquire({ timeoutMs: 1e6 }).then(() => 'granted');
  expect(timers()).toBe(before + 1);
  semaphore.release();
  expect(await wait).toBe('granted');
  expect(timers()).toBe(before);
});

it('a signal stops the wait with its own reason', async () => {
  const semaphore = new Semaphore(0);
  const stop = new AbortController();
  const wait = Promise.allSettled([semaphore.acquire({ signal: stop.signal }).then()]);
  stop.abort('enough');
  expect(await wait).toEqual([{ status: 'rejected', reason: 'enough' }]);
  expect(semaphore.waiting).toBe(0);
});

it('close() wakes all who wait with a ClosedError and refuses whoever comes later', async () => {
  const semaphore = new Semaphore(0);
  const waits = Promise.allSettled([semaphore.acquire().then(), semaphore.permit().then()]);
  semaphore.close('no more');
  semaphore.close();
  for (const { status, reason } of (await waits) as PromiseRejectedResult[]) {
    expect(status).toBe('rejected');
    expect(isClosedError(reason)).toBe(true);
    expect(reason).toMatchObject({ code: 'ERR_CLOSED', cause: 'no more' });
  }
  await expect(semaphore.acquire()).rejects.toThrow(ClosedError);
  expect(() => semaphore.tryAcquire()).toThrow(ClosedError);
  semaphore.release();
  expect(semaphore.available).toBe(1);
});

it('refuses counts that are none, and more permits than max', () => {
  expect(() => new Semaphore(-1)).toThrow(RangeError);
  expect(() => new Semaphore(1.5)).toThrow(RangeError);
  expect(() => new Semaphore(3, { max: 2 })).toThrow(RangeError);
  const semaphore = new Semaphore(1, { max: 2 });
  expect(() => semaphore.acquire({ count: 3 })).toThrow(RangeError);
  expect(() => semaphore.acquire({ count: 0 })).toThrow(RangeError);
  expect(() => semaphore.release(2)).toThrow(
    'release(2) would make more permits than max, 2: 1 are free already',
  );
  expect(semaphore.available).toBe(1);
});

it('the operation object is used again, and a second use of it is refused all the same', async () => {
  const semaphore = new Semaphore(4);
  const seen = new Set<object>();
  await coroutine(function* () {
    for (let i = 0; i < 4; i++) {
      const wait = semaphore.acquire();
      seen.add(wait);
      yield* wait;
    }
    const [kept] = seen;
    expect(seen.size).toBe(1);
    expect(() => (kept as ReturnType<Semaphore['acquire']>)[Symbol.iterator]()).toThrow(
      'already been waited for',
    );
  })();
  expect(semaphore.available).toBe(0);
});

it('random programs: permits are never lost, never made, and given in the order of asking', async () => {
  type Step = ['ask', number] | ['stop', number] | ['give', number];
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.tuple(fc.constant('ask' as const), fc.integer({ min: 1, max: 3 })),
    fc.tuple(fc.constant('stop' as const), fc.nat(6)),
    fc.tuple(fc.constant('give' as const), fc.integer({ min: 1, max: 3 })),
  );
  await fc.assert(
    fc.asyncProperty(fc.nat(3), fc.array(step, { maxLength: 40 }), async (permits, steps) => {
      const semaphore = new Semaphore(permits);
      const real: number[] = [];
      const ask = coroutine(function* (id: number, count: number) {
        yield* semaphore.acquire({ count });
        real.push(id);
      });
      // The model: a number and a list.
      const model: number[] = [];
      let free = permits;
      let line: { id: number; count: number }[] = [];
      const serve = () => {
        for (let first = line[0]; first !== undefined && first.count <= free; first = line[0]) {
          free -= first.count;
          model.push(first.id);
          line.shift();
        }
      };
      const asked: ReturnType<typeof ask>[] = [];
      const run = coroutine(function* (together: readonly Step[]) {
        // One slice: nothing that is woken runs before its end.
        for (const [what, n] of together) {
          if (what === 'ask') {
            line.push({ id: asked.length, count: n });
            serve();
            asked.push(ask(asked.length, n));
          } else if (what === 'stop') {
            // One who waits, as far as somebody does; else one who has its permit, to no effect.
            const stopped = line[n % Math.max(line.length, 1)]?.id ?? n;
            line = line.filter(({ id }) => id !== stopped);
            serve();
            asked[stopped]?.cancel();
          } else {
            free += n;
            serve();
            semaphore.release(n);
          }
        }
      });
      for (let i = 0; i < steps.length; i += 3) {
        run(steps.slice(i, i + 3));
        // The budget may have sent some of them round by the event loop.
        await new Promise((resolve) => setImmediate(resolve));
        expect(new Set(real)).toEqual(new Set(model));
        expect([semaphore.available, semaphore.waiting]).toEqual([free, line.length]);
      }
      expect(real.length).toBe(model.length);
      semaphore.close();
      await Promise.allSettled(asked);
    }),
    { numRuns: 500 },
  );
});

it('a wait that gives up, and is stopped by whom it makes way for, leaves the line once', async () => {
  const semaphore = new Semaphore(1);
  const abort = new AbortController();
  const many = coroutine(function* () {
    yield* semaphore.acquire({ count: 2, signal: abort.signal });
  })();
  const few = coroutine(function* () {
    yield* semaphore.acquire();
    many.cancel();
    return 'few';
  })();
  const next = coroutine(function* () {
    yield* semaphore.acquire();
    return 'next';
  })();
  abort.abort(new Error('given up'));
  await expect(many).rejects.toThrow('given up');
  expect(await few).toBe('few');
  expect([semaphore.waiting, semaphore.available]).toEqual([1, 0]);
  semaphore.release();
  expect(await next).toBe('next');
  expect([semaphore.waiting, semaphore.available]).toEqual([0, 0]);
});
