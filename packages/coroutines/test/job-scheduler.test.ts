/** The job scheduler and the foreground entry: order, time, fairness, ends. */
import {
  coroutine,
  JobScheduler,
  ManualResetEvent,
  resumeAfter,
  resumeForeground,
  setClock,
  setFgEntry,
} from '@netloom/coroutines';
import { runTest } from '@netloom/coroutines/testing';
import { afterEach, expect, it } from 'vitest';

afterEach(() => {
  setFgEntry(undefined);
  setClock(undefined);
});

it('jobs run by priority, then in the order of coming, and never inside their caller', async () => {
  const jobs = new JobScheduler();
  const log: string[] = [];
  const add = (name: string, priority?: number) =>
    jobs.run(() => void log.push(name), { priority });
  const all = [add('a'), add('low', -1), add('b'), add('high', 2), add('c', 0)];
  expect([log, jobs.waiting, jobs.size]).toEqual([[], 5, 5]);
  await Promise.all(all);
  expect(log).toEqual(['high', 'a', 'b', 'c', 'low']);
  expect([jobs.waiting, jobs.size]).toEqual([0, 0]);
  await jobs.close();
});

it('delayed jobs run in the order of their times, the earliest first', async () => {
  const log: string[] = [];
  await runTest(function* (time) {
    const jobs = new JobScheduler();
    for (const delayMs of [300, 100, 200, 0]) {
      jobs.run(() => void log.push(`${delayMs} at ${time.now()}`), { delayMs });
    }
    yield* resumeAfter(1000);
    yield* jobs.turn();
  });
  expect(log).toEqual(['0 at 0', '100 at 100', '200 at 200', '300 at 300']);
});

it('a job that is added by the last one that runs is not forgotten', async () => {
  const jobs = new JobScheduler();
  const log: string[] = [];
  const done = new ManualResetEvent();
  const add = (n: number) => {
    jobs.run(() => {
      log.push(`${n}`);
      if (n === 0) done.set();
      else add(n - 1);
    });
  };
  add(5);
  await done.wait();
  expect(log).toEqual(['5', '4', '3', '2', '1', '0']);
});

it('results and errors are those of the job; an error disturbs no other', async () => {
  const jobs = new JobScheduler();
  const results = await Promise.allSettled([
    jobs.run(() => 1),
    jobs.run(async () => 2),
    jobs.run(function* () {
      yield* resumeAfter(1);
      return 3;
    }),
    jobs.run(() => {
      throw new RangeError('planned');
    }),
    jobs.run(() => coroutine(async () => 5)()),
  ]);
  expect(results).toEqual([
    { status: 'fulfilled', value: 1 },
    { status: 'fulfilled', value: 2 },
    { status: 'fulfilled', value: 3 },
    { status: 'rejected', reason: new RangeError('planned') },
    { status: 'fulfilled', value: 5 },
  ]);
});

it('an error that nobody waits for is the program’s', async () => {
  const jobs = new JobScheduler();
  const before = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  const unhandled = new Promise((resolve) => process.once('unhandledRejection', resolve));
  jobs.run(() => {
    throw new RangeError('planned');
  });
  expect(String(await unhandled)).toBe('RangeError: planned');
  for (const listener of before) process.on('unhandledRejection', listener);
  expect(await jobs.run(() => 'goes on')).toBe('goes on');
});

it('a job that waits occupies nobody: the next has its turn', async () => {
  const jobs = new JobScheduler();
  const gate = new ManualResetEvent();
  const first = jobs.run(function* () {
    yield* gate.wait();
    return 'first';
  });
  expect(await jobs.run(() => 'second')).toBe('second');
  gate.set();
  expect(await first).toBe('first');
});

it('a low priority is late, not forgotten: waiting counts', async () => {
  let now = 0;
  setClock({ now: () => now, setTimer: () => ({ cancel() {} }) });
  const jobs = new JobScheduler();
  const log: string[] = [];
  const blocker = new ManualResetEvent();
  let isOpen = false;
  // Each busy job takes 100 ms, and is followed by another.
  const busy = () => {
    jobs.run(
      () => {
        log.push('busy');
        now += 100;
        if (!isOpen) busy();
      },
      { priority: 3 },
    );
  };
  busy();
  const low = jobs.run(() => {
    isOpen = true;
    blocker.set();
  });
  await blocker.wait();
  await low;
  // Three steps of priority are worth three seconds.
  expect(log.length).toBeGreaterThan(25);
  expect(log.length).toBeLessThan(40);
});

it('a long line lets the event loop have its turn when the budget is spent', async () => {
  let now = 0;
  setClock({ now: () => now, setTimer: () => ({ cancel() {} }) });
  const jobs = new JobScheduler({ budgetMs: 10 });
  let ran = 0;
  const turns: number[] = [];
  for (let i = 0; i < 7; i++) {
    jobs.run(() => {
      ran += 1;
      now += 4;
    });
  }
  while (ran < 7) {
    await new Promise((resolve) => setImmediate(resolve));
    turns.push(ran);
  }
  expect(turns).toEqual([3, 6, 7]);
});

it('of the same time and priority, first come, first served, however many', async () => {
  const log: number[] = [];
  await runTest(function* () {
    const jobs = new JobScheduler();
    for (let i = 0; i < 100; i++) jobs.run(() => void log.push(i));
    yield* resumeAfter(1);
  });
  expect(log).toEqual(Array.from({ length: 100 }, (_, i) => i));
});

it('a job is cancelled in its line, and while it runs', async () => {
  const jobs = new JobScheduler();
  const log: string[] = [];
  const queued = jobs.run(() => void log.push('never'));
  queued.cancel();
  const running = jobs.run(function* () {
    log.push('begun');
    try {
      yield* resumeAfter(1e6);
    } finally {
      log.push('cleaned up');
    }
  });
  await jobs.turn();
  running.cancel();
  await Promise.allSettled([queued, running]);
  expect(log).toEqual(['begun', 'cleaned up']);
  const both = [jobs.run(() => resumeAfter(1e6)), jobs.run(() => {}, { delayMs: 1e6 })];
  jobs.cancel();
  const results = await Promise.allSettled(both);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

it('a periodic job keeps its beat, leaves out what it misses, and ends with cancel(), its error or close()', async () => {
  const log: string[] = [];
  await runTest(function* (time) {
    const jobs = new JobScheduler();
    const steady = jobs.every(100, function* () {
      log.push(`${time.now()}`);
      if (time.now() === 200) yield* resumeAfter(150);
    });
    yield* resumeAfter(510);
    steady.cancel();
    const late = jobs.every(100, () => void log.push(`late ${time.now()}`), { delayMs: 5 });
    yield* resumeAfter(120);
    late.cancel();
    const failing = jobs.every(10, () => {
      throw new RangeError('planned');
    });
    let error: unknown;
    try {
      yield* failing;
    } catch (thrown) {
      error = thrown;
    }
    expect(String(error)).toBe('RangeError: planned');
    jobs.every(10, () => {});
    const last = jobs.run(() => 'run', { delayMs: 1000 });
    void jobs.close();
    expect(() => jobs.run(() => {})).toThrow('the job scheduler was closed');
    expect(yield* last).toBe('run');
    expect(jobs.size).toBe(0);
  });
  expect(log).toEqual(['100', '200', '350', '400', '500', 'late 515', 'late 615']);
});

it('close() waits for what it has taken', async () => {
  const log: string[] = [];
  {
    await using jobs = new JobScheduler();
    jobs.run(function* () {
      yield* resumeAfter(2);
      log.push('done');
    });
  }
  expect(log).toEqual(['done']);
});

it('refuses what is no number', () => {
  expect(() => new JobScheduler({ budgetMs: -1 })).toThrow(RangeError);
  const jobs = new JobScheduler();
  expect(() => jobs.run(() => {}, { priority: Number.NaN })).toThrow(RangeError);
  expect(() => jobs.run(() => {}, { delayMs: -1 })).toThrow(RangeError);
  expect(() => jobs.every(0, () => {})).toThrow(RangeError);
  // @ts-expect-error: it is no function
  expect(() => setFgEntry(3)).toThrow(TypeError);
});

it('what comes to the foreground goes on when its entry says so', async () => {
  const pending: (() => void)[] = [];
  expect(setFgEntry((run) => pending.push(run))).toBeUndefined();
  const log: string[] = [];
  const paint = coroutine(function* () {
    yield* resumeForeground();
    log.push('painted');
  });
  const painting = paint();
  const stopped = paint();
  stopped.cancel();
  expect([log, pending.length]).toEqual([[], 2]);
  for (const run of pending) {
    run();
    run();
  }
  await Promise.allSettled([painting, stopped]);
  expect([log, stopped.status]).toEqual([['painted'], 'Canceled']);
});

it('the failure of a job that is waited for a little later is not the program’s', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', note);
  try {
    const jobs = new JobScheduler();
    const first = jobs.run(() => 1);
    const second = jobs.run(() => {
      throw new RangeError('planned');
    });
    expect(await first).toBe(1);
    await expect(second).rejects.toThrow('planned');
    await jobs.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).toEqual([]);
  } finally {
    process.off('unhandledRejection', note);
  }
});
