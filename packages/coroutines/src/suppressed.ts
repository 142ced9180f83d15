/**
 * Several failures, one of them first: the first is thrown as it is, so that its class and code can be caught, and
 * carries the others as `suppressed` (Java's and Kotlin's way), where printing it shows them with their stacks.
 */

/** An error with those that happened while its work was being wound up. */
export interface WithSuppressed {
  readonly suppressed: readonly unknown[];
}

/**
 * Attaches later failures to the first.
 *
 * @returns the first; where nothing can be attached to it (no object, frozen), an `AggregateError` of all
 * @internal
 */
export function attachSuppressed(first: unknown, others: readonly unknown[]): unknown {
  if (others.length === 0) return first;
  if (!(first instanceof Error) || !Object.isExtensible(first)) {
    return new AggregateError([first, ...others], 'several coroutines failed');
  }
  const earlier = 'suppressed' in first && Array.isArray(first.suppressed) ? first.suppressed : [];
  return Object.assign(first, { suppressed: [...earlier, ...others] });
}
