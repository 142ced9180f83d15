/** Where a choice is left to chance: behind one function, so that a test may decide. */

const byChance = (n: number): number => Math.floor(Math.random() * n);

let choose = byChance;

/**
 * One of several, each as likely.
 *
 * @param n - how many, from 1
 * @returns from 0 to n - 1
 */
export function pick(n: number): number {
  return n > 1 ? choose(n) : 0;
}

/**
 * Lets another decide; undefined: chance again.
 *
 * @param decide - gives an integer from 0 to below its argument, which is 2 or more
 * @internal
 */
export function setPick(decide: ((n: number) => number) | undefined): void {
  choose = decide ?? byChance;
}
