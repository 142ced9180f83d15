/**
 * How a stop looks when it arrives: {@link CanceledError}, thrown by the operation that was waited for.
 *
 * Who stops whom is the affair of coroutine and scope; here is only what they throw, and how code that does not wait
 * can ask.
 */
import { currentOwner } from './current-owner.js';

const BRAND = Symbol.for('netloom.CanceledError');

/** Somebody asked this work to stop. What they gave as the reason is the `cause`. */
export class CanceledError extends Error {
  /** Where the other side of a crossing finds the class. */
  static readonly module: string = import.meta.url;
  static readonly exportName = 'CanceledError';

  readonly code = 'ERR_CANCELED';

  /**
   * @param reason - why; becomes the `cause`. Absent: no cause
   * @param message - default: says the reason
   */
  constructor(reason?: unknown, message: string = describe(reason)) {
    super(message, reason === undefined ? undefined : { cause: reason });
  }

  override get name(): string {
    return 'CanceledError';
  }

  /** Recognised by this, not by its class: it may come from another copy of the package. @internal */
  get [BRAND](): true {
    return true;
  }
}

/**
 * Whether an error is a cancellation, of whichever copy of the package.
 *
 * @param error - anything that was thrown
 */
export function isCanceledError(error: unknown): error is CanceledError {
  return typeof error === 'object' && error !== null && BRAND in error;
}

/** Marks a stop that also reaches clean-ups and shields; not for enumeration. */
const FINAL = Symbol.for('netloom.CanceledError.final');

/** Whether a stop is the last one: nothing waits any more after it. @internal */
export function isFinal(reason: unknown): boolean {
  return isCanceledError(reason) && FINAL in reason;
}

/** The stop that follows when the grace of an earlier one has passed. @internal */
export function graceIsOver(graceMs: number, reason: unknown): CanceledError {
  const message = `canceled: had not ended ${graceMs} ms after it was asked to stop`;
  return Object.defineProperty(new CanceledError(reason, message), FINAL, { value: true });
}

/** The error for a reason: the reason itself when it is one already, so that one error travels all the way down. */
export function toCanceledError(reason: unknown): CanceledError {
  return isCanceledError(reason) ? reason : new CanceledError(reason);
}

/**
 * Whether `cancel()` has been called on the coroutine that asks: for loops that compute and never wait.
 *
 * False outside of a coroutine. In an async body it needs `AsyncLocalStorage`; where the runtime has none
 * (browsers) it is always false there, while generator bodies see it everywhere.
 */
export function cancelRequested(): boolean {
  return currentOwner()?.isCancelRequested ?? false;
}

function describe(reason: unknown): string {
  if (reason === undefined) return 'canceled';
  if (reason instanceof Error) return `canceled: ${reason.message}`;
  return `canceled: ${String(reason)}`;
}
