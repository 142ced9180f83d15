import { expect, it } from 'vitest';
import { BASELINE, FLOOR } from './cells.js';
import { type Sample, summarise, table } from './report.js';

const CELL = { name: 'echo-1x1', mode: 'echo', clients: 1, depth: 1 } as const;

function sample(row: string, round: number, cpuUs: number, perSecond: number): Sample {
  const rest = { operations: 1000, p50Us: 10, p99Us: 20, clientLoad: 0.5 };
  return { row, round, cpuUsPerOperation: cpuUs, perSecond, ...rest };
}

it('summarise() takes ratios round by round, whatever the order of the samples', () => {
  const { rows } = summarise(CELL, [
    sample('ours', 1, 30, 50),
    sample(FLOOR, 0, 10, 100),
    sample('ours', 0, 15, 80),
    sample(FLOOR, 1, 20, 50),
  ]);
  const ours = rows.find(({ row }) => row === 'ours');
  expect(ours?.cpuToFloor).toEqual({ median: 1.5, min: 1.5, max: 1.5, n: 2 });
  expect(ours?.rateToFloor).toMatchObject({ min: 0.8, max: 1 });
  expect(ours?.cpuToBaseline).toBeUndefined();
});

it('table() shows median and spread, and a dash where there is nothing to compare with', () => {
  const samples = [0, 1, 2].map((round) => sample(BASELINE, round, 10 + round, 1000));
  const line = table(summarise(CELL, samples)).split('\n').at(-1);
  expect(line).toMatch(/^\| node-net +\| 11\.00 \(10\.00–12\.00\) \| – +\| 1\.00 \(1\.00–1\.00\)/);
});
