/** Where a choice is left to chance: behind one function, so that a test may decide. */

let draw: () => number = Math.random;

/**
 * One of several, each as likely.
 *
 * @param n - how many, from 1
 * @returns from 0 to n - 1
 */
export function pick(n: number): number {
  return Math.min(Math.floor(draw() * n), n - 1);
}

/**
 * Puts another source in; undefined puts `Math.random` back.
 *
 * @param source - gives numbers from 0 to below 1
 * @internal
 */
export function setChance(source: (() => number) | undefined): void {
  draw = source ?? Math.random;
}
