/** A meeting point for a fixed number, again and again: std::barrier, asyncio's Barrier. */
import type { Operation } from '../operation.js';
import { inOneSlice } from '../run-queue.js';
import { assertCount } from './assert-count.js';
import { ClosedError } from './closed-error.js';
import { refuseAll, Wait, type WaitOptions } from './wait.js';
import { WaitQueue } from './wait-queue.js';

/** Lets its parties go on together, each time all have arrived. */
export class Barrier {
  readonly #line = new WaitQueue<Wait<unknown>>();
  #parties: number;
  #closed: ClosedError | undefined;

  /**
   * @param parties - how many have to arrive, from 1
   * @throws {RangeError} not an integer from 1
   */
  constructor(parties: number) {
    assertCount('parties', parties, 1);
    this.#parties = parties;
  }

  /** How many have to arrive. */
  get parties(): number {
    return this.#parties;
  }

  /** How many have arrived and wait for the others. */
  get waiting(): number {
    return this.#line.length;
  }

  /**
   * Arrives, and waits until all have. One that is stopped while it waits has not arrived, and another may in its place.
   *
   * @returns true for exactly one of them, the last to arrive
   * @throws {ClosedError} it is closed, at once or while waiting
   */
  arriveAndWait(options?: WaitOptions): Operation<boolean> {
    return new Arrive(this, options);
  }

  /**
   * Leaves for good: one party less from now on. For one that does not wait at this moment.
   *
   * @throws {RangeError} nobody would be left: close it instead
   */
  arriveAndDrop(): void {
    if (this.#parties === 1) throw new RangeError('the last party of a barrier closes it instead');
    this.#parties -= 1;
    if (this.#line.length >= this.#parties) this.open(true);
  }

  /**
   * Wakes all who wait with a {@link ClosedError}, and refuses whoever comes later. May be called twice.
   *
   * @param cause - becomes the `cause` of that error
   */
  close(cause?: unknown): void {
    if (this.#closed !== undefined) return;
    this.#closed = new ClosedError('the barrier was closed', cause);
    refuseAll(this.#line, this.#closed);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** For its waits. @internal */
  get closed(): ClosedError | undefined {
    return this.#closed;
  }

  /** For its waits. @internal */
  get line(): WaitQueue<Wait<unknown>> {
    return this.#line;
  }

  /**
   * For its waits: all have arrived.
   *
   * @param isLastHere - whether the last of them stands in line, as nobody else has completed the round
   * @internal
   */
  open(isLastHere: boolean): void {
    inOneSlice(() => {
      for (let first = this.#line.first; first !== undefined; first = this.#line.first) {
        first.grant(isLastHere && first.behind === undefined);
      }
    });
  }
}

class Arrive extends Wait<boolean> {
  readonly #barrier: Barrier;

  constructor(barrier: Barrier, options: WaitOptions | undefined) {
    super(options);
    this.#barrier = barrier;
  }

  override toString(): string {
    return 'barrier.arriveAndWait()';
  }

  get isReady(): boolean {
    return this.#barrier.closed !== undefined || this.#barrier.waiting + 1 >= this.#barrier.parties;
  }

  protected get line(): WaitQueue<Wait<unknown>> {
    return this.#barrier.line;
  }

  protected endNow(): void {
    const { closed } = this.#barrier;
    if (closed !== undefined) {
      this.fail(closed);
      return;
    }
    this.complete(true);
    this.#barrier.open(false);
  }
}
