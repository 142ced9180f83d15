/**
 * Time behind one interface, so that a test may put its own in: every timer and deadline of netloom asks here.
 */
import { TimerWheel } from './timer-wheel.js';

/** A timer that has not fired. */
export interface Timer {
  /** Takes it back; does nothing once it has fired. */
  cancel(): void;
}

/** Where time comes from. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number;
  /**
   * Calls `fire` once, `ms` milliseconds from now, never inside `setTimer`. Keeps the process alive until then.
   *
   * @param ms - from 0; more than setTimeout's 2^31 - 1 is fine
   */
  setTimer(ms: number, fire: () => void): Timer;
}

let wheel: TimerWheel | undefined;

const realClock: Clock = {
  now: () => performance.now(),
  setTimer(ms, fire) {
    if (wheel === undefined || !wheel.isCurrent) wheel = new TimerWheel();
    return wheel.set(ms, fire);
  },
};

let current = realClock;

/** The clock in use; the real one unless {@link setClock} was called. */
export const clock: Clock = {
  now: () => current.now(),
  setTimer: (ms, fire) => current.setTimer(ms, fire),
};

/**
 * Puts another clock in for this thread; `undefined` puts the real one back.
 *
 * Timers that run keep the clock they were made with.
 *
 * @returns the clock that was in use
 */
export function setClock(replacement: Clock | undefined): Clock {
  const previous = current;
  current = replacement ?? realClock;
  return previous;
}
