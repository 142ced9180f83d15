/**
 * Small instruments of the tests: gates to wait at, flags that block threads, and rejections as values.
 *
 * What holds something up lets it go at the end of its scope: a test that fails must not hang where its pool closes. So
 * these are declared with `using`, after the pool.
 */
import { type ITask, ThreadPool } from '@netloom/threadpool';
import { Block } from './fixtures/tasks.mjs';

/** A gate that opens when it was told so as often as it asks for, or at the end of its scope. */
export interface Gate extends Disposable {
  readonly opened: Promise<void>;
  readonly open: () => void;
}

/** Makes a gate. */
export function gate(times = 1): Gate {
  let left = times;
  let resolve: () => void = () => {};
  const opened = new Promise<void>((done) => {
    resolve = done;
  });
  return {
    opened,
    open: () => {
      left--;
      if (left === 0) resolve();
    },
    [Symbol.dispose]: resolve,
  };
}

/** What a task blocks its thread on, until it is freed or the scope ends. */
export interface Blocker extends Disposable {
  /** 0 while it blocks. */
  readonly flag: Int32Array;
  readonly free: () => void;
}

/** Makes one. */
export function blocker(): Blocker {
  const flag = sharedInts(1);
  const free = () => {
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
  };
  return { flag, free, [Symbol.dispose]: free };
}

/** A pool for tasks that may never end: leaving its scope stops them. */
export class DoomedPool extends ThreadPool {
  override async [Symbol.asyncDispose](): Promise<void> {
    await this.terminate();
  }
}

/** What a promise rejects with; fails when it resolves. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const resolved = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('value' in resolved) throw new Error(`resolved with ${String(resolved.value)}`);
  return resolved.error;
}

/** Numbers that all threads share. */
export function sharedInts(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * 4));
}

/** Resolves when something that nobody tells of is so; it is looked at every turn. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((turn) => setTimeout(turn));
}

/**
 * Lets a pool learn that tasks of a class are short, so that they are sent ahead of their turn. On a busy machine they
 * may look long: until it is so, which is seen from outside.
 *
 * @param make - makes one of the class; it must heed the signal that it is given
 * @param ahead - how many each thread is to be sent beside the one that it may run
 */
export async function practise(
  pool: ThreadPool,
  make: (signal?: AbortSignal) => ITask<unknown>,
  ahead = 6,
): Promise<void> {
  do {
    for (let i = 0; i < 50 * pool.threads.length; i++) await pool.addTask(make());
  } while (!(await isSentAhead(pool, make, ahead)));
}

/** Looks while all threads are blocked, and takes the tasks back: none of them runs, and nothing new is learned. */
async function isSentAhead(
  pool: ThreadPool,
  make: (signal?: AbortSignal) => ITask<unknown>,
  ahead: number,
): Promise<boolean> {
  const { length } = pool.threads;
  using block = blocker();
  const begun = gate(length);
  const blocking = Array.from({ length }, () => pool.addTask(new Block(block.flag, begun.open)));
  await begun.opened;
  const stop = new AbortController();
  const sent = Array.from({ length: (ahead + 1) * length }, () => pool.addTask(make(stop.signal)));
  const isSent = pool.threads.every((thread) => thread.unfinished === 1 + 1 + ahead);
  stop.abort();
  await Promise.allSettled(sent);
  block.free();
  await Promise.all(blocking);
  return isSent;
}
