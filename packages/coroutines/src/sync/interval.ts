/**
 * Ticks at a steady pace: the n-th is due at start + n × period, however long those before it took.
 *
 * Nothing runs between the ticks that are waited for: there is no timer to be forgotten, and nothing to close.
 */
import { clock, type Timer } from '../clock.js';
import type { Operation } from '../operation.js';
import { TimedOperation, type WaitOptions } from './wait.js';

export interface IntervalOptions {
  /**
   * What becomes of ticks that were due while nobody waited. `skip` (default): they are left out, and the next one is
   * on the beat. `burst`: they all come, at once, until it has caught up.
   */
  readonly missed?: 'skip' | 'burst' | undefined;
}

/** A steady pace that begins when it is made. */
export class Interval {
  readonly #periodMs: number;
  readonly #isBurst: boolean;
  readonly #start = clock.now();
  #last = 0;

  /** @throws {RangeError} `periodMs` is not a finite number above 0 */
  constructor(periodMs: number, { missed = 'skip' }: IntervalOptions = {}) {
    if (!(periodMs > 0) || !Number.isFinite(periodMs)) {
      throw new RangeError(
        `periodMs must be a finite number of milliseconds above 0: got ${String(periodMs)}`,
      );
    }
    this.#periodMs = periodMs;
    this.#isBurst = missed === 'burst';
  }

  /**
   * Waits for the next tick; at once if one is due.
   *
   * @returns its number, from 1: a gap shows how many were left out
   */
  tick(options?: WaitOptions): Operation<number> {
    return new Tick(this, options);
  }

  /** For its ticks: the number of the next one, and when it is due on the clock. @internal */
  get next(): { readonly number: number; readonly dueMs: number } {
    const passed = Math.floor((clock.now() - this.#start) / this.#periodMs);
    const number = this.#isBurst ? this.#last + 1 : Math.max(this.#last + 1, passed);
    return { number, dueMs: this.#start + number * this.#periodMs };
  }

  /** For its ticks: this one has come, unless another has meanwhile. @internal */
  ticked(number: number): void {
    this.#last = Math.max(this.#last, number);
  }
}

class Tick extends TimedOperation<number> {
  readonly #interval: Interval;
  #timer: Timer | undefined;

  constructor(interval: Interval, options: WaitOptions | undefined) {
    super(options);
    this.#interval = interval;
  }

  override toString(): string {
    return 'interval.tick()';
  }

  protected start(): void {
    const { number, dueMs } = this.#interval.next;
    const leftMs = dueMs - clock.now();
    if (leftMs <= 0) this.#ring(number);
    else if (this.beginsWaiting()) {
      this.#timer = clock.setTimer(leftMs, () => this.#ring(number));
    }
  }

  protected override stop(reason: unknown): boolean {
    this.#timer?.cancel();
    return super.stop(reason);
  }

  #ring(number: number): void {
    this.#interval.ticked(number);
    this.complete(number);
  }
}
