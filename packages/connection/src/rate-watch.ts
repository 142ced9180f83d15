/**
 * Holds one operation to a minimum rate: it may take its grace, and as long as its bytes take at that rate, and no longer.
 *
 * One timer at a time, set for the moment at which what has moved so far would be too little; when it rings and more has
 * moved, for the next such moment. So the check is exact and costs nothing per byte.
 */
import { clock, type Timer } from '@netloom/coroutines';
import type { MinimumRate } from './deadline.js';

/** Timers count whole milliseconds. */
const TIMER_STEP_MS = 1;

export class RateWatch {
  readonly #rate: MinimumRate;
  readonly #bytesMoved: () => number;
  readonly #tooSlow: () => void;
  readonly #beganAtMs = clock.now();
  #timer: Timer;

  constructor(rate: MinimumRate, bytesMoved: () => number, tooSlow: () => void) {
    this.#rate = rate;
    this.#bytesMoved = bytesMoved;
    this.#tooSlow = tooSlow;
    this.#timer = clock.setTimer(this.#leftMs(), this.#ring);
  }

  stop(): void {
    this.#timer.cancel();
  }

  #leftMs(): number {
    const { graceMs, bytesPerSecond } = this.#rate;
    return graceMs + (1000 * this.#bytesMoved()) / bytesPerSecond + this.#beganAtMs - clock.now();
  }

  readonly #ring = (): void => {
    const left = this.#leftMs();
    if (left < TIMER_STEP_MS) this.#tooSlow();
    else this.#timer = clock.setTimer(left, this.#ring);
  };
}
