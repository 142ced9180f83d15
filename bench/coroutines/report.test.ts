import { expect, it } from 'vitest';
import type { Sample } from './programs/measure.js';
import { CELLS, table, targets } from './report.js';

/** Two rounds; in the second the machine was half as fast for all. */
const SAMPLES: readonly Sample[] = [0, 1].flatMap((round) => [
  { row: 'netloom', round, cpuNs: 40 * (round + 1), wallNs: 50, bytes: 44 },
  { row: 'next()', round, cpuNs: 10 * (round + 1), wallNs: 10, bytes: 40 },
]);
const [acquire] = CELLS;
if (acquire === undefined) throw new RangeError('there are no cells');

it('table() divides ours by each row, within a round', () => {
  expect(table(acquire, SAMPLES).split('\n')[3]).toMatch(/^\| next\(\) .* 4\.00 \(4\.00–4\.00\) /);
});

it('targets() says what is reached: a time, what is allocated beside the other row, figures of many', () => {
  const many = { waitingBytes: 500, sleepingBytes: 601, timerBytes: 1, insertUs: 1.5, cancelUs: 1 };
  const lines = targets(new Map([[acquire, SAMPLES]]), many).split('\n');
  expect(lines.slice(2).map((line) => line.replace(/ +/g, ' '))).toEqual([
    '| acquire ÷ next() | 4.00 (4.00–4.00) | ≤ 3 | no |',
    '| acquire: bytes allocated beside next() | 4.0 | ≤ 8 | yes |',
    '| a waiting coroutine, bytes | 500 | ≤ 600 | yes |',
    '| one that waits for a time, bytes | 601 | ≤ 600 | no |',
    '| a timer, bytes | 1 | ≤ 600 | yes |',
    '| insert a timer, CPU µs | 1.50 | ≤ 1 | no |',
    '| cancel a timer, CPU µs | 1.00 | ≤ 1 | yes |',
  ]);
});
