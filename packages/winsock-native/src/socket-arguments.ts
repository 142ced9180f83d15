/**
 * What `Socket`'s methods check before they go down: refused early, exactly, and with the value seen.
 */
import { type SockaddrLike, SockaddrUn, sizeof } from '@netloom/sockaddr';
import { SOMAXCONN } from './constants.js';

/** Backlogs travel in 16 bits on some systems; the kernel caps them far lower. */
const MAX_BACKLOG = 65_535;

const HOW = { receive: 0, send: 1, both: 2 } as const;

/** A direction of `shutdown`. */
export type ShutdownHow = keyof typeof HOW;

/** @throws {TypeError} none of the three words */
export function shutdownNumber(how: ShutdownHow): number {
  const number: number | undefined = HOW[how];
  if (number !== undefined) return number;
  throw new TypeError(`how must be 'receive', 'send' or 'both': got ${String(how)}`);
}

/**
 * WINDOWS: SOMAXCONN is no count there but the word for as many as there can be, 0x7fffffff.
 *
 * @throws {RangeError} neither an integer from 0 to 65535 nor SOMAXCONN
 */
export function requireBacklog(backlog: number): void {
  if (Number.isInteger(backlog) && backlog >= 0 && backlog <= MAX_BACKLOG) return;
  if (backlog === SOMAXCONN) return;
  throw new RangeError(
    `backlog must be an integer from 0 to ${MAX_BACKLOG}: got ${String(backlog)}`,
  );
}

/** An address as the kernel takes it; a Unix name ends where it ends, the others fill their structure. */
export function memoryOf(fn: string, address: SockaddrLike): { bytes: Uint8Array; length: number } {
  const bytes: unknown = address?.bytes;
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`${fn}: address must be a sockaddr structure: got ${String(address)}`);
  }
  return { bytes, length: address instanceof SockaddrUn ? address.length : sizeof(address) };
}

/** @throws {TypeError} no integer */
export function requireInteger(fn: string, name: string, value: unknown): void {
  if (Number.isInteger(value)) return;
  throw new TypeError(`${fn}: ${name} must be an integer: got ${String(value)}`);
}
