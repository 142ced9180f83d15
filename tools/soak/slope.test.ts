import { expect, it } from 'vitest';
import { slopeOf } from './slope.js';

it('slopeOf() gives the growth per second, whatever one sample says', () => {
  const samples = Array.from({ length: 20 }, (_, i) => ({ seconds: 2 * i, value: 6 * i + 100 }));
  expect(slopeOf(samples)).toBe(3);
  expect(slopeOf([...samples, { seconds: 41, value: 1e9 }])).toBeCloseTo(3, 1);
});

it('slopeOf() gives 0 for what only swings, and for too little', () => {
  const swings = Array.from({ length: 21 }, (_, i) => ({ seconds: i, value: i % 2 }));
  expect(slopeOf(swings)).toBe(0);
  expect(slopeOf([{ seconds: 0, value: 5 }])).toBe(0);
});
