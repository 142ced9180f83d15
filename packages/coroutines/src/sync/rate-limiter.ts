/**
 * So many per time, with bursts: a token bucket, as Go's x/time/rate has it. First come, first served.
 *
 * The bucket is a number and the time at which it was right; nothing runs while nobody waits.
 */
import { clock, type Timer } from '../clock.js';
import type { Operation } from '../operation.js';
import { assertCount } from './assert-count.js';
import { Wait, type WaitOptions } from './wait.js';
import { WaitQueue } from './wait-queue.js';

export interface RateLimiterOptions {
  /** How many per `intervalMs`, in the long run. More than 0; need not be an integer. */
  readonly limit: number;
  /** Of what `limit` is so many. Default: 1000, a second. */
  readonly intervalMs?: number | undefined;
  /** How many may go at once after a pause; an integer from 1. Default: `limit`, rounded up. */
  readonly burst?: number | undefined;
}

export interface RateOptions extends WaitOptions {
  /** How many tokens; default 1. */
  readonly count?: number | undefined;
}

/** Sums of fractions miss a whole by this at most; waiting for it would take no time, and be done for nothing. */
const ROUNDING = 1e-6;

/** Gives out tokens at a steady rate. */
export class RateLimiter {
  readonly #perMs: number;
  readonly #burst: number;
  readonly #line = new WaitQueue<Wait<unknown>>();
  #tokens: number;
  #countedAt = clock.now();
  #timer: Timer | undefined;

  /** @throws {RangeError} `limit` or `intervalMs` is not a finite number above 0, `burst` not an integer from 1 */
  constructor({ limit, intervalMs = 1000, burst = Math.ceil(limit) }: RateLimiterOptions) {
    assertPositive('limit', limit);
    assertPositive('intervalMs', intervalMs);
    assertCount('burst', burst, 1);
    this.#perMs = limit / intervalMs;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** How many tokens there are now, with their fraction. */
  get available(): number {
    this.#count();
    return this.#tokens;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#line.length;
  }

  /**
   * Waits for tokens and uses them up.
   *
   * @param options.count - default 1
   * @throws {RangeError} `count` is not an integer from 1, or more than `burst`: they would never be there at once
   */
  acquire(options?: RateOptions): Operation<void> {
    const count = options?.count ?? 1;
    this.#assertTokens(count);
    return new Token(this, count, options);
  }

  /**
   * Uses tokens up if they are there and nobody waits for them.
   *
   * @param count - default 1
   * @returns whether it has
   * @throws {RangeError} as {@link acquire}
   */
  tryAcquire(count = 1): boolean {
    this.#assertTokens(count);
    if (!this.has(count)) return false;
    this.take(count);
    return true;
  }

  /** For its waits. @internal */
  get line(): WaitQueue<Wait<unknown>> {
    return this.#line;
  }

  /** For its waits: whether so many are there, and nobody waits for them. @internal */
  has(count: number): boolean {
    return this.#line.length === 0 && this.available >= count - ROUNDING;
  }

  /** For its waits. @internal */
  take(count: number): void {
    this.#tokens = Math.max(this.#tokens - count, 0);
  }

  /** For its waits: gives to those in line what is there, and sets the timer for the next. @internal */
  readonly serve = (): void => {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#count();
    for (;;) {
      // SAFETY: only tokens stand in this line.
      const first = this.#line.first as Token | undefined;
      if (first === undefined) return;
      if (this.#tokens < first.count - ROUNDING) break;
      this.take(first.count);
      first.grant();
    }
    // Whoever was let go may have been here already.
    if (this.#timer !== undefined) return;
    // SAFETY: the loop has left somebody in the line.
    const { count } = this.#line.first as Token;
    this.#timer = clock.setTimer((count - this.#tokens) / this.#perMs, this.serve);
  };

  #count(): void {
    const now = clock.now();
    // Another clock may have been put in meanwhile: time that goes back gives nothing.
    const passedMs = Math.max(now - this.#countedAt, 0);
    this.#tokens = Math.min(this.#tokens + passedMs * this.#perMs, this.#burst);
    this.#countedAt = now;
  }

  #assertTokens(count: number): void {
    assertCount('count', count, 1);
    if (count > this.#burst) {
      throw new RangeError(`count must be at most burst, ${this.#burst}: got ${count}`);
    }
  }
}

class Token extends Wait<void> {
  readonly #limiter: RateLimiter;
  readonly count: number;

  constructor(limiter: RateLimiter, count: number, options: WaitOptions | undefined) {
    super(options);
    this.#limiter = limiter;
    this.count = count;
  }

  override toString(): string {
    return 'rateLimiter.acquire()';
  }

  get isReady(): boolean {
    return this.#limiter.has(this.count);
  }

  protected get line(): WaitQueue<Wait<unknown>> {
    return this.#limiter.line;
  }

  protected endNow(): void {
    this.#limiter.take(this.count);
    this.complete();
  }

  protected override standInLine(): void {
    super.standInLine();
    if (this.isPending && this.#limiter.waiting === 1) this.#limiter.serve();
  }

  protected override stop(reason: unknown): boolean {
    super.stop(reason);
    // The timer may have been for this one.
    this.#limiter.serve();
    return true;
  }
}

function assertPositive(name: string, value: number): void {
  if (value > 0 && Number.isFinite(value)) return;
  throw new RangeError(`${name} must be a finite number above 0: got ${String(value)}`);
}
