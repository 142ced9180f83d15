import { describe, expect, it } from 'vitest';
import { CELLS, type Cell } from './cells.js';
import { type Sample, summarise, table, targets } from './report.js';

const cellOf = (name: string): Cell => {
  const cell = CELLS.find((one) => one.name === name);
  if (cell === undefined) throw new RangeError(`there is no cell ${name}`);
  return cell;
};

function sample(row: string, round: number, figure: number, leastShare = 1): Sample {
  return { row, round, figure, cpuUs: 1e6 / figure, operations: 100, leastShare };
}

/** Two rounds; in the second the machine was half as fast for all. */
const SAMPLES = [
  ['netloom', 800],
  ['piscina', 100],
  ['tinypool', 50],
  ['native', 400],
].flatMap(([row, figure]) => [
  sample(String(row), 0, Number(figure)),
  sample(String(row), 1, Number(figure) / 2),
]);

describe('summarise()', () => {
  it('compares a rate with the fastest peer, within each round', () => {
    const { bestPeer, rows } = summarise(cellOf('empty'), 2, SAMPLES);
    expect(bestPeer).toBe('piscina');
    expect(rows.find(({ row }) => row === 'netloom')).toMatchObject({
      toPeer: { median: 8, min: 8, max: 8 },
      toFloor: { median: 2 },
      cpuToPeer: { median: 0.125 },
    });
  });

  it('compares a time with the shortest', () => {
    expect(summarise(cellOf('alone'), 2, SAMPLES).bestPeer).toBe('tinypool');
  });

  it('compares with no peer whose threads stood by', () => {
    const lazy = [sample('workerpool', 0, 900, 0.1), sample('workerpool', 1, 900, 0.1)];
    expect(summarise(cellOf('empty'), 2, [...SAMPLES, ...lazy]).bestPeer).toBe('piscina');
  });
});

it('table() has a line for each row, and the share where it is judged', () => {
  const lines = table(summarise(cellOf('empty'), 2, SAMPLES)).split('\n');
  expect(lines).toHaveLength(6);
  expect(lines[0]).toContain('÷ piscina');
  expect(lines[2]).toMatch(/netloom .* 8\.00 \(8\.00–8\.00\) .* 100 % /);
});

it('targets() says what is reached', () => {
  const lines = targets([
    summarise(cellOf('empty'), 2, SAMPLES),
    summarise(cellOf('burst'), 2, SAMPLES),
  ]).split('\n');
  expect(lines.slice(2).map((line) => line.replace(/ +/g, ' '))).toEqual([
    '| empty ÷ piscina | 2 | 8.00 (8.00–8.00) | ≥ 8.00 | yes |',
    '| empty: CPU ÷ least peer | 2 | 0.13 (0.13–0.13) | ≤ 0.20 | yes |',
    '| empty ÷ native | 2 | 2.00 (2.00–2.00) | ≥ 1.00 | yes |',
    '| burst, % | 2 | 600.00 (400.00–800.00) | ≤ 20.00 | no |',
  ]);
});
