/**
 * Several failures, one of them thrown: as it is, so that its class and code can be caught, and with the others as
 * `suppressed` (Java's and Kotlin's way), where printing it shows them with their stacks.
 */
import { isCanceledError } from './cancellation.js';

/** An error with those that happened while its work was being wound up. */
export interface WithSuppressed {
  readonly suppressed: readonly unknown[];
}

/**
 * Makes one of several: the first error, with the others attached. A stop is no failure: it is thrown only where there
 * is nothing else, as when `finally` throws.
 *
 * @param failures - in the order in which they happened, at least one; the same error twice counts once
 * @returns one of them; where nothing can be attached to it (no object, frozen), an `AggregateError`
 * @internal
 */
export function asOne(failures: readonly unknown[]): unknown {
  const errors = new Set(failures.filter((failure) => !isCanceledError(failure)));
  if (errors.size === 0) return failures[0];
  const [first] = errors;
  const earlier = suppressedOf(first);
  errors.delete(first);
  for (const known of earlier) errors.delete(known);
  if (errors.size === 0) return first;
  if (!(first instanceof Error) || !Object.isExtensible(first)) {
    return new AggregateError([first, ...errors], 'several coroutines failed');
  }
  return Object.assign(first, { suppressed: [...earlier, ...errors] });
}

function suppressedOf(error: unknown): readonly unknown[] {
  if (typeof error !== 'object' || error === null || !('suppressed' in error)) return [];
  return Array.isArray(error.suppressed) ? error.suppressed : [];
}
