/**
 * The check that callbacks go through where they are handed in, so that none fails later, in the middle of other things.
 */

/** @throws {TypeError} it is no function */
export function requireFunction(name: string, value: unknown): void {
  if (typeof value === 'function') return;
  throw new TypeError(`${name} must be a function: got ${String(value)}`);
}
