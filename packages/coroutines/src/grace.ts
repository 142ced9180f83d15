/** How long something that was stopped may still take: the shortest of what was asked for, on one timer. */
import { type CanceledError, graceIsOver } from './cancellation.js';
import { clock, type Timer } from './clock.js';

/** @internal */
export class Grace {
  #ends = Number.POSITIVE_INFINITY;
  #timer: Timer | undefined;

  /**
   * @param over - told once, with the stop that reaches everything; not if `end()` comes before
   * @throws {RangeError} as `assertGrace`
   */
  start(graceMs: number, stopReason: () => unknown, over: (reason: CanceledError) => void): void {
    assertGrace(graceMs);
    const ends = clock.now() + graceMs;
    if (ends >= this.#ends) return;
    this.#ends = ends;
    this.#timer?.cancel();
    this.#timer = clock.setTimer(graceMs, () => over(graceIsOver(graceMs, stopReason())));
  }

  end(): void {
    this.#timer?.cancel();
  }
}

/** @throws {RangeError} not a number from 0 @internal */
export function assertGrace(graceMs: number): void {
  if (Number.isNaN(graceMs) || graceMs < 0) {
    throw new RangeError(`graceMs must be a number of milliseconds from 0: got ${graceMs}`);
  }
}
