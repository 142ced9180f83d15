import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readTrace } from './read.js';
import type { TraceLine } from './record.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'netloom-trace-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function write(file: string, lines: readonly (TraceLine | string)[], end = '\n'): void {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
  writeFileSync(join(directory, file), text.join('\n') + end);
}

function thread(pid: number, threadId = 0): TraceLine {
  return {
    event: 'thread',
    pid,
    threadId,
    kernelThreadId: pid + threadId,
    process: `p${pid}`,
    argv: [],
  };
}

function call(start: string, name = 'listen'): TraceLine {
  return { event: 'call', call: name, args: [], result: '0', start, duration: 5 };
}

describe('readTrace', () => {
  test('puts the calls of all files in the order of their start', () => {
    write('1-0.jsonl', [thread(1), call('100'), call('300')]);
    write('2-1.jsonl', [thread(2, 1), call('20'), call('200')]);
    expect(readTrace(directory).map(({ pid, startNs }) => [pid, startNs])).toEqual([
      [2, 20n],
      [1, 100n],
      [2, 200n],
      [1, 300n],
    ]);
  });

  test('keeps nanoseconds beyond 53 bits apart', () => {
    write('1-0.jsonl', [thread(1), call('9007199254740993'), call('9007199254740992')]);
    expect(readTrace(directory).map(({ startNs }) => startNs)).toEqual([
      9007199254740992n,
      9007199254740993n,
    ]);
  });

  test('lets the end of a call stand in the place of its begin', () => {
    const begun = (start: string): TraceLine => ({
      event: 'begin',
      call: 'accept',
      args: [],
      start,
    });
    write('1-0.jsonl', [thread(1), begun('1'), call('1', 'accept'), begun('9')]);
    const [over, underWay] = readTrace(directory);
    expect(over).toMatchObject({ call: 'accept', result: '0', durationNs: 5 });
    expect(underWay).toMatchObject({ call: 'accept', startNs: 9n });
    expect(underWay).not.toHaveProperty('durationNs');
  });

  test('leaves out a last line that is still being written', () => {
    write('1-0.jsonl', [thread(1), call('1'), '{"event":"ca'], '');
    expect(readTrace(directory)).toHaveLength(1);
  });

  test('looks at nothing but traces', () => {
    writeFileSync(join(directory, 'notes.txt'), 'no trace');
    expect(readTrace(directory)).toEqual([]);
  });

  test.each([
    ['no JSON', [thread(1), 'accept('], '1-0.jsonl:2: not a trace: not a line of JSON: accept('],
    ['JSON of something else', ['{"a":1}'], '1-0.jsonl:1: not a trace: no event of one: {"a":1}'],
    ['calls of no thread', [call('1')], '1-0.jsonl:1: not a trace: its first line'],
  ])('names file and line of %s', (_what, lines, message) => {
    write('1-0.jsonl', lines);
    expect(() => readTrace(directory)).toThrow(message);
  });

  test('a directory that is not there is an error', () => {
    expect(() => readTrace(join(directory, 'missing'))).toThrow(/ENOENT/);
  });
});
