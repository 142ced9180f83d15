/** What passes between a task and its original: cancellation there, questions back. */
import { getEventListeners } from 'node:events';
import { ThreadPool } from '@netloom/threadpool';
import { describe, expect, it } from 'vitest';
import { TellsStranger } from './fixtures/features.mjs';
import { FoundError, OpenAll, Parcel } from './fixtures/parcel.mjs';
import { Ask, Block, Echo, Mark, UntilAborted, UntilTold } from './fixtures/tasks.mjs';
import { blocker, gate, rejection, sharedInts } from './helpers.js';

describe('progress', () => {
  it('comes in the order in which it was told, and before the end, also when its class is imported first', async () => {
    await using pool = new ThreadPool(1);
    const seen: unknown[] = [];
    const task = pool.addTask(new TellsStranger(), { onProgress: (value) => seen.push(value) });
    seen.push(await task);
    expect(seen).toEqual([expect.objectContaining({}), 'plain', 'end']);
    expect(seen[0]?.constructor.name).toBe('Stranger');
  });
});

describe('signal', () => {
  it('aborted before: the task is not run, is released, and rejects with the reason', async () => {
    await using pool = new ThreadPool(1);
    const ledger = sharedInts(1);
    const reason = new RangeError('too late');
    const signal = AbortSignal.abort(reason);
    const promise = pool.addTask(new OpenAll([new Parcel(ledger, 0)], signal));
    expect(await rejection(promise)).toBe(reason);
    expect(ledger[0]).toBe(1);
    expect(pool.threads[0]?.completed).toBe(0);
  });

  it('is listened to only while a task has not settled', async () => {
    await using pool = new ThreadPool(1);
    const { signal } = new AbortController();
    const tasks = [1, 2].map((at) => pool.addTask(new Echo(at), { signal }));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await Promise.all(tasks);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('while it waits: the task is not run, is released, and rejects with the reason', async () => {
    await using pool = new ThreadPool(1);
    // The class is loaded there: one that began by mistake would have opened its parcel at once.
    await pool.addTask(new OpenAll([]));
    const ledger = sharedInts(2);
    using block = blocker();
    const begun = gate();
    const blocking = pool.addTask(new Block(block.flag, begun.open));
    await begun.opened;
    const stop = new AbortController();
    const promises = pool.addTask([
      new OpenAll([new Parcel(ledger, 0)], stop.signal),
      new OpenAll([new Parcel(ledger, 1)], stop.signal),
    ]);
    const reasons = Promise.all(promises.map(rejection));
    // A turn later at least one has been posted to the thread, which has not begun it.
    await new Promise(setImmediate);
    expect(pool.threads[0]?.unfinished).toBeGreaterThanOrEqual(2);
    stop.abort('stopped');
    expect(await reasons).toEqual(['stopped', 'stopped']);
    expect([...ledger]).toEqual([1, 1]);
    block.free();
    await blocking;
    expect(await pool.addTask(new Echo('free'))).toBe('free');
    expect(pool.threads[0]?.completed).toBe(3);
    // The thread has passed by both: it must not have opened what was taken back.
    expect([...ledger]).toEqual([1, 1]);
  });

  it('while it runs: context.signal aborts with the reason, and the task decides', async () => {
    await using pool = new ThreadPool(1);
    const stop = new AbortController();
    const begun = gate();
    const promise = pool.addTask(new UntilAborted(stop.signal, begun.open));
    await begun.opened;
    stop.abort(new FoundError('stopped', 7));
    const reason = (await promise) as FoundError;
    expect(reason).toBeInstanceOf(FoundError);
    expect(reason.port).toBe(7);
  });

  it('while it runs: a task with the method netloom.aborted is told, and needs no signal', async () => {
    await using pool = new ThreadPool(1);
    const stop = new AbortController();
    const begun = gate();
    const promise = pool.addTask(new UntilTold(stop.signal, begun.open));
    await begun.opened;
    stop.abort(new FoundError('stopped', 7));
    expect(((await promise) as FoundError).port).toBe(7);
  });

  it('with a reason that cannot cross still aborts, with the refusal as its reason', async () => {
    await using pool = new ThreadPool(1);
    const stop = new AbortController();
    const begun = gate();
    const promise = pool.addTask(new UntilAborted(stop.signal, begun.open));
    await begun.opened;
    stop.abort(() => {});
    expect(((await promise) as Error).message).toContain('reason: a function cannot cross');
  });

  it('shared by many tasks is listened to once', async () => {
    await using pool = new ThreadPool(1);
    const warnings: Error[] = [];
    const listener = (warning: Error) => warnings.push(warning);
    process.on('warning', listener);
    const stop = new AbortController();
    const asks = Array.from({ length: 50 }, (_, i) => new Ask(i, (m) => m, stop.signal));
    expect(await Promise.all(pool.addTask(asks))).toHaveLength(50);
    // Warnings are emitted in the next tick.
    await new Promise(setImmediate);
    process.off('warning', listener);
    expect(warnings).toEqual([]);
  });

  it('of 1000 waiting tasks frees the pool of all', async () => {
    const pool = new ThreadPool(2);
    const marks = sharedInts(1000);
    using block = blocker();
    const begun = gate(2);
    const blocking = [0, 1].map(() => pool.addTask(new Block(block.flag, begun.open)));
    await begun.opened;
    const stop = new AbortController();
    const tasks = Array.from({ length: 1000 }, (_, i) =>
      Object.assign(new Mark(marks, i), { signal: stop.signal }),
    );
    const reasons = Promise.all(pool.addTask(tasks).map(rejection));
    stop.abort(5);
    expect(new Set(await reasons)).toEqual(new Set([5]));
    expect(pool.unfinished).toBe(2);
    block.free();
    await Promise.all(blocking);
    await pool.close();
    expect(marks.every((mark) => mark === 0)).toBe(true);
  });
});

describe('request', () => {
  it('is answered by the original, on its thread, with its own state', async () => {
    await using pool = new ThreadPool(1);
    const seen: unknown[] = [];
    const task = new Ask({ n: 1 }, (message) => {
      seen.push(message);
      return new Map([['answer', seen.length]]);
    });
    expect(await pool.addTask(task)).toEqual(new Map([['answer', 1]]));
    expect(seen).toEqual([{ n: 1 }]);
  });

  it('rejects there with what the original throws', async () => {
    await using pool = new ThreadPool(1);
    const task = new Ask('', () => {
      throw new FoundError('not here', 80);
    });
    const error = (await rejection(pool.addTask(task))) as FoundError;
    expect(error).toBeInstanceOf(FoundError);
    expect(error.port).toBe(80);
  });

  it('waits for an answer that is a promise', async () => {
    await using pool = new ThreadPool(1);
    using hold = gate();
    const asked = gate();
    const promise = pool.addTask(
      new Ask('', async () => {
        asked.open();
        await hold.opened;
        return 'at last';
      }),
    );
    await asked.opened;
    hold.open();
    expect(await promise).toBe('at last');
  });

  it('without an onRequest, or with what cannot cross, rejects there', async () => {
    await using pool = new ThreadPool(1);
    const mute = await rejection(pool.addTask(new Ask('', undefined as never)));
    expect((mute as Error).message).toBe('Ask has no onRequest to answer the request');
    const deaf = await rejection(pool.addTask(new Ask('', () => () => {})));
    expect((deaf as Error).message).toContain('answer: a function cannot cross');
  });

  it('that nobody waits for still reaches the original before the task ends', async () => {
    await using pool = new ThreadPool(1);
    using block = blocker();
    block.free();
    let count = 0;
    const tasks = Array.from({ length: 100 }, () => new Block(block.flag, () => void count++));
    await Promise.all(pool.addTask(tasks));
    expect(count).toBe(100);
  });

  it('answered when its task has ended: what the answer owns is released once', async () => {
    const pool = new ThreadPool(1);
    const ledger = sharedInts(2);
    using block = blocker();
    block.free();
    for (const at of [0, 1]) {
      using hold = gate();
      const onRequest = () => hold.opened.then(() => new Parcel(ledger, at));
      await pool.addTask(new Block(block.flag, onRequest));
      hold.open();
      // A turn later the answer has left. The first finds its thread at work, the second at its end.
      await new Promise(setImmediate);
      if (at === 0) await pool.addTask(new Echo(1));
    }
    await pool.close();
    expect([...ledger]).toEqual([1, 1]);
  });
});
