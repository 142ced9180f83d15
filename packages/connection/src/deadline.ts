/**
 * "By when", for every wait: the option, its check, and the error that says that it has passed.
 *
 * A deadline exists only for a wait that has a timeout and could not be answered at once; see deadline-queue.ts.
 */
import type { OperationOptions } from '@netloom/coroutines';

export interface WaitOptions extends OperationOptions {
  /**
   * How long the operation may take, from its start. Passed: it fails with ETIMEDOUT (10060), and the connection can
   * be used further. 0: only what needs no waiting. Infinity: no limit. Absent: the connection's default.
   */
  readonly timeoutMs?: number | undefined;
}

/** The slowest that a peer may be. */
export interface MinimumRate {
  /** Bytes a second, on average since the operation began (receiving: since its first byte); more than 0. */
  readonly bytesPerSecond: number;
  /** How long before the average counts. */
  readonly graceMs: number;
}

/** No limit. */
export const NO_TIMEOUT = Number.POSITIVE_INFINITY;

/**
 * Refuses what is no duration.
 *
 * @throws {RangeError} `timeoutMs` is not a number from 0 on
 */
export function checkTimeoutMs(name: string, timeoutMs: number): void {
  if (typeof timeoutMs === 'number' && timeoutMs >= 0) return;
  throw new RangeError(
    `${name} must be a number of milliseconds from 0 on, or Infinity for no limit: got ${typeof timeoutMs === 'string' ? JSON.stringify(timeoutMs) : String(timeoutMs)}`,
  );
}

/**
 * Refuses what is no rate.
 *
 * @throws {RangeError} `bytesPerSecond` is not a number above 0, or `graceMs` not one from 0 on
 */
export function checkRate(name: string, rate: MinimumRate | undefined): void {
  if (rate === undefined) return;
  checkTimeoutMs(`${name}.graceMs`, rate.graceMs);
  if (rate.bytesPerSecond > 0 && Number.isFinite(rate.bytesPerSecond)) return;
  throw new RangeError(
    `${name}.bytesPerSecond must be a number of bytes above 0: got ${String(rate.bytesPerSecond)}`,
  );
}
