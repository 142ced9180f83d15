import { describe, expect, it } from 'vitest';
import { differenceOf, ratioOf, spreadOf } from './statistics.js';

describe('spreadOf()', () => {
  it('gives the middle value, or the mean of the two in the middle, and the extremes', () => {
    expect(spreadOf([5, 1, 3])).toEqual({ median: 3, min: 1, max: 5, n: 3 });
    expect(spreadOf([4, 1, 10, 2])).toEqual({ median: 3, min: 1, max: 10, n: 4 });
  });

  it('refuses no values', () => {
    expect(() => spreadOf([])).toThrow(RangeError);
  });
});

describe('ratioOf()', () => {
  it('divides within each round, so that a slow round for both leaves the ratio alone', () => {
    expect(ratioOf([2, 20, 4], [1, 10, 2])).toEqual({ median: 2, min: 2, max: 2, n: 3 });
  });

  it('refuses rows with different numbers of rounds', () => {
    expect(() => ratioOf([1], [1, 2])).toThrow(RangeError);
  });
});

describe('differenceOf()', () => {
  it('subtracts within each round', () => {
    expect(differenceOf([5, 20, 7], [1, 10, 2])).toEqual({ median: 5, min: 4, max: 10, n: 3 });
  });
});
