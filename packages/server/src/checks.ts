/**
 * How a value that an option cannot have is refused: by name, rule and the value seen.
 */

/** @throws {RangeError} for anything but milliseconds from 0 on, Infinity included */
export function checkTimeout(name: string, ms: number): number {
  if (typeof ms === 'number' && ms >= 0) return ms;
  throw new RangeError(
    `${name} must be milliseconds from 0 on, or Infinity for no deadline: got ${show(ms)}`,
  );
}

/** A value as a message shows it: short, and never throwing. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return `the function ${value.name || '(unnamed)'}`;
  if (typeof value === 'object' && value !== null) return Object.prototype.toString.call(value);
  return String(value);
}

/** @throws {RangeError} not an integer in that range */
export function checkInteger(
  name: string,
  value: number,
  least: number,
  most: number,
  remark = '',
): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(
    `${name} must be an integer from ${least} to ${most}${remark}: got ${show(value)}`,
  );
}
