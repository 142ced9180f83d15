/** What a wait ends with when that which it waits for is closed: a semaphore, a channel, a scheduler. */

const BRAND = Symbol.for('netloom.ClosedError');

/** Nothing will come any more: what was waited for has been closed. Whoever closed it may have given a `cause`. */
export class ClosedError extends Error {
  /** Where the other side of a crossing finds the class. */
  static readonly module: string = import.meta.url;
  static readonly exportName = 'ClosedError';

  readonly code = 'ERR_CLOSED';

  /**
   * @param message - what was closed
   * @param cause - why, as given to `close()`; absent: no cause
   */
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
  }

  override get name(): string {
    return 'ClosedError';
  }

  /** Recognised by this, not by its class: it may come from another copy of the package. @internal */
  get [BRAND](): true {
    return true;
  }
}

/** Whether an error says that something was closed, of whichever copy of the package. */
export function isClosedError(error: unknown): error is ClosedError {
  return typeof error === 'object' && error !== null && BRAND in error;
}
