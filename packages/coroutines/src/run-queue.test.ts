import { expect, it } from 'vitest';
import { type Job, runNow, schedule } from './run-queue.js';

function job(run: () => void): Job {
  return { runSlice: run };
}

it('runs at once when nothing runs', () => {
  const log: string[] = [];
  schedule(job(() => log.push('ran')));
  expect(log).toEqual(['ran']);
});

it('runs after the slice that made it runnable, first come, first served', () => {
  const log: string[] = [];
  schedule(
    job(() => {
      schedule(job(() => log.push('first')));
      schedule(job(() => log.push('second')));
      log.push('slice ends');
    }),
  );
  expect(log).toEqual(['slice ends', 'first', 'second']);
});

it('a job that is called runs inside its caller, and deeper than the stack would hold it waits in line', () => {
  const log: number[] = [];
  let deepest = 0;
  let inside = 0;
  const call = (n: number): Job =>
    job(() => {
      inside += 1;
      deepest = Math.max(deepest, inside);
      if (n > 0) runNow(call(n - 1));
      else log.push(n);
      inside -= 1;
    });
  runNow(call(100));
  expect(log).toEqual([0]);
  expect(deepest).toBe(101);
  runNow(call(2000));
  expect(deepest).toBeLessThan(300);
});

it('a thousand made runnable at once give the event loop its turn in between, and none is lost', async () => {
  let resolve = () => {};
  const timer = new Promise<void>((done) => {
    resolve = done;
  });
  let ran = 0;
  let ranAtTurn = 0;
  setImmediate(() => {
    ranAtTurn = ran;
    resolve();
  });
  const all = new Promise<void>((done) => {
    schedule(
      job(() => {
        for (let i = 0; i < 1000; i++) {
          schedule(
            job(() => {
              ran += 1;
              if (ran === 1000) done();
            }),
          );
        }
      }),
    );
  });
  await timer;
  expect(ranAtTurn).toBeGreaterThan(0);
  expect(ranAtTurn).toBeLessThan(1000);
  await all;
  expect(ran).toBe(1000);
});

it('what becomes runnable while others wait for their turn stands behind them', async () => {
  const log: number[] = [];
  const all = new Promise<void>((done) => {
    schedule(
      job(() => {
        for (let i = 0; i < 200; i++) schedule(job(() => log.push(i)));
      }),
    );
    expect(log.length).toBeLessThan(200);
    schedule(
      job(() => {
        log.push(200);
        done();
      }),
    );
  });
  await all;
  expect(log).toEqual(Array.from({ length: 201 }, (_, i) => i));
});
