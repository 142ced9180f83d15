/** What tests of users are given: time that jumps, orders that can be had again, leaks and dumps. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  Channel,
  clock,
  coroutine,
  fromPromise,
  ManualResetEvent,
  resumeAfter,
  Scope,
  Semaphore,
  scope,
  select,
  setClock,
} from '@netloom/coroutines';
import {
  detectLeaks,
  dump,
  explore,
  LeakError,
  runSeeds,
  runTest,
  ScheduleError,
  StuckError,
  VirtualClock,
  watchCoroutines,
} from '@netloom/coroutines/testing';
import { afterEach, expect, it } from 'vitest';

afterEach(() => {
  setClock(undefined);
});

it('a day passes at once, in the order of its timers, and now() is right whenever one fires', async () => {
  const log: string[] = [];
  const result = await runTest(function* (time) {
    const sleep = (hours: number) =>
      function* () {
        yield* resumeAfter(hours * 3_600_000);
        log.push(`${hours} at ${clock.now() / 3_600_000}`);
      };
    yield* scope(function* (s) {
      for (const hours of [24, 1, 12]) s.spawn(sleep(hours));
      yield* resumeAfter(0);
    });
    return time.now();
  });
  expect(log).toEqual(['1 at 1', '12 at 12', '24 at 24']);
  expect(result).toBe(24 * 3_600_000);
  expect(clock.now()).not.toBe(result);
});

it('an async body too, and real promises have their time before the clock jumps', async () => {
  await runTest(
    async (time) => {
      const fromOutside = new Promise<string>((resolve) => setImmediate(resolve, 'outside'));
      const first = await Promise.race([fromOutside, resumeAfter(1000).then(() => 'timer')]);
      expect([first, time.now()]).toEqual(['outside', 0]);
      await resumeAfter(5);
      expect(time.now()).toBeGreaterThanOrEqual(5);
    },
    { failsOnLeaks: false },
  );
});

it('a clock that is moved by hand fires what is due, each at its own time', async () => {
  const time = new VirtualClock(100);
  setClock(time);
  const log: number[] = [];
  const ticker = coroutine(function* () {
    for (let i = 0; i < 3; i++) {
      yield* resumeAfter(10);
      log.push(clock.now());
    }
  })();
  await time.advance(25);
  expect([log, time.now(), time.pending]).toEqual([[110, 120], 125, 1]);
  await time.advance(5);
  expect(log).toEqual([110, 120, 130]);
  await ticker;
  const timer = time.setTimer(1, () => log.push(-1));
  timer.cancel();
  timer.cancel();
  await time.advance(10);
  expect([log.length, time.fireNext()]).toEqual([3, false]);
});

it('the error of the body is thrown, and everything is as it was afterwards', async () => {
  const before = setClock(undefined);
  setClock(before);
  await expect(
    runTest(function* () {
      yield* resumeAfter(1);
      throw new RangeError('planned');
    }),
  ).rejects.toThrow(new RangeError('planned'));
  expect(setClock(undefined)).toBe(before);
  await resumeAfter(0);
});

it('one that waits for what never comes is named with what it waits for', async () => {
  const event = new ManualResetEvent();
  const error = await runTest(function* stuck() {
    yield* event.wait();
  }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(StuckError);
  expect(String(error)).toMatch(
    /nothing can run, and no timer is set:\ncoroutine stuck · waiting 0 ms for manualResetEvent.wait\(\)/,
  );
  expect(event.waiting).toBe(0);
});

it('a coroutine that is left behind fails the test, by name and place', async () => {
  const gate = new ManualResetEvent();
  const leftBehind = coroutine(function* leftBehind() {
    yield* gate.wait();
  });
  const error = await runTest(function* () {
    leftBehind();
    yield* resumeAfter(1);
  }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LeakError);
  expect(String(error)).toMatch(/1 coroutine never ended:\ncoroutine leftBehind · waiting/);
  expect(gate.waiting).toBe(0);
});

it('a leak detector beside any test: nothing alive is fine, anything else is named', async () => {
  const gate = new ManualResetEvent();
  const wait = coroutine(function* waiter() {
    yield* gate.wait();
  });
  const leaks = detectLeaks();
  const action = wait();
  expect(leaks.lines).toEqual([
    expect.stringMatching(/^coroutine waiter · waiting \d+ ms for manualResetEvent\.wait\(\)$/),
  ]);
  await expect(leaks.check()).rejects.toThrow(LeakError);
  gate.set();
  await action;
  await leaks.check();
  leaks.stop();
});

/** Checks that nobody is inside, waits for a permit that is free, and enters: wrong, should it ever give way there. */
function checkThenAct() {
  const free = new Semaphore(9);
  let isTaken = false;
  return scope(function* (s) {
    for (let i = 0; i < 2; i++) {
      s.spawn(function* () {
        if (isTaken) return;
        yield* free.acquire();
        if (isTaken) throw new Error('two are inside');
        isTaken = true;
        yield* resumeAfter(1);
        isTaken = false;
      });
    }
    yield* resumeAfter(0);
  });
}

it('explore() finds the one place where giving way hurts, and its schedule shows it again', async () => {
  const body = function* () {
    yield* checkThenAct();
  };
  await runTest(body);
  const error = await explore(body).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ScheduleError);
  // SAFETY: the line above.
  const { schedule, cause } = error as ScheduleError;
  expect(String(cause)).toBe('Error: two are inside');
  await expect(runTest(body, { schedule: schedule ?? '' })).rejects.toThrow('two are inside');
  // Without giving way it cannot be seen.
  expect((await explore(body, { maxPreemptions: 0 })).isComplete).toBe(true);
});

it('seeds find it too, and a seed shows it again each time', async () => {
  const body = function* () {
    yield* checkThenAct();
  };
  const error = await runSeeds(body, { firstSeed: 1 }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ScheduleError);
  // SAFETY: the line above.
  const { seed = 0 } = error as ScheduleError;
  for (let i = 0; i < 3; i++) {
    await expect(runTest(body, { seed })).rejects.toThrow('two are inside');
  }
  await expect(runTest(body, { seed, schedule: '' })).rejects.toThrow(TypeError);
  await expect(runTest(body, { schedule: 'x' })).rejects.toThrow(TypeError);
});

it('explore() tries every order: of three that are woken together all six', async () => {
  const orders = new Set<string>();
  const { runs, isComplete } = await explore(
    function* () {
      const gate = new ManualResetEvent();
      let order = '';
      yield* scope(function* (s) {
        for (const name of 'abc') {
          s.spawn(function* () {
            yield* gate.wait();
            order += name;
          });
        }
        gate.set();
        yield* resumeAfter(0);
      });
      orders.add(order);
    },
    { maxPreemptions: 0 },
  );
  expect([...orders].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
  expect(isComplete).toBe(true);
  expect(runs).toBeGreaterThanOrEqual(6);
});

it('explore() decides what select takes, says when it is not through, and refuses what chance decides', async () => {
  const seen = new Set<number>();
  const body = function* () {
    const [a, b] = [new Channel<number>(1), new Channel<number>(1)];
    a.trySend(1);
    b.trySend(2);
    seen.add((yield* select([a.receive(), b.receive()])).index);
  };
  await explore(body, { maxPreemptions: 0 });
  expect([...seen].sort()).toEqual([0, 1]);
  expect(await explore(body, { maxRuns: 1 })).toEqual({ runs: 1, isComplete: false });
  let run = 0;
  const changing = function* () {
    run += 1;
    const ready = Array.from({ length: run > 1 ? 3 : 2 }, () => new ManualResetEvent(true).wait());
    yield* select(ready);
  };
  await expect(explore(changing, { maxPreemptions: 0 })).rejects.toThrow('does the same each time');
});

it('the same seed is the same run, another one another', async () => {
  const run = async (seed: number) => {
    const log: string[] = [];
    await runTest(
      function* () {
        const gate = new ManualResetEvent();
        yield* scope(function* (s) {
          for (const name of 'abcdefgh') {
            s.spawn(function* () {
              yield* gate.wait();
              log.push(name);
            });
          }
          gate.set();
          yield* resumeAfter(0);
        });
      },
      { seed },
    );
    return log.join('');
  };
  const first = await run(1);
  expect(await run(1)).toBe(first);
  const others = await Promise.resolve([2, 3, 4]).then(async (seeds) => {
    const logs = new Set<string>();
    for (const seed of seeds) logs.add(await run(seed));
    return logs;
  });
  expect(others.size).toBeGreaterThan(1);
});

it('refuses a second test at the same time', async () => {
  await runTest(function* () {
    const inner = runTest(function* () {});
    expect(String(yield* fromPromise(inner.catch((error: unknown) => error)))).toMatch(
      'a test runs already',
    );
  });
});

it('a dump is a tree: who called whom, what each waits for', async () => {
  using watch = watchCoroutines();
  const gate = new ManualResetEvent();
  const inner = coroutine(function* inner() {
    yield* gate.wait();
  });
  const outer = coroutine(function* outer() {
    const all = new Scope();
    all.spawn(inner);
    all.spawn(inner);
    yield* all.join();
  });
  const action = outer();
  const lines = dump(watch.list())
    .replaceAll(/\d+ ms/g, 'n ms')
    .split('\n');
  expect(lines.filter((line) => !line.includes('  started '))).toEqual([
    expect.stringMatching(/^coroutine outer · waiting n ms for scope/),
    '└─ coroutine inner · waiting n ms for manualResetEvent.wait()',
    '└─ coroutine inner · waiting n ms for manualResetEvent.wait()',
  ]);
  gate.set();
  await action;
  expect(dump(watch.list())).toBe('no coroutine is alive');
});

it('a running process dumps its tree on a signal, that of its threads too, and goes on', async () => {
  const child = fork(new URL('./fixtures/dump-on-signal.mjs', import.meta.url), {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let text = '';
  const both = new Promise<void>((resolve) => {
    child.stderr?.on('data', (chunk) => {
      text += chunk;
      if (text.includes('inThread') && text.includes('inMain')) resolve();
    });
  });
  await once(child, 'message');
  child.kill('SIGUSR2');
  await both;
  expect(text).toMatch(/main thread, coroutines alive:\ncoroutine inMain · waiting \d+ ms for/);
  expect(text).toMatch(/thread \d+, coroutines alive:\ncoroutine inThread · waiting \d+ ms for/);
  child.send('end');
  expect(await once(child, 'exit')).toEqual([0, null]);
});
