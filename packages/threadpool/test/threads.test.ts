/** What threads are given, what they do before and after their tasks, and how many there are when. */
import { once } from 'node:events';
import { SHARE_ENV, setEnvironmentData } from 'node:worker_threads';
import {
  type TaskError,
  type ThreadEnding,
  type ThreadNews,
  ThreadPool,
} from '@netloom/threadpool';
import { afterEach, describe, expect, it } from 'vitest';
import { Deaf, type environment, Keep, type print, Resources } from './fixtures/features.mjs';
import { AskIfAny, Block, Die, Echo, Mark, Where } from './fixtures/tasks.mjs';
import { blocker, DoomedPool, gate, rejection, sharedInts } from './helpers.js';

const FEATURES = new URL('./fixtures/features.mjs', import.meta.url);

function threadModule(how = ''): URL {
  return new URL(`./fixtures/thread-module.mjs?${how}`, import.meta.url);
}

/** The ends of a pool's threads, by why. */
function ends(pool: ThreadPool): string[] {
  const all: string[] = [];
  pool.on('thread-end', (end) => all.push(end.why));
  return all;
}

describe('threadModule', () => {
  it('sets each thread up once before its tasks, which get what it made, and takes it down', async () => {
    const count = sharedInts(2);
    const pool = new ThreadPool(2, { threadModule: threadModule(), data: { count }, name: 'net' });
    const made = await Promise.all(pool.addTask([new Resources(), new Resources()]));
    expect(made).toMatchObject([
      { index: 0, name: 'net-0', made: true },
      { index: 1, name: 'net-1', made: true },
    ]);
    expect(count[0]).toBe(2);
    await pool.close();
    expect([...count]).toEqual([2, 2]);
  });

  it('sets up the thread that takes the place of a lost one', async () => {
    const count = sharedInts(2);
    await using pool = new ThreadPool(1, { threadModule: threadModule(), data: { count } });
    await rejection(pool.addTask(new Die('exit')));
    await pool.addTask(new Echo(1));
    expect(count[0]).toBe(2);
    expect(count[1]).toBe(0);
  });

  it('that throws is a thread that does not start', async () => {
    await using pool = new ThreadPool(1, { threadModule: threadModule('init-throws') });
    const error = (await rejection(pool.addTask(new Echo(1)))) as TaskError;
    expect(error.code).toBe('ERR_TASK_NOT_RUN');
    expect(error.message).toContain('no thread could be started');
    expect(error.cause).toBeInstanceOf(RangeError);
  }, 20_000);

  it('with a tear-down that throws makes close reject, when all threads have ended', async () => {
    const data = { count: sharedInts(2) };
    const pool = new ThreadPool(2, { threadModule: threadModule('exit-throws'), data });
    await pool.addTask(new Echo(1));
    const error = await rejection(pool.close());
    expect(error).toBeInstanceOf(RangeError);
    expect((error as Error).message).toBe('not taken down');
    expect(pool.threads.map((thread) => thread.threadId)).toEqual([-1, -1]);
  });

  it('with a tear-down that hangs is stopped after the grace', async () => {
    const pool = new ThreadPool(1, { threadModule: threadModule('exit-hangs'), graceMs: 30 });
    await pool.addTask(new Echo(1));
    await pool.close();
    expect(pool.threads[0]?.threadId).toBe(-1);
  });

  it('may take its time with a grace that is longer than timers reach', async () => {
    const data = { count: sharedInts(2) };
    const graceMs = 3e9;
    const pool = new ThreadPool(1, { threadModule: threadModule('exit-slow'), data, graceMs });
    await pool.addTask(new Echo(1));
    await pool.close();
    expect([...data.count]).toEqual([1, 1]);
  });

  it('gets a copy of the data as it was when the pool was made', async () => {
    const data = { text: 'then', count: sharedInts(2) };
    await using pool = new ThreadPool(1, { threadModule: threadModule(), data });
    data.text = 'later';
    await rejection(pool.addTask(new Die('exit')));
    expect(await pool.addTask(new Resources())).toMatchObject({ data: { text: 'then' } });
    expect(() => new ThreadPool(1, { data: () => {} })).toThrow('could not be cloned');
  });
});

describe('a thread', () => {
  afterEach(() => {
    setEnvironmentData('netloom', undefined);
    delete process.env.netloom;
  });

  it('has the environment data of the program', async () => {
    setEnvironmentData('netloom', { from: 'main' });
    await using pool = new ThreadPool(1);
    const seen = await pool.run<typeof environment>(FEATURES, 'environment', ['netloom']);
    expect(seen.data).toEqual({ from: 'main' });
  });

  it.each([
    ['a copy of the program’s', {}, 'before'],
    ['the program’s own', { env: SHARE_ENV }, 'after'],
    ['what it is given', { env: { netloom: 'given' } }, 'given'],
  ] as const)('has for its environment %s', async (_, options, expected) => {
    process.env.netloom = 'before';
    await using pool = new ThreadPool(1, options);
    await pool.addTask(new Echo(1));
    process.env.netloom = 'after';
    const seen = await pool.run<typeof environment>(FEATURES, 'environment', ['netloom']);
    expect(seen.env).toBe(expected);
  });

  it('writes to the program’s streams, or to whom the pool names', async () => {
    const written: string[] = [];
    const pool = new ThreadPool(1, {
      name: (index) => `writer ${index}`,
      onOutput: ({ name, stream, text }) => written.push(`${name} ${stream} ${text}`),
    });
    await pool.run<typeof print>(FEATURES, 'print', ['hello']);
    await pool.close();
    expect(written.sort()).toEqual(['writer 0 stderr HELLO', 'writer 0 stdout hello']);
  });

  it('tells when it starts, is ready and ends', async () => {
    const pool = new ThreadPool(2, { minThreads: 1 });
    const told: string[] = [];
    for (const event of ['thread-start', 'thread-ready', 'thread-end'] as const) {
      pool.on(event, (news: ThreadNews) => told.push(`${event} ${news.index}`));
    }
    await pool.addTask(new Echo(1));
    const lost = once(pool, 'thread-end') as Promise<[ThreadEnding]>;
    await rejection(pool.addTask(new Die('exit')));
    expect((await lost)[0]).toMatchObject({ index: 0, why: 'lost', exitCode: 7 });
    await pool.close();
    expect(told.slice(0, 2)).toEqual(['thread-ready 0', 'thread-end 0']);
  });
});

describe('recycleAfter', () => {
  it('so many tasks gives the next to a new thread, and loses none', async () => {
    await using pool = new ThreadPool(1, { recycleAfter: { tasks: 100 } });
    const all = ends(pool);
    const marks = sharedInts(450);
    await Promise.all(pool.addTask(Array.from({ length: 450 }, (_, i) => new Mark(marks, i))));
    expect([...marks]).toEqual(new Array(450).fill(1));
    expect(all.filter((why) => why === 'recycled').length).toBeGreaterThanOrEqual(3);
    expect(all).not.toContain('lost');
  });

  it('one task gives each a thread of its own', async () => {
    await using pool = new ThreadPool(2, { recycleAfter: { tasks: 1 } });
    const where = await Promise.all(pool.addTask(Array.from({ length: 12 }, () => new Where())));
    expect(new Set(where.map((one) => one.threadId)).size).toBe(12);
  });

  it('so much memory replaces the thread, which finishes what it has begun', async () => {
    await using pool = new DoomedPool(1, { recycleAfter: { heapMB: 60 } });
    const all = ends(pool);
    const begun = gate();
    const stop = new AbortController();
    const running = pool.addTask(new Deaf(begun.open, stop.signal), { graceMs: 0 });
    await begun.opened;
    const first = await pool.addTask(new Keep(1));
    const grown = await pool.addTask(new Keep(100));
    expect(grown).toBe(first);
    const next = await untilAnother(pool, first);
    expect(next).not.toBe(first);
    expect(all).toEqual([]);
    stop.abort('end');
    expect(await rejection(running)).toBe('end');
  });
});

describe('a pool with fewer threads at least than at most', () => {
  it('starts the least, grows with its tasks, and shrinks when they are done', async () => {
    await using pool = new ThreadPool(3, { minThreads: 1, idleTimeoutMs: 30 });
    const live = () => pool.threads.filter((thread) => thread.threadId > 0).length;
    expect(live()).toBe(1);
    using block = blocker();
    const begun = gate(3);
    const blocking = Array.from({ length: 4 }, () =>
      pool.addTask(new Block(block.flag, begun.open)),
    );
    await begun.opened;
    expect(live()).toBe(3);
    const idle = new Promise<void>((resolve) => {
      let ended = 0;
      pool.on('thread-end', ({ why }) => {
        if (why === 'idle') ended++;
        if (ended === 2) resolve();
      });
    });
    block.free();
    await Promise.all(blocking);
    await idle;
    expect(live()).toBe(1);
    expect(await pool.addTask(new Echo(1))).toBe(1);
  });

  it('grows also when short tasks stand behind one that goes on', async () => {
    await using pool = new ThreadPool(2, { minThreads: 1 });
    // Learn that such tasks are short, so that they are sent ahead.
    for (let i = 0; i < 50; i++) await pool.addTask(new AskIfAny());
    const hold = gate();
    const begun = gate();
    const held = pool.addTask(
      new AskIfAny('hold', () => {
        begun.open();
        return hold.opened;
      }),
    );
    await begun.opened;
    try {
      const behind = Array.from({ length: 5 }, () => pool.addTask(new AskIfAny()));
      expect(await Promise.all(behind)).toEqual(new Array(5).fill('at once'));
    } finally {
      hold.open();
    }
    await held;
  });

  it('needs none for tasks that one thread does in no time', async () => {
    await using pool = new ThreadPool(4, { minThreads: 1 });
    await Promise.all(pool.addTask(Array.from({ length: 20 }, (_, i) => new Echo(i))));
    const started = pool.threads.filter((thread) => thread.threadId > 0).length;
    for (let i = 0; i < 200; i++) await pool.addTask(new Echo(i));
    // On a busy machine it takes so long that idle ones may end meanwhile.
    const live = pool.threads.filter((thread) => thread.threadId > 0).length;
    expect(live).toBeLessThanOrEqual(started);
  });

  it('of none starts one for the first task, and is closed while none is there', async () => {
    const pool = new ThreadPool(2, { minThreads: 0, idleTimeoutMs: 0 });
    expect(pool.threads.map((thread) => thread.threadId)).toEqual([-1, -1]);
    const ended = once(pool, 'thread-end');
    await pool.addTask(new Where());
    await ended;
    expect(pool.threads.map((thread) => thread.threadId)).toEqual([-1, -1]);
    expect(await pool.addTask(new Echo('again'))).toBe('again');
    await once(pool, 'thread-end');
    await pool.close();
    expect(await pool.terminate()).toEqual({ notRun: [], interrupted: [] });
  });

  it('replaces no thread that was lost while nothing is to do', async () => {
    await using pool = new ThreadPool(1, { minThreads: 0 });
    await rejection(pool.addTask(new Die('exit')));
    expect(pool.threads[0]?.threadId).toBe(-1);
    expect(await pool.addTask(new Echo(1))).toBe(1);
  });
});

/** The first thread other than this one that runs a task. */
async function untilAnother(pool: ThreadPool, threadId: number): Promise<number> {
  for (;;) {
    const where = await pool.addTask(new Where());
    if (where.threadId !== threadId) return where.threadId;
  }
}
