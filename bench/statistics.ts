/**
 * Median and spread, and ratios taken within a round: what a busy machine does to one row of a round it does to all.
 */

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly n: number;
}

/** @throws {RangeError} of nothing: there is no median */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const [min, max] = [sorted.at(0), sorted.at(-1)];
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (min === undefined || max === undefined || low === undefined || high === undefined) {
    throw new RangeError('the median of no values was asked for');
  }
  return { median: (low + high) / 2, min, max, n: sorted.length };
}

/** Difference of two rows, round by round. */
export function differenceOf(values: readonly number[], from: readonly number[]): Spread {
  return spreadOf(paired(values, from, (value, other) => value - other));
}

/** Ratio of two rows, round by round. */
export function ratioOf(values: readonly number[], to: readonly number[]): Spread {
  return spreadOf(paired(values, to, (value, other) => value / other));
}

function paired(
  values: readonly number[],
  others: readonly number[],
  of: (value: number, other: number) => number,
): readonly number[] {
  if (values.length !== others.length) {
    throw new RangeError(`rounds differ: ${values.length} against ${others.length}`);
  }
  return values.map((value, round) => of(value, others[round] ?? Number.NaN));
}
