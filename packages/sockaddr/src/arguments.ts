/**
 * Checks of arguments: a wrong JavaScript type is a TypeError, a number that does not fit the C type a RangeError.
 *
 * Each message names function, argument and value. Text that is no address is neither: C has return codes for that.
 */

/** Longest piece of a value that a message quotes: enough to recognise it, short enough to log. */
const QUOTED_CHARACTERS = 60;

/** A value as a message shows it. */
export function quote(value: unknown): string {
  if (typeof value === 'string') {
    const isLong = value.length > QUOTED_CHARACTERS;
    const text = JSON.stringify(isLong ? value.slice(0, QUOTED_CHARACTERS) : value);
    return isLong ? `${text}... (${value.length} characters)` : text;
  }
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  const name: unknown = Reflect.get(value, 'constructor');
  return typeof name === 'function' && name.name !== ''
    ? `an instance of ${name.name}`
    : 'an object';
}

/**
 * @throws {TypeError} not a number
 * @throws {RangeError} not an integer from `minimum` to `maximum`
 */
export function assertInteger(
  where: string,
  argument: string,
  value: number,
  minimum: number,
  maximum: number,
): void {
  if (typeof value !== 'number') {
    throw new TypeError(`${where}: ${argument} must be a number: got ${quote(value)}`);
  }
  // Number.isInteger says no to NaN and to both infinities too.
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw new RangeError(
      `${where}: ${argument} must be an integer from ${minimum} to ${maximum}: got ${value}`,
    );
  }
}

export function assertUint8(where: string, argument: string, value: number): void {
  assertInteger(where, argument, value, 0, 0xff);
}

export function assertUint16(where: string, argument: string, value: number): void {
  assertInteger(where, argument, value, 0, 0xffff);
}

export function assertUint32(where: string, argument: string, value: number): void {
  assertInteger(where, argument, value, 0, 0xffff_ffff);
}

/** C's `int`, as every `af` is. */
export function assertInt(where: string, argument: string, value: number): void {
  assertInteger(where, argument, value, -0x8000_0000, 0x7fff_ffff);
}

/**
 * @throws {TypeError} not a bigint
 * @throws {RangeError} negative, or more than 64 bits
 */
export function assertUint64(where: string, argument: string, value: bigint): void {
  if (typeof value !== 'bigint') {
    throw new TypeError(
      `${where}: ${argument} must be a bigint, since a number is exact to 53 bits only: got ${quote(value)}`,
    );
  }
  if (value < 0n || value > 0xffff_ffff_ffff_ffffn) {
    throw new RangeError(`${where}: ${argument} must be from 0n to 2n ** 64n - 1n: got ${value}n`);
  }
}

/** @throws {TypeError} not a string */
export function assertString(where: string, argument: string, value: string): void {
  if (typeof value !== 'string') {
    throw new TypeError(`${where}: ${argument} must be a string: got ${quote(value)}`);
  }
}
