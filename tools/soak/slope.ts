/**
 * How fast a figure grows: Theil and Sen's slope, the median of the slopes between all pairs of samples, which a single
 * sample that is far off does not move.
 */
export interface Sampled {
  readonly seconds: number;
  readonly value: number;
}

/** In units per second; 0 of fewer than two samples. */
export function slopeOf(samples: readonly Sampled[]): number {
  const slopes: number[] = [];
  for (const [i, a] of samples.entries()) {
    for (const b of samples.slice(i + 1)) {
      if (b.seconds > a.seconds) slopes.push((b.value - a.value) / (b.seconds - a.seconds));
    }
  }
  slopes.sort((a, b) => a - b);
  return slopes[slopes.length >> 1] ?? 0;
}
