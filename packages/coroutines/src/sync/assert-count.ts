/** The check that all numbers of permits, places and arrivals share. */

/**
 * Refuses what is no count.
 *
 * @throws {RangeError} not an integer, or below `from`
 */
export function assertCount(name: string, value: number, from: number): void {
  if (Number.isSafeInteger(value) && value >= from) return;
  throw new RangeError(`${name} must be an integer from ${from}: got ${String(value)}`);
}
