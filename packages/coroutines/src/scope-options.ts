/** What a scope may be told, and the two ways to say when it has to have ended. */
import { clock } from './clock.js';

/** Says until when something may take. */
export interface DeadlineOptions {
  /** Milliseconds from now, from 0. */
  readonly timeoutMs?: number | undefined;
  /** A time on the `clock`; with `timeoutMs` the nearer one counts. */
  readonly deadline?: number | undefined;
}

export interface ScopeOptions extends DeadlineOptions {
  /**
   * How long what was stopped may take to end, as in `cancel(reason, { graceMs })`, whatever stops it: a failure, the
   * deadline, `cancel()`. Absent: its time.
   */
  readonly graceMs?: number | undefined;
  /**
   * Whether a child's failure leaves the others alone; the body's own still stops them. The scope throws the failures
   * when all have ended: the first, the others as its `suppressed`. Default: false
   */
  readonly supervised?: boolean | undefined;
  /**
   * Takes the failures of a supervised scope's children as they happen: then they are not thrown. What it throws is a
   * failure of the body.
   *
   * @param child - what `spawn()` gave
   */
  readonly onFailure?: ((error: unknown, child: unknown) => void) | undefined;
}

/**
 * The deadline on the clock; undefined for none.
 *
 * @throws {RangeError} NaN, or a negative `timeoutMs`
 * @internal
 */
export function deadlineOf(call: string, options: DeadlineOptions): number | undefined {
  const { timeoutMs, deadline } = options;
  if (timeoutMs !== undefined && !(timeoutMs >= 0)) {
    throw new RangeError(
      `${call}: timeoutMs must be a number of milliseconds from 0: got ${timeoutMs}`,
    );
  }
  if (deadline !== undefined && Number.isNaN(deadline)) {
    throw new RangeError(`${call}: deadline must be a time on the clock: got NaN`);
  }
  if (timeoutMs === undefined && deadline === undefined) return undefined;
  const soonest = Math.min(
    timeoutMs === undefined ? Number.POSITIVE_INFINITY : clock.now() + timeoutMs,
    deadline ?? Number.POSITIVE_INFINITY,
  );
  return soonest === Number.POSITIVE_INFINITY ? undefined : soonest;
}

/** What is thrown when a deadline has passed: the same as `AbortSignal.timeout()` gives. @internal */
export function deadlinePassed(what: string): DOMException {
  return new DOMException(`${what} had not ended by its deadline`, 'TimeoutError');
}
