// biome-ignore-all lint/correctness/useYield: a body that fails at once is what this is about.
/** What the stack of an error says about the coroutines that it has left. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { IAsyncAction } from '../src/async-info.js';
import { coroutine } from '../src/coroutine.js';
import type { Suspension } from '../src/operation.js';
import { resumeAfter } from '../src/resume-after.js';
import { setTracing } from '../src/tracing.js';

const fails = coroutine(function* fails() {
  yield* resumeAfter(0);
  throw new RangeError('deep down');
});

const middle = coroutine(function* middle() {
  yield* fails();
});

async function stackOf(action: PromiseLike<unknown>): Promise<string> {
  try {
    await action;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? '') : '';
  }
  throw new Error('it did not fail');
}

it('names each coroutine that it has left, with the place of its declaration', async () => {
  const lines = (await stackOf(middle())).split('\n');
  expect(lines[0]).toBe('RangeError: deep down');
  const added = lines.filter((line) => line.includes('declared at'));
  expect(added).toHaveLength(2);
  expect(added[0]).toMatch(/^ {4}at coroutine fails \(declared at .*tracing\.test\.ts:12:\d+\)$/);
  expect(added[1]).toMatch(/^ {4}at coroutine middle \(declared at .*tracing\.test\.ts:17:\d+\)$/);
  expect(lines.join()).not.toContain('started:');
});

it('while tracing it also says where each was started', async () => {
  const before = setTracing(true);
  const stack = stackOf(
    (function whoStartsIt() {
      return middle();
    })(),
  );
  setTracing(before);
  const text = await stack;
  expect(text.split('started:')).toHaveLength(3);
  expect(text).toMatch(/coroutine middle [^\n]*\n {4}started:\n {4}at whoStartsIt /);
});

it('a chain of thousands does not make a stack of thousands of lines', async () => {
  const body = function* links(n: number): Generator<Suspension, void, never> {
    if (n === 0) throw new Error('at the end');
    yield* chain(n - 1);
  };
  const chain: (n: number) => IAsyncAction = coroutine(body);
  const lines = (await stackOf(chain(500))).split('\n');
  expect(lines.filter((line) => line.includes('declared at'))).toHaveLength(32);
  expect(lines.at(-1)).toContain('and the coroutines that waited for it');
});

it('a frozen error, and one that is no Error, go through as they are', async () => {
  const frozen = Object.freeze(new Error('frozen'));
  const throws = coroutine(function* throws(error: unknown) {
    throw error;
  });
  for (const error of [frozen, 'a string', undefined]) {
    await expect(throws(error)).rejects.toBe(error);
  }
  expect(frozen.stack).not.toContain('declared at');
});

it('NETLOOM_TRACE=1 turns tracing on from the beginning', async () => {
  const program = `
    import { coroutine, resumeAfter } from '${import.meta.resolve('@netloom/coroutines')}';
    const fails = coroutine(function* fails() { yield* resumeAfter(0); throw new Error('planned'); });
    await fails().then(undefined, (error) => console.log(error.stack.includes('started:')));
  `;
  const outputs = ['1', ''].map(async (NETLOOM_TRACE) => {
    const env = { ...process.env, NETLOOM_TRACE };
    const arguments_ = ['--input-type=module', '-e', program];
    const { stdout } = await promisify(execFile)(process.execPath, arguments_, { env });
    return stdout;
  });
  expect(await Promise.all(outputs)).toEqual(['true\n', 'false\n']);
});
