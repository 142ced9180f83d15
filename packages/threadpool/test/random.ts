/** Random choices from a seed, so that a run can be had again. */

export interface Random {
  /** An integer from 0 to below `n`. */
  below(n: number): number;
  /** True in one of `n` cases. */
  oneIn(n: number): boolean;
  pick<T>(from: readonly T[]): T;
}

/** Marsaglia's xorshift, 32 bits. */
export function randomFrom(seed: number): Random {
  // 0 would stay 0.
  let state = Math.imul(seed + 1, 0x9e37_79b1) | 1;
  const below = (n: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
  return {
    below,
    oneIn: (n) => below(n) === 0,
    pick: <T>(from: readonly T[]) => {
      if (from.length === 0) throw new RangeError('there is nothing to pick from');
      // SAFETY: the index is below the length.
      return from[below(from.length)] as T;
    },
  };
}

/** The seed that the environment asks for, to have a run again; otherwise one of now. */
export function seedFromEnvironment(): number {
  const { NETLOOM_SEED } = process.env;
  return NETLOOM_SEED === undefined ? Date.now() % 1_000_000_007 : Number(NETLOOM_SEED);
}
