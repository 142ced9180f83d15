/** A count that goes down once: std::latch. For what must have happened n times before others go on. */
import type { Operation } from '../operation.js';
import { assertCount } from './assert-count.js';
import { GateWait } from './gate-wait.js';
import { grantAll, type Wait, type WaitOptions } from './wait.js';
import { WaitQueue } from './wait-queue.js';

/** Lets everybody through once it has been counted down to 0, and for good. */
export class Latch {
  readonly #line = new WaitQueue<Wait<unknown>>();
  #count: number;

  /**
   * @param count - from 0, which is open from the beginning
   * @throws {RangeError} not an integer from 0
   */
  constructor(count: number) {
    assertCount('count', count, 0);
    this.#count = count;
  }

  /** How many are missing. */
  get count(): number {
    return this.#count;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#line.length;
  }

  /**
   * Counts down, and wakes all at 0.
   *
   * @param by - default 1
   * @throws {RangeError} not an integer from 1, or more than are missing
   */
  countDown(by = 1): void {
    assertCount('by', by, 1);
    if (by > this.#count) {
      throw new RangeError(`countDown(${by}) goes below 0: the latch is at ${this.#count}`);
    }
    this.#count -= by;
    if (this.#count === 0) grantAll(this.#line);
  }

  /** Waits until the count is 0; at once if it is. */
  wait(options?: WaitOptions): Operation<void> {
    return new GateWait(this, 'latch.wait()', options);
  }

  /** For its waits. @internal */
  get line(): WaitQueue<Wait<unknown>> {
    return this.#line;
  }

  /** For its waits. @internal */
  get isOpen(): boolean {
    return this.#count === 0;
  }
}
