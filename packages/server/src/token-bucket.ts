/**
 * A token bucket: so many per second in the long run, and a burst at once. Tokens are counted when somebody looks, so
 * that a bucket costs no timer.
 */

/** A rate with its burst. */
export interface Rate {
  /** Above 0; fractions are fine: 0.1 is one in ten seconds. */
  readonly perSecond: number;
  /** How many may come at once after a pause, from 1; default: `perSecond`, at least 1. */
  readonly burst?: number | undefined;
}

export class TokenBucket {
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #countedAtMs: number;

  constructor(rate: Rate, nowMs: number) {
    this.#perMs = rate.perSecond / 1000;
    this.#burst = rate.burst ?? Math.max(1, rate.perSecond);
    this.#tokens = this.#burst;
    this.#countedAtMs = nowMs;
  }

  /** Takes a token if there is one. */
  tryTake(nowMs: number): boolean {
    if (this.msUntilNext(nowMs) > 0) return false;
    this.#tokens -= 1;
    return true;
  }

  /** 0: there is a token now. */
  msUntilNext(nowMs: number): number {
    this.#count(nowMs);
    return this.#tokens >= 1 ? 0 : (1 - this.#tokens) / this.#perMs;
  }

  /** Whether it has forgotten all that was taken: then a fresh one says the same. */
  isFull(nowMs: number): boolean {
    this.#count(nowMs);
    return this.#tokens >= this.#burst;
  }

  #count(nowMs: number): void {
    const earned = (nowMs - this.#countedAtMs) * this.#perMs;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned);
    this.#countedAtMs = nowMs;
  }
}
