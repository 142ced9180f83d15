/** A thread that ends under its tasks: who is told, what is run elsewhere, and that nothing is run twice. */
import { readdirSync } from 'node:fs';
import { TaskError, ThreadPool, transfer } from '@netloom/threadpool';
import { describe, expect, it } from 'vitest';
import { Bomb, OpenAll, Parcel } from './fixtures/parcel.mjs';
import {
  AskTogether,
  Block,
  BlockAndExit,
  Die,
  Echo,
  Mark,
  MarkAndExit,
  MoveBack,
  Where,
} from './fixtures/tasks.mjs';
import { blocker, gate, practise, rejection, sharedInts } from './helpers.js';

describe('a thread that ends under its task', () => {
  it.each([
    ['exit', 7, undefined],
    ['exit later', 8, undefined],
    ['uncaught', 1, 'nobody catches this'],
    ['rejection', 1, 'nobody handles this'],
  ] as const)('by %s rejects the task with code, exit code and cause', async (how, code, cause) => {
    await using pool = new ThreadPool(1);
    const { threadId } = await pool.addTask(new Where());
    const error = (await rejection(pool.addTask(new Die(how)))) as TaskError;
    expect(error).toBeInstanceOf(TaskError);
    expect(error.code).toBe('ERR_TASK_THREAD_LOST');
    expect(error.exitCode).toBe(code);
    expect(error.threadId).toBe(threadId);
    if (cause === undefined) expect(error.cause).toBeUndefined();
    else {
      expect(error.cause).toBeInstanceOf(RangeError);
      expect((error.cause as Error).message).toBe(cause);
    }
    expect(error.stack).toContain('handed to the pool here');
    expect(error.stack).toContain('lost-threads.test.ts');
  });

  it('by running out of memory rejects the task with Node’s reason', async () => {
    await using pool = new ThreadPool(1, { resourceLimits: { maxOldGenerationSizeMb: 16 } });
    const error = (await rejection(pool.addTask(new Die('memory')))) as TaskError;
    expect(error.code).toBe('ERR_TASK_THREAD_LOST');
    expect((error.cause as { code?: string }).code).toBe('ERR_WORKER_OUT_OF_MEMORY');
    expect(await pool.addTask(new Echo('next'))).toBe('next');
  }, 20_000);

  it('is replaced by another at its place', async () => {
    await using pool = new ThreadPool(2);
    const before = pool.threads.map((thread) => thread.threadId);
    await rejection(pool.addTask(new Die('exit')));
    const { threadId } = await pool.addTask(new Where());
    const after = pool.threads.map((thread) => thread.threadId);
    expect(after).toHaveLength(2);
    expect(after).toContain(threadId);
    expect(after.filter((id) => before.includes(id))).toHaveLength(1);
    expect(after).not.toContain(-1);
  });

  it('rejects every task that it was running, and no other', async () => {
    await using pool = new ThreadPool(2);
    const began = gate(4);
    using hold = gate();
    const ask = () =>
      new AskTogether('', () => {
        began.open();
        return hold.opened;
      });
    const tasks = Array.from({ length: 4 }, () => pool.addTask(ask()));
    await began.opened;
    const dying = rejection(pool.addTask(new Die('exit')));
    expect(((await dying) as TaskError).code).toBe('ERR_TASK_THREAD_LOST');
    hold.open();
    const ends = await Promise.allSettled(tasks);
    const lost = ends.filter((end) => end.status === 'rejected');
    expect(lost).toHaveLength(2);
    for (const { reason } of lost) expect((reason as TaskError).code).toBe('ERR_TASK_THREAD_LOST');
  });

  it('gives the tasks that it had not begun to another, each run once', async () => {
    await using pool = new ThreadPool(1);
    const marks = sharedInts(101);
    // Mark is known to be short, so that many are sent ahead.
    const make = (signal?: AbortSignal) => Object.assign(new Mark(marks, 100), { signal });
    await practise(pool, make, 10);
    using block = blocker();
    const begun = gate();
    const blocking = pool.addTask(new Block(block.flag, begun.open));
    await begun.opened;
    const dying = rejection(pool.addTask(new Die('exit')));
    const behind = pool.addTask(Array.from({ length: 100 }, (_, i) => new Mark(marks, i)));
    expect(pool.threads[0]?.unfinished).toBeGreaterThan(10);
    block.free();
    await blocking;
    await dying;
    await Promise.all(behind);
    expect([...marks.subarray(0, 100)]).toEqual(new Array(100).fill(1));
  });

  it('is given nothing more while its last results are read', async () => {
    await using pool = new ThreadPool(1);
    using block = blocker();
    const marks = sharedInts(1);
    const begun = gate();
    const blocking = pool.addTask(new Block(block.flag, begun.open));
    await begun.opened;
    const first = pool.addTask(new MoveBack(new Uint8Array(1)));
    const dying = rejection(pool.addTask(new MarkAndExit(marks, 0)));
    const moved = new Uint8Array(3);
    const waiting = pool.addTask(transfer(new MoveBack(moved), [moved.buffer]));
    await new Promise(setImmediate);
    expect(pool.threads[0]?.unfinished).toBe(3);
    const threads = () => readdirSync('/proc/self/task').length;
    const before = threads();
    block.free();
    // This thread looks at nothing until the other is gone, with all that it said still to be read.
    for (const until = Date.now() + 25_000; threads() >= before && Date.now() < until; );
    expect(threads()).toBeLessThan(before);
    await Promise.all([blocking, first, dying]);
    expect(await waiting).toMatchObject({ length: 3 });
  });

  it('leaves a parcel that was not begun to be opened elsewhere, or releases it once', async () => {
    const ledger = sharedInts(20);
    const pool = new ThreadPool(1);
    using block = blocker();
    const begun = gate();
    const blocking = rejection(pool.addTask(new Block(block.flag, begun.open)));
    await begun.opened;
    const tasks = pool.addTask(
      Array.from({ length: 20 }, (_, i) => new OpenAll([new Parcel(ledger, i)])),
    );
    const ends = Promise.allSettled(tasks);
    await pool.terminate();
    await blocking;
    for (const end of await ends) expect(end.status).toBe('rejected');
    expect([...ledger]).toEqual(new Array(20).fill(1));
  });

  it('releases once what was not put together by then, and leaves alone what was', async () => {
    await using pool = new ThreadPool(1);
    const ledger = sharedInts(6);
    const make = (at: number, inner?: unknown) => new Parcel(ledger, at, inner);
    const parcels = [make(0), make(1, [new Bomb(ledger, 2, make(3)), make(4)]), make(5)];
    const error = (await rejection(pool.addTask(new OpenAll(parcels)))) as TaskError;
    expect(error.code).toBe('ERR_TASK_THREAD_LOST');
    expect(error.exitCode).toBe(5);
    // Revived over there before: 0, and 3, which is inside 2. Whoever is given to revive is not given to discard.
    expect([...ledger]).toEqual([0, 1, 0, 0, 1, 1]);
  });

  it.each([
    ['exits', (_pool: ThreadPool, free: () => void) => free()],
    ['is terminated', (pool: ThreadPool) => void pool.terminate()],
  ])('and %s releases the answers and reasons that it had not read', async (_, end) => {
    await using pool = new ThreadPool(1);
    const ledger = sharedInts(2);
    const stop = new AbortController();
    const asked = gate();
    using hold = gate();
    const onRequest = async () => {
      asked.open();
      await hold.opened;
      return [new Parcel(ledger, 0)];
    };
    const asking = rejection(pool.addTask(new AskTogether('', onRequest, stop.signal)));
    await asked.opened;
    using block = blocker();
    const blocked = gate();
    const blocking = rejection(pool.addTask(new BlockAndExit(block.flag, blocked.open)));
    await blocked.opened;
    hold.open();
    stop.abort([new Parcel(ledger, 1)]);
    // A turn later both have left for the thread, which cannot look.
    await new Promise(setImmediate);
    expect([...ledger]).toEqual([0, 0]);
    end(pool, () => {
      block.free();
    });
    const codes = (await Promise.all([asking, blocking])).map((error) => (error as TaskError).code);
    expect(codes).toEqual(['ERR_TASK_THREAD_LOST', 'ERR_TASK_THREAD_LOST']);
    expect([...ledger]).toEqual([1, 1]);
  });

  it('is not waited for by an answer that comes too late', async () => {
    await using pool = new ThreadPool(1);
    const asked = gate();
    using hold = gate();
    const answered = gate();
    const waiting = rejection(
      pool.addTask(
        new AskTogether('', async () => {
          asked.open();
          await hold.opened;
          queueMicrotask(answered.open);
          return new Parcel(sharedInts(1), 0);
        }),
      ),
    );
    await asked.opened;
    await rejection(pool.addTask(new Die('exit')));
    expect(((await waiting) as TaskError).code).toBe('ERR_TASK_THREAD_LOST');
    hold.open();
    await answered.opened;
    expect(await pool.addTask(new Echo(1))).toBe(1);
  });
});

describe('a thread that does not start', () => {
  it('rejects what waits with ERR_TASK_NOT_RUN and the reason, after several attempts', async () => {
    await using pool = new ThreadPool(1, { execArgv: ['--import', 'file:///no/such/preload.mjs'] });
    const ledger = sharedInts(1);
    const error = (await rejection(
      pool.addTask(new OpenAll([new Parcel(ledger, 0)])),
    )) as TaskError;
    expect(error.code).toBe('ERR_TASK_NOT_RUN');
    expect(error.message).toContain('no thread could be started');
    expect(String((error.cause as Error).message)).toContain('preload.mjs');
    expect(ledger[0]).toBe(1);
  }, 20_000);
});

describe('the ledger', () => {
  /** A small generator with a seed: Numerical Recipes' linear congruence. */
  function random(seed: number): () => number {
    let state = seed >>> 0;
    return () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
  }

  it.each([
    [2, 3000, 1],
    [10, 3000, 2],
  ])(
    'of %i threads and %i tasks balances while threads are killed',
    async (threads, n, seed) => {
      const next = random(seed);
      const marks = sharedInts(n);
      const pool = new ThreadPool(threads);
      const kills = new Set(Array.from({ length: 15 }, () => Math.floor(next() * n)));
      let added = 0;
      const outcome: string[] = new Array(n);
      const client = async () => {
        while (added < n) {
          const at = added++;
          const task = kills.has(at) ? new MarkAndExit(marks, at) : new Mark(marks, at);
          await pool.addTask(task).then(
            (before) => {
              outcome[at] = before === 0 ? 'run' : 'run twice';
            },
            (error: TaskError) => {
              outcome[at] = error.code;
            },
          );
        }
      };
      await Promise.all(Array.from({ length: 64 }, client));
      await pool.close();
      for (let at = 0; at < n; at++) {
        const isKiller = kills.has(at);
        // A Mark ends where it began: no killer finds one half-way.
        expect(outcome[at]).toBe(isKiller ? 'ERR_TASK_THREAD_LOST' : 'run');
        expect(marks[at]).toBe(1);
      }
      const lost = outcome.filter((one) => one === 'ERR_TASK_THREAD_LOST').length;
      expect(lost).toBe(kills.size);
    },
    60_000,
  );
});

it('keeps no handle of a thread that was lost', async () => {
  const pool = new ThreadPool(1);
  await rejection(pool.addTask(new Die('exit')));
  await pool.close();
  expect(process.getActiveResourcesInfo().filter((name) => name === 'Worker')).toEqual([]);
});
