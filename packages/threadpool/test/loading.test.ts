/** What a thread does while the modules of a task are still being imported: nothing of the task has begun. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BroadcastChannel } from 'node:worker_threads';
import { type ITask, type TaskError, ThreadPool } from '@netloom/threadpool';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenAll, Parcel } from './fixtures/parcel.mjs';
import { Echo, Mark, MarkAndExit } from './fixtures/tasks.mjs';
import { gate, rejection, sharedInts } from './helpers.js';

let folder: string;
let files = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'netloom-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A task class in a module of its own, which is imported on threads only, and how often it was. */
function loading(then: 'exit' | 'wait', channel = '') {
  const count = join(folder, `${files++}`);
  const url = new URL('./fixtures/loading.mjs', import.meta.url);
  url.search = new URLSearchParams({ count, then, channel }).toString();
  class Opener implements ITask<string> {
    static readonly module = url.href;
    static readonly exportName = 'Opener';
    readonly parcel: Parcel;
    readonly signal: AbortSignal | undefined;
    constructor(parcel: Parcel, signal?: AbortSignal) {
      this.parcel = parcel;
      this.signal = signal;
    }
    runTask(): string {
      throw new Error('this is the original');
    }
  }
  return { Opener, imports: () => readFileSync(count, 'utf8').length };
}

describe('a task whose thread ends while its modules are imported', () => {
  it('goes to another thread and runs', async () => {
    await using pool = new ThreadPool(1);
    const marks = sharedInts(2);
    const [killer, other] = await Promise.allSettled(
      pool.addTask([new MarkAndExit(marks, 0), new Mark(marks, 1)]),
    );
    expect((killer as PromiseRejectedResult).reason.code).toBe('ERR_TASK_THREAD_LOST');
    expect([...marks]).toEqual([1, 1]);
    expect(other).toEqual({ status: 'fulfilled', value: 0 });
  });

  it('does so also when that happens on every thread that it is given to', async () => {
    await using pool = new ThreadPool(1);
    const marks = sharedInts(11);
    const killers = Array.from({ length: 10 }, (_, i) => new MarkAndExit(marks, i));
    const ends = await Promise.allSettled(pool.addTask([...killers, new Mark(marks, 10)]));
    expect(ends.at(-1)).toEqual({ status: 'fulfilled', value: 0 });
    expect([...marks]).toEqual(new Array(11).fill(1));
  });

  it('keeps what it owns until it runs: opened once, by the thread that runs it', async () => {
    await using pool = new ThreadPool(2);
    const marks = sharedInts(8);
    const ledger = sharedInts(8);
    const tasks = Array.from({ length: 8 }, (_, i) => [
      new MarkAndExit(marks, i),
      new OpenAll([new Parcel(ledger, i)]),
    ]).flat();
    const ends = await Promise.allSettled(pool.addTask(tasks));
    const opened = ends.filter((_, i) => i % 2 === 1);
    expect(opened.map((end) => end.status)).toEqual(new Array(8).fill('fulfilled'));
    expect([...ledger]).toEqual(new Array(8).fill(1));
    expect([...marks]).toEqual(new Array(8).fill(1));
  });
});

describe('a module whose import ends its thread', () => {
  it.each([1, 2])('is tried three times, then its task rejects: %i threads', async (threads) => {
    await using pool = new ThreadPool(threads);
    await Promise.all(pool.addTask(Array.from({ length: threads }, () => new Echo(0))));
    const { Opener, imports } = loading('exit');
    const ledger = sharedInts(1);
    const error = (await rejection(pool.addTask(new Opener(new Parcel(ledger, 0))))) as TaskError;
    expect(error.code).toBe('ERR_TASK_MODULE');
    expect(error.exitCode).toBe(6);
    expect(error.message).toBe(
      'Opener was not run: 3 threads ended while they imported its modules, the last with exit code 6',
    );
    expect(error.stack).toContain('handed to the pool here');
    expect(imports()).toBe(3);
    // Released once, and the pool has all its threads.
    expect([...ledger]).toEqual([1]);
    expect(await Promise.all(pool.addTask([new Echo(1), new Echo(2)]))).toEqual([1, 2]);
  });

  it('does not use up the attempts to start a thread', async () => {
    await using pool = new ThreadPool(1);
    for (let i = 0; i < 3; i++) {
      const { Opener } = loading('exit');
      const ledger = sharedInts(1);
      const error = await rejection(pool.addTask(new Opener(new Parcel(ledger, 0))));
      expect((error as TaskError).code).toBe('ERR_TASK_MODULE');
    }
    expect(await pool.addTask(new Echo('still here'))).toBe('still here');
  });
});

describe('while its modules are imported a task', () => {
  async function whileLoading(
    act: (pool: ThreadPool, stop: AbortController, task: Promise<unknown>) => Promise<void>,
  ) {
    const name = `netloom-loading-${process.pid}-${files}`;
    const channel = new BroadcastChannel(name);
    const begun = gate();
    channel.onmessage = begun.open;
    const { Opener } = loading('wait', name);
    const ledger = sharedInts(1);
    const pool = new ThreadPool(1);
    const stop = new AbortController();
    const task = pool.addTask(new Opener(new Parcel(ledger, 0), stop.signal));
    task.catch(() => {});
    await begun.opened;
    try {
      await act(pool, stop, task);
    } finally {
      channel.postMessage('go on');
      channel.close();
    }
    return { ledger, pool };
  }

  it('can be cancelled: it is released once and does not run later', async () => {
    const { ledger, pool } = await whileLoading(async (_, stop, task) => {
      stop.abort('stopped');
      expect(await rejection(task)).toBe('stopped');
    });
    // The thread may load on and must find that the task is no longer its own.
    expect(await pool.addTask(new Echo('next'))).toBe('next');
    await pool.close();
    expect([...ledger]).toEqual([1]);
  });

  it('counts as not run when the pool is terminated', async () => {
    const { ledger } = await whileLoading(async (pool, _stop, task) => {
      const report = await pool.terminate();
      expect(report.notRun).toHaveLength(1);
      expect(report.interrupted).toEqual([]);
      expect(((await rejection(task)) as TaskError).code).toBe('ERR_TASK_NOT_RUN');
    });
    expect([...ledger]).toEqual([1]);
  });
});
