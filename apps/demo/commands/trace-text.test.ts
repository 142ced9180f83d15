import type { CallRecord, TracedArgument } from '@netloom/winsock-native/trace';
import { describe, expect, test } from 'vitest';
import { chromeFaults } from '../test/chrome-format.js';
import { widthOf } from '../theatre/fold.js';
import { chromeTrace } from './trace-chrome.js';
import { jsonLines } from './trace-lines.js';
import { callsAsText } from './trace-text.js';

function call(over: Partial<CallRecord> = {}): CallRecord {
  return {
    call: 'listen',
    args: [
      { name: 's', in: { text: '3' } },
      { name: 'backlog', in: { text: '5' } },
    ],
    result: '0',
    startNs: 9_007_199_254_740_993n,
    durationNs: 4300,
    pid: 100,
    process: 'server',
    threadId: 0,
    kernelThreadId: 100,
    ...over,
  };
}

function unfinished(): CallRecord {
  const { result: _result, durationNs: _duration, ...begun } = call({ call: 'accept', args: [] });
  return { ...begun, startNs: begun.startNs + 1_500_000n };
}

const memory = (text: string, hex: string, length = hex.length / 2) => ({
  text,
  bytes: { hex, length },
});

function text(calls: readonly CallRecord[], columns = 100, language: 'en' | 'zh' = 'en'): string[] {
  return callsAsText(calls, { command: 'stage 1', language, columns });
}

/** The rows below the header. */
function rows(calls: readonly CallRecord[], columns = 100): string[] {
  const lines = text(calls, columns);
  return lines.slice(lines.findIndex((line) => line.endsWith('call = result')) + 1);
}

describe('calls as text', () => {
  test('times count from the first call, in milliseconds; durations have the unit that fits', () => {
    const after = (ns: bigint, durationNs: number) =>
      call({ startNs: 9_007_199_254_740_993n + ns, durationNs });
    expect(rows([call(), after(1_500_000n, 2_340_000), after(12_000_000_000n, 1.5e9)])).toEqual([
      '    0.000  server   main        4 µs  listen(3, 5) = 0',
      '    1.500  server   main      2.3 ms  listen(3, 5) = 0',
      '12000.000  server   main      1.50 s  listen(3, 5) = 0',
    ]);
  });

  test('a call that never returned is said to be unfinished, in both languages', () => {
    expect(rows([call(), unfinished()]).at(-1)).toBe(
      '    1.500  server   main           …  accept()  unfinished',
    );
    expect(text([unfinished()])[0]).toBe(
      'Socket calls of stage 1: 1, by 1 process; 1 had not returned when the process ended',
    );
    expect(text([unfinished()], 100, 'zh').at(-1)).toMatch(/accept\(\) {2}没有返回$/);
  });

  test('bytes that went in and came out stand below, each under its name', () => {
    const args: TracedArgument[] = [
      { name: 'addr', out: memory('127.0.0.1:80', '020000507f000001') },
      { name: 'optval', in: memory('1', '01000000'), out: memory('2', '02000000') },
      { name: 'same', in: memory('1', '01'), out: memory('1', '01') },
      { name: 'nothing', in: memory('""', '') },
    ];
    expect(rows([call({ call: 'f', args })])).toEqual([
      '    0.000  server   main        4 µs  f(127.0.0.1:80, 1 → 2, 1, "") = 0',
      '           addr      02 00 00 50 7f 00 00 01',
      '           optval    01 00 00 00',
      '           → optval  02 00 00 00',
      '           same      01',
    ]);
  });

  test('long texts and long memory are cut, with their length', () => {
    const long = memory(`"${'x'.repeat(200)}"`, '78'.repeat(200), 1000);
    const lines = rows([call({ call: 'send', args: [{ name: 'buf', in: long }] })], 120);
    expect(lines[0]).toContain(`send("${'x'.repeat(63)}"…) = 0`);
    expect(lines.filter((line) => /( 78){32}$/.test(line))).toHaveLength(2);
    expect(lines.at(-1)).toMatch(/^ +… 1000 bytes in all$/);
  });

  test('a result never stands apart from its sign', () => {
    const args = [{ name: 'name', in: { text: 'x'.repeat(30) } }];
    const failed = call({
      call: 'bind',
      args,
      result: '-1',
      error: { number: 10048, name: 'WSAEADDRINUSE' },
    });
    expect(rows([failed], 80).at(-1)?.trim()).toBe('= -1  10048 WSAEADDRINUSE');
    const sent = [{ name: 'buf', in: { text: `"a = ${'b '.repeat(30)}"` } }];
    expect(rows([call({ call: 'send', args: sent })], 80)).toHaveLength(2);
  });

  test('processes of one name have their number beside it', () => {
    const lines = rows([call(), call({ pid: 200, kernelThreadId: 201, threadId: 1 })]);
    expect(lines[0]).toContain('server 100  main  ');
    expect(lines[1]).toContain('server 200  #1    ');
  });

  test('a long name is cut in its rows, and whole above them', () => {
    const long = call({ process: 'server-that-waits' });
    expect(rows([long])[0]).toContain('  server-that-w…  main  ');
    expect(rows([long, { ...long, pid: 20_000 }])[1]).toContain('  server-… 20000  main  ');
    expect(text([long]).join('\n')).toContain(' server-that-waits │ 100 ');
  });

  test.each([40, 60, 80, 132])('fits %i columns', (columns) => {
    const args: TracedArgument[] = [
      { name: 'buf', in: memory(`"${'你好 '.repeat(40)}"`, 'e4bda0'.repeat(64), 400) },
      { name: 'name', in: { text: '127.0.0.1:50000' } },
    ];
    const lines = text(
      [call({ call: 'sendto', args, process: 'a process with a long name' })],
      columns,
    );
    expect(lines.filter((line) => widthOf(line) > columns)).toEqual([]);
  });

  test('of very many calls has a row for each', { timeout: 60_000 }, () => {
    const many = Array.from({ length: 200_000 }, () => call());
    expect(rows(many)).toHaveLength(many.length);
  });

  test('without calls says so', () => {
    expect(text([])).toEqual(['stage 1: no socket call was made']);
    expect(text([], 100, 'zh')).toEqual(['stage 1: 没有任何套接字调用']);
  });
});

describe('calls in the Chrome format', () => {
  test('are complete events in microseconds; one that never returned is a begin', () => {
    const trace = chromeTrace([call(), unfinished()]);
    expect(chromeFaults(trace)).toEqual([]);
    expect(trace.traceEvents.filter(({ ph }) => ph !== 'M')).toEqual([
      {
        ...{ name: 'listen', cat: 'socket', pid: 100, tid: 100, ts: 0, ph: 'X', dur: 4.3 },
        args: { call: 'listen(3, 5) = 0' },
      },
      {
        ...{ name: 'accept', cat: 'socket', pid: 100, tid: 100, ts: 1500, ph: 'B' },
        args: { call: 'accept()  unfinished' },
      },
    ]);
  });

  test.each([
    ['no array', {}],
    ['an event without a name', { ph: 'X', pid: 1, tid: 1, ts: 0, dur: 1 }],
    ['a negative time', { name: 'a', ph: 'X', pid: 1, tid: 1, ts: -1, dur: 1 }],
    ['no duration', { name: 'a', ph: 'X', pid: 1, tid: 1, ts: 1 }],
    ['a phase that is none', { name: 'a', ph: 'Q', pid: 1, tid: 1, ts: 1 }],
    ['a thread without a name', { name: 'a', ph: 'X', pid: 1, tid: 1, ts: 1, dur: 1 }],
  ])('the check of the format finds %s', (_what, event) => {
    const isEvent = 'ph' in event;
    const trace = { displayTimeUnit: 'ms', traceEvents: isEvent ? [event] : undefined };
    expect(chromeFaults(trace)).not.toEqual([]);
  });
});

test('calls as JSON lines have their nanoseconds as text', () => {
  expect(JSON.parse(jsonLines([call()]))).toEqual({ ...call(), startNs: '9007199254740993' });
});
