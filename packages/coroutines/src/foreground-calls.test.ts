import { expect, it } from 'vitest';
import { isCanceledError } from './cancellation.js';
import { setFgEntry } from './entries.js';
import { type ForegroundCall, ForegroundCalls } from './foreground-calls.js';

const module = new URL('../test/fixtures/work.mjs', import.meta.url).href;

function call(id: number, exportName: string, ...args: unknown[]): ForegroundCall {
  return { netloom: 'foreground', id, module, exportName, args };
}

it('a stop that comes before the module is there stops the call', async () => {
  const calls = new ForegroundCalls();
  const answer = calls.answer(call(1, 'forever', new SharedArrayBuffer(4)));
  await calls.answer({ netloom: 'cancel', id: 1, reason: 'enough' });
  await expect(answer).rejects.toMatchObject({ name: 'CanceledError', cause: 'enough' });
});

it('a stop of a call that has ended is not kept for another', async () => {
  const calls = new ForegroundCalls();
  await calls.answer(call(1, 'where'));
  await calls.answer({ netloom: 'cancel', id: 1, reason: undefined });
  expect(await calls.answer(call(1, 'where'))).toBe(0);
});

it('when the launch has ended nothing runs for it, and nothing is begun', async () => {
  const calls = new ForegroundCalls();
  const flags = new SharedArrayBuffer(4);
  const running = calls.answer(call(1, 'forever', flags)).catch((error) => error);
  while (Atomics.load(new Int32Array(flags), 0) < 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  const unseen = new SharedArrayBuffer(4);
  const looking = calls.answer(call(2, 'forever', unseen)).catch((error) => error);
  calls.close();
  const late = calls.answer(call(3, 'forever', unseen)).catch((error) => error);
  for (const one of [running, looking, late]) expect(isCanceledError(await one)).toBe(true);
  expect(new Int32Array(flags)[0]).toBe(3);
});

it('with a foreground entry a call runs when the entry says so, and is stopped before that too', async () => {
  const pending: (() => void)[] = [];
  let told = () => {};
  const arrived = new Promise<void>((resolve) => {
    told = resolve;
  });
  setFgEntry((run) => {
    if (pending.push(run) === 2) told();
  });
  const calls = new ForegroundCalls();
  let isAnswered = false;
  const answer = calls.answer(call(1, 'where')).finally(() => {
    isAnswered = true;
  });
  const stopped = calls.answer(call(2, 'where')).catch((error) => error);
  await arrived;
  await calls.answer({ netloom: 'cancel', id: 2, reason: undefined });
  expect(isAnswered).toBe(false);
  for (const run of pending) run();
  expect(await answer).toBe(0);
  expect(isCanceledError(await stopped)).toBe(true);
  setFgEntry(undefined);
});
