/**
 * A timer for times that may be longer than Node's timers reach.
 */

/** The longest that Node's timers wait, 24 days. */
const LONGEST_MS = 0x7fff_ffff;

/** What is pending keeps the process alive, not its timers. What is further than they reach never comes: undefined. */
export function longTimer(ms: number, callback: () => void): NodeJS.Timeout | undefined {
  return ms > LONGEST_MS ? undefined : setTimeout(callback, Math.ceil(ms)).unref();
}
