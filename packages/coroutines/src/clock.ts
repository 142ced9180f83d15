/**
 * Time behind one interface, so that a test may put its own in: every timer and deadline of netloom asks here.
 */

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

/** setTimeout turns anything longer into 1 ms; a longer wait is made of several. */
const LONGEST_MS = 2 ** 31 - 1;

class RealTimer implements Timer {
  #handle: ReturnType<typeof setTimeout> | undefined;
  #leftMs: number;
  readonly #fire: () => void;

  constructor(ms: number, fire: () => void) {
    this.#leftMs = ms;
    this.#fire = fire;
    this.#arm();
  }

  cancel(): void {
    clearTimeout(this.#handle);
    this.#handle = undefined;
  }

  #arm(): void {
    const part = Math.min(this.#leftMs, LONGEST_MS);
    this.#leftMs -= part;
    this.#handle = setTimeout(() => {
      this.#handle = undefined;
      if (this.#leftMs > 0) this.#arm();
      else this.#fire();
    }, part);
  }
}

const realClock: Clock = {
  now: () => performance.now(),
  setTimer: (ms, fire) => new RealTimer(ms, fire),
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
