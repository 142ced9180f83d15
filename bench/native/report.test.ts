import { describe, expect, it } from 'vitest';
import { parseCounts } from './calls.js';
import { callTable, countTable } from './report.js';
import { C, type NativeCell } from './rows.js';

const OUTPUT = `% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 57.14    0.000400          20        20           epoll_pwait
 28.57    0.000200          20        10           epoll_wait
  7.14    0.000050           5        10         3 accept4
  7.15    0.000050           5         4           mprotect
------ ----------- ----------- --------- --------- ----------------
100.00    0.000700          15        44         3 total
`;

const cell: NativeCell = {
  name: 'recv-idle',
  count: 1,
  rows: [
    { name: C, program: 'c', operation: '' },
    { name: 'ours', program: 'ours', operation: '', promise: { aboveC: 300 } },
  ],
};

describe('parseCounts()', () => {
  it('adds up the calls of one purpose, with errors and without, and leaves out the total', () => {
    expect([...parseCounts(OUTPUT)]).toEqual([
      ['epoll_wait', 30],
      ['accept4', 10],
      ['other', 4],
    ]);
  });
});

describe('callTable()', () => {
  it.each([
    [[600, 640, 700], 'kept'],
    [[600, 641, 700], 'not kept'],
  ])('judges a promise by the difference of the medians: %j', (ours, verdict) => {
    const figures = new Map([
      [C, [300, 340, 900]],
      ['ours', ours],
    ]);
    const text = callTable(cell, figures, true);
    expect(text.split('\n').at(-1)).toBe(`ours: promised at most 300 ns above C: ${verdict}`);
    expect(callTable(cell, figures, false)).not.toContain('promised');
  });
});

describe('countTable()', () => {
  const row = (name: string, calls: number) => ({
    row: name,
    operations: 1,
    perOperation: new Map([['recv', calls]]),
  });

  it.each([
    [6, 'kept'],
    [12.69, 'not kept'],
  ])('compares all calls of the row with one thread with those of C: %d', (calls, verdict) => {
    const text = countTable('exchange-1', [row('c-epoll', 7), row('coroutine', calls)], true);
    expect(text.split('\n').at(-1)).toBe(`coroutine: promised no more calls than C: ${verdict}`);
  });
});
