/**
 * What a pool does, in numbers: histograms of waiting and running for each kind of task, and the same handed to
 * OpenTelemetry. An entry of its own: a pool that nobody measures takes no times.
 *
 * Observes a pool's events and snapshot, and knows nothing else of it. OpenTelemetry's API comes as the meter that the
 * program gives; nothing of it is imported.
 */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { TaskEnding } from './pool-events.js';
import type { PoolSnapshot } from './pool-report.js';

/** What is measured: a `ThreadPool` fits. */
export interface MeasuredPool {
  on(event: 'task-end', listener: (end: TaskEnding) => void): unknown;
  off(event: 'task-end', listener: (end: TaskEnding) => void): unknown;
  snapshot(): PoolSnapshot;
}

/** One kind of task in numbers; times are in nanoseconds, as Node's histograms have them. */
export interface TaskStatistics {
  /** The name of the class's export, or of the function. */
  readonly name: string;
  readonly module: string;
  /** How many have ended how. */
  readonly returned: number;
  readonly threw: number;
  readonly notRun: number;
  readonly interrupted: number;
  /** From handing over to being called. */
  readonly wait: RecordableHistogram;
  /** From being called to the end. */
  readonly run: RecordableHistogram;
}

/** A kind's numbers while they grow. */
interface Growing extends TaskStatistics {
  returned: number;
  threw: number;
  notRun: number;
  interrupted: number;
}

/** In a millisecond. */
const NANOSECONDS = 1e6;

/**
 * Measures a pool from now on, until it is disposed of.
 *
 * @example
 * ```ts
 * // file: fib.ts
 * export function fib(n: number): number {
 *   return n < 2 ? n : fib(n - 1) + fib(n - 2);
 * }
 * ```
 *
 * ```ts
 * // file: main.ts
 * import { ThreadPool } from '@netloom/threadpool';
 * import { PoolMetrics } from '@netloom/threadpool/metrics';
 * import type { fib } from './fib.js';
 *
 * await using pool = new ThreadPool(2);
 * using metrics = new PoolMetrics(pool);
 * const { fib: remote } = pool.module<{ fib: typeof fib }>(new URL('./fib.js', import.meta.url));
 * await Promise.all([20, 21, 22].map((n) => remote(n)));
 * for (const { name, returned, run } of metrics.tasks()) {
 *   console.log(name, returned, run.percentile(50) > 0);
 * }
 * ```
 *
 * ```text
 * fib 3 true
 * ```
 */
export class PoolMetrics implements Disposable {
  #pool: MeasuredPool;
  #kinds = new Map<string, Growing>();
  #note = (end: TaskEnding) => this.#noteEnd(end);

  constructor(pool: MeasuredPool) {
    this.#pool = pool;
    pool.on('task-end', this.#note);
  }

  /** The kinds of task that have been seen, in the order in which they came. */
  tasks(): readonly TaskStatistics[] {
    return [...this.#kinds.values()];
  }

  /** Begins anew: forgets all numbers. */
  reset(): void {
    this.#kinds.clear();
  }

  /** Measures no more; what was measured stays. */
  [Symbol.dispose](): void {
    this.#pool.off('task-end', this.#note);
  }

  #noteEnd({ name, module, outcome, waitMs, runMs }: TaskEnding): void {
    const key = `${name}\n${module}`;
    let kind = this.#kinds.get(key);
    if (kind === undefined) {
      const none = { returned: 0, threw: 0, notRun: 0, interrupted: 0 };
      kind = { name, module, ...none, wait: createHistogram(), run: createHistogram() };
      this.#kinds.set(key, kind);
    }
    kind[outcome]++;
    if (waitMs !== undefined) kind.wait.record(toNanoseconds(waitMs));
    if (runMs !== undefined) kind.run.record(toNanoseconds(runMs));
  }
}

/** Node's histograms begin at 1. */
function toNanoseconds(ms: number): number {
  return Math.max(1, Math.round(ms * NANOSECONDS));
}

/** Of OpenTelemetry's API, what is used here: `metrics.getMeter('…')` fits, and so does a stand-in of a test. */
export interface MeterLike {
  createHistogram(name: string, options?: InstrumentOptions): { record: Tell };
  createCounter(name: string, options?: InstrumentOptions): { add: Tell };
  createObservableGauge(name: string, options?: InstrumentOptions): ObservableLike;
}

/** What an instrument is described by. */
export interface InstrumentOptions {
  readonly description?: string;
  readonly unit?: string;
}

/** An instrument that is asked for its value. */
export interface ObservableLike {
  addCallback(callback: (result: { observe: Tell }) => void): void;
  removeCallback(callback: (result: { observe: Tell }) => void): void;
}

type Tell = (value: number, attributes?: { [key: string]: string | number }) => void;

/**
 * Tells OpenTelemetry of a pool, until what it returns is called or disposed of.
 *
 * Histograms `netloom.pool.task.wait` and `netloom.pool.task.run` in seconds and the counter `netloom.pool.tasks`, with
 * the attributes `task` and `outcome`; gauges `netloom.pool.queued`, `netloom.pool.unfinished`, `netloom.pool.threads`
 * and, with the attribute `thread`, `netloom.pool.thread.utilization` from 0 to 1.
 *
 * @param meter - `metrics.getMeter('…')` of `@opentelemetry/api`
 * @param attributes - go with every value: the pool's name, where a program has several
 */
export function exportMetrics(
  pool: MeasuredPool,
  meter: MeterLike,
  attributes: { readonly [key: string]: string | number } = {},
): Disposable {
  const wait = meter.createHistogram('netloom.pool.task.wait', {
    description: 'From handing a task over to its beginning',
    unit: 's',
  });
  const run = meter.createHistogram('netloom.pool.task.run', {
    description: 'From the beginning of a task to its end',
    unit: 's',
  });
  const count = meter.createCounter('netloom.pool.tasks', { description: 'Tasks that have ended' });
  const note = ({ name, outcome, waitMs, runMs }: TaskEnding) => {
    const about = { ...attributes, task: name, outcome };
    count.add(1, about);
    if (waitMs !== undefined) wait.record(waitMs / 1000, about);
    if (runMs !== undefined) run.record(runMs / 1000, about);
  };
  pool.on('task-end', note);
  const stops = GAUGES.map(({ name, description, observe }) => {
    const gauge = meter.createObservableGauge(name, { description });
    const callback = ({ observe: tell }: { observe: Tell }) => {
      observe(pool.snapshot(), (value, more) => tell(value, { ...attributes, ...more }));
    };
    gauge.addCallback(callback);
    return () => gauge.removeCallback(callback);
  });
  return {
    [Symbol.dispose]: () => {
      pool.off('task-end', note);
      for (const stop of stops) stop();
    },
  };
}

interface Gauge {
  readonly name: string;
  readonly description: string;
  readonly observe: (snapshot: PoolSnapshot, tell: Tell) => void;
}

const GAUGES: readonly Gauge[] = [
  {
    name: 'netloom.pool.queued',
    description: 'Tasks that no thread has been given',
    observe: ({ queued, heldBack }, tell) => tell(queued + heldBack),
  },
  {
    name: 'netloom.pool.unfinished',
    description: 'Tasks that have not settled',
    observe: ({ unfinished }, tell) => tell(unfinished),
  },
  {
    name: 'netloom.pool.threads',
    description: 'Threads that run',
    observe: ({ threads }, tell) => tell(threads.filter((thread) => thread.threadId > 0).length),
  },
  {
    name: 'netloom.pool.thread.utilization',
    description: 'Part of its time in which a thread’s event loop was busy',
    observe: ({ threads }, tell) => {
      for (const { name, threadId, utilization } of threads) {
        if (threadId > 0) tell(utilization, { thread: name });
      }
    },
  },
];
