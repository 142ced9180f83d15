/** Checks that several kinds of options share; each names the option, the rule and the value. */

/** A value as a message shows it. */
export function shownValue(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

/** @throws {RangeError} not an integer from `least` to `most` */
export function checkInteger(name: string, value: unknown, least: number, most: number): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) {
    return;
  }
  throw new RangeError(
    `${name} must be an integer from ${least} to ${most}: got ${shownValue(value)}`,
  );
}

/** @throws {RangeError} not a number from 0 on */
export function checkTimeoutMs(name: string, value: unknown): void {
  if (typeof value === 'number' && value >= 0) return;
  throw new RangeError(
    `${name} must be a number of milliseconds from 0 on, or Infinity for no limit: got ${shownValue(value)}`,
  );
}
