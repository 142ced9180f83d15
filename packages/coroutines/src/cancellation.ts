/**
 * How a stop looks when it arrives: {@link CanceledError}, thrown by the operation that was waited for.
 *
 * Who stops whom is the affair of coroutine and scope; here is only what they throw, and how code that does not wait
 * can ask.
 */
import { currentOwner } from './current-owner.js';

const BRAND = Symbol.for('netloom.CanceledError');

interface CanceledData {
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause: unknown;
}

/** Somebody asked this work to stop. What they gave as the reason is the `cause`. */
export class CanceledError extends Error {
  static readonly module: string = import.meta.url;
  static readonly exportName = 'CanceledError';

  readonly code = 'ERR_CANCELED';
  /** Recognised by this, not by its class: it may come from another copy of the package. @internal */
  readonly [BRAND] = true;

  /**
   * @param reason - why; becomes the `cause`. Absent: no cause
   * @param message - default: says the reason
   */
  constructor(reason?: unknown, message: string = describe(reason)) {
    super(message, reason === undefined ? undefined : { cause: reason });
    Object.defineProperty(this, BRAND, { enumerable: false });
  }

  override get name(): string {
    return 'CanceledError';
  }

  /** For whoever carries it to another thread. @internal */
  [Symbol.for('netloom.dehydrate')](): { module: string; exportName: string; data: CanceledData } {
    const { message, stack, cause } = this;
    return {
      module: CanceledError.module,
      exportName: CanceledError.exportName,
      data: { message, stack, cause },
    };
  }

  /** Makes it again on the other thread. @internal */
  static [Symbol.for('netloom.revive')](data: CanceledData): CanceledError {
    const revived = new CanceledError(data.cause, data.message);
    if (data.stack !== undefined) revived.stack = data.stack;
    return revived;
  }

  /** It holds nothing that would have to be given back. @internal */
  static [Symbol.for('netloom.discard')](): void {}
}

/**
 * Whether an error is a cancellation, of whichever copy of the package.
 *
 * @param error - anything that was thrown
 */
export function isCanceledError(error: unknown): error is CanceledError {
  return typeof error === 'object' && error !== null && BRAND in error;
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
