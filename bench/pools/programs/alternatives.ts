/**
 * The pools behind one interface, each as its own documentation says it is fastest. Where that depends on the work, a
 * pool stands here in several forms, and the best of them counts in each cell.
 */
import { fileURLToPath } from 'node:url';
import { ThreadPool } from '@netloom/threadpool';
import { Piscina } from 'piscina';
import { FixedThreadPool } from 'poolifier';
import { Tinypool } from 'tinypool';
import workerpool from 'workerpool';
import { Address, type Arrival, Empty, Fib, Objects, type Order, Spin } from './tasks.js';

/** One pool with the work it can do; each promise is of `answer * THREADS + threadId`. */
export interface Alternative {
  empty(): Promise<number>;
  address(arrival: Arrival): Promise<number>;
  object(order: Order): Promise<number>;
  fib(n: number): Promise<number>;
  spin(ms: number): Promise<number>;
  close(): Promise<unknown>;
}

/** So many tasks are in flight. */
export const IN_FLIGHT = 64;

const TASKS = fileURLToPath(new URL('./tasks.js', import.meta.url));
const NAMES = ['empty', 'address', 'object', 'fib', 'spin'] as const;
type Name = (typeof NAMES)[number];

/** Makes the row's pool. */
export function make(row: string, threads: number): Alternative {
  const maker = MAKERS[row];
  if (maker === undefined) throw new RangeError(`there is no row ${row}`);
  return maker(threads);
}

const MAKERS: Readonly<Record<string, (threads: number) => Alternative>> = {
  netloom,
  piscina: (threads) => piscina(threads, 1),
  // Several per thread: the next task is there when one has ended.
  'piscina-several': (threads) => piscina(threads, Math.ceil(IN_FLIGHT / threads)),
  tinypool: (threads) => tinypool(threads, 1),
  'tinypool-several': (threads) => tinypool(threads, Math.ceil(IN_FLIGHT / threads)),
  workerpool: viaWorkerpool,
  poolifier: (threads) => poolifier(threads, false),
  'poolifier-queue': (threads) => poolifier(threads, true),
};

function netloom(threads: number): Alternative {
  const pool = new ThreadPool(threads);
  return {
    empty: () => pool.addTask(new Empty()),
    address: ({ address, descriptor }) => pool.addTask(new Address(address, descriptor)),
    object: (order) => pool.addTask(new Objects(order)),
    fib: (n) => pool.addTask(new Fib(n)),
    spin: (ms) => pool.addTask(new Spin(ms)),
    close: () => pool.close(),
  };
}

/** Synchronous Atomics are its fastest form and its default; timing is off because nobody reads it. */
function piscina(threads: number, concurrentTasksPerWorker: number): Alternative {
  const pool = new Piscina({
    filename: TASKS,
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker,
    atomics: 'sync',
    recordTiming: false,
  });
  return byName(
    (name) => {
      const options = { name };
      return (data) => pool.run(data, options);
    },
    () => pool.close(),
  );
}

function tinypool(threads: number, concurrentTasksPerWorker: number): Alternative {
  const pool = new Tinypool({
    filename: TASKS,
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker,
    useAtomics: true,
    isolateWorkers: false,
  });
  return byName(
    (name) => {
      const options = { name };
      return (data) => pool.run(data, options);
    },
    () => pool.destroy(),
  );
}

/** With a script of its own: functions sent as text would be compiled for every call. */
function viaWorkerpool(threads: number): Alternative {
  const script = fileURLToPath(new URL('./workerpool-thread.js', import.meta.url));
  const pool = workerpool.pool(script, {
    minWorkers: threads,
    maxWorkers: threads,
    workerType: 'thread',
  });
  return byName(
    // Its promise is no Promise: `await` takes it as it is, and so does a caller who returns it.
    (name) => async (data) => pool.exec(name, [data]),
    async () => pool.terminate(),
  );
}

/** Without a queue each task goes straight to its thread; with it, threads take tasks from each other. */
function poolifier(threads: number, enableTasksQueue: boolean): Alternative {
  const script = fileURLToPath(new URL('./poolifier-thread.js', import.meta.url));
  const pool = new FixedThreadPool<unknown, number>(threads, script, {
    enableEvents: false,
    workerChoiceStrategy: enableTasksQueue ? 'LEAST_USED' : 'ROUND_ROBIN',
    enableTasksQueue,
    ...(enableTasksQueue && {
      tasksQueueOptions: { concurrency: Math.ceil(IN_FLIGHT / threads) },
    }),
  });
  return byName(
    (name) => (data) => pool.execute(data, name),
    () => pool.destroy(),
  );
}

type Call = (data?: unknown) => Promise<number>;

function byName(of: (name: Name) => Call, close: () => Promise<unknown>): Alternative {
  return {
    empty: of('empty'),
    address: of('address'),
    object: of('object'),
    fib: of('fib'),
    spin: of('spin'),
    close,
  };
}
