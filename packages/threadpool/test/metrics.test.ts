/** A pool in numbers: histograms by kind of task, and what OpenTelemetry is told. */
import { ThreadPool } from '@netloom/threadpool';
import { exportMetrics, type MeterLike, PoolMetrics } from '@netloom/threadpool/metrics';
import { metrics } from '@opentelemetry/api';
import { expect, it } from 'vitest';
import { Throw } from './fixtures/parcel.mjs';
import { Block, Die, Echo } from './fixtures/tasks.mjs';
import { blocker, gate, rejection } from './helpers.js';

/** Blocks the only thread for so long, with another of its kind waiting behind. */
async function blockFor(pool: ThreadPool, ms: number): Promise<void> {
  using block = blocker();
  const begun = gate();
  const both = [
    pool.addTask(new Block(block.flag, begun.open)),
    pool.addTask(new Block(block.flag, () => {})),
  ];
  await begun.opened;
  await new Promise((resolve) => setTimeout(resolve, ms));
  block.free();
  await Promise.all(both);
}

it('histograms tell by kind of task how long tasks waited and ran, and how they ended', async () => {
  await using pool = new ThreadPool(1);
  using measured = new PoolMetrics(pool);
  await blockFor(pool, 40);
  await Promise.all(pool.addTask(Array.from({ length: 20 }, (_, i) => new Echo(i))));
  await rejection(pool.addTask(new Throw('cause')));
  await rejection(pool.addTask(new Die('exit')));
  const stop = AbortSignal.abort();
  await rejection(pool.addTask(new Echo(1), { signal: stop }));
  const [block, echo, threw, die] = measured.tasks();
  expect(block).toMatchObject({ name: 'Block', returned: 2, threw: 0, notRun: 0, interrupted: 0 });
  // One ran for 40 ms, the other waited for it.
  expect(block?.run.max).toBeGreaterThanOrEqual(39e6);
  expect(block?.wait.max).toBeGreaterThanOrEqual(39e6);
  expect(block?.run.min).toBeLessThan(block?.run.max ?? 0);
  expect(echo).toMatchObject({ name: 'Echo', returned: 20, notRun: 1 });
  expect(echo?.run.count).toBe(20);
  expect(echo?.wait.count).toBe(20);
  expect(threw).toMatchObject({ name: 'Throw', threw: 1 });
  expect(die).toMatchObject({ name: 'Die', interrupted: 1 });
  expect(die?.run.count).toBe(0);
  measured.reset();
  expect(measured.tasks()).toEqual([]);
});

it('listens also after somebody has taken all listeners off', async () => {
  await using pool = new ThreadPool(1);
  pool.removeAllListeners();
  using measured = new PoolMetrics(pool);
  await pool.addTask(new Echo(1));
  expect(measured.tasks()).toMatchObject([{ name: 'Echo', returned: 1 }]);
});

it('what was disposed of measures no more, and the pool takes no times', async () => {
  await using pool = new ThreadPool(1);
  const measured = new PoolMetrics(pool);
  measured[Symbol.dispose]();
  await pool.addTask(new Echo(1));
  expect(measured.tasks()).toEqual([]);
  expect(pool.listenerCount('task-end')).toBe(0);
});

/** Keeps what it is told, as OpenTelemetry's SDK would. */
function recordingMeter() {
  const told: Record<string, [value: number, attributes: object | undefined][]> = {};
  type Callback = Parameters<ReturnType<MeterLike['createObservableGauge']>['addCallback']>[0];
  const callbacks = new Map<Callback, string>();
  const note = (name: string) => (value: number, attributes?: object) => {
    told[name] ??= [];
    told[name].push([value, attributes]);
  };
  const meter: MeterLike = {
    createHistogram: (name) => ({ record: note(name) }),
    createCounter: (name) => ({ add: note(name) }),
    createObservableGauge: (name) => ({
      addCallback: (callback) => callbacks.set(callback, name),
      removeCallback: (callback) => callbacks.delete(callback),
    }),
  };
  const collect = () => {
    for (const [callback, name] of callbacks) callback({ observe: note(name) });
  };
  return { meter, told, collect, callbacks };
}

it('OpenTelemetry is told of tasks as they end, and of the pool when it asks', async () => {
  await using pool = new ThreadPool(1, { name: 'worker' });
  const { meter, told, collect, callbacks } = recordingMeter();
  {
    using _exported = exportMetrics(pool, meter, { pool: 'images' });
    await blockFor(pool, 30);
    await rejection(pool.addTask(new Throw('cause')));
    collect();
  }
  expect(told['netloom.pool.tasks']).toEqual([
    [1, { pool: 'images', task: 'Block', outcome: 'returned' }],
    [1, { pool: 'images', task: 'Block', outcome: 'returned' }],
    [1, { pool: 'images', task: 'Throw', outcome: 'threw' }],
  ]);
  const [[longest] = [0]] = told['netloom.pool.task.run'] ?? [];
  expect(longest).toBeGreaterThanOrEqual(0.029);
  expect(longest).toBeLessThan(30);
  expect(told['netloom.pool.task.wait']).toHaveLength(3);
  expect(told['netloom.pool.queued']).toEqual([[0, { pool: 'images' }]]);
  expect(told['netloom.pool.unfinished']).toEqual([[0, { pool: 'images' }]]);
  expect(told['netloom.pool.threads']).toEqual([[1, { pool: 'images' }]]);
  const [[utilization, about] = [2, {}]] = told['netloom.pool.thread.utilization'] ?? [];
  expect(about).toEqual({ pool: 'images', thread: 'worker-0' });
  expect(utilization).toBeGreaterThanOrEqual(0);
  expect(utilization).toBeLessThanOrEqual(1);
  expect(callbacks.size).toBe(0);
  await pool.addTask(new Echo(1));
  expect(told['netloom.pool.tasks']).toHaveLength(3);
});

it('a meter of OpenTelemetry’s own API fits', async () => {
  await using pool = new ThreadPool(1);
  using _exported = exportMetrics(pool, metrics.getMeter('netloom'));
  expect(await pool.addTask(new Echo(1))).toBe(1);
});
