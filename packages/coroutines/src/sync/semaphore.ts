/**
 * A number of permits, given out in the order of asking: std::counting_semaphore, .NET's SemaphoreSlim, Trio's Semaphore.
 *
 * A permit that is given back goes straight to the first in line: nobody who comes later can take it from between.
 * Whoever got one keeps it, whatever happens to it before it runs; a wait that is stopped has none.
 */
import { assertCount } from './assert-count.js';
import { ClosedError } from './closed-error.js';
import { refuseAll, Wait, type WaitOptions } from './wait.js';
import { WaitQueue } from './wait-queue.js';

export interface SemaphoreOptions {
  /** More permits than this there must never be: a `release()` beyond it is refused. Absent: no limit. */
  readonly max?: number | undefined;
}

export interface AcquireOptions extends WaitOptions {
  /** How many permits, all or none. Default 1. Who asks for many is not overtaken by who asks for few. */
  readonly count?: number | undefined;
}

/** Limits how many do something at a time. */
export class Semaphore {
  readonly #name: string;
  readonly #max: number;
  readonly #waiting = new WaitQueue<Wait<unknown>>();
  /** The operation of an `acquire()` that did not have to wait, for the next one: see {@link Acquire}. */
  #spare: Acquire | undefined;
  #available: number;
  #closed: ClosedError | undefined;

  /**
   * @param permits - how many there are at first, from 0
   * @throws {RangeError} not an integer from 0, or more than `max`
   */
  constructor(permits: number, options: SemaphoreOptions = {}, name = 'semaphore') {
    const { max = Number.POSITIVE_INFINITY } = options;
    if (max !== Number.POSITIVE_INFINITY) assertCount('max', max, 1);
    assertCount('permits', permits, 0);
    if (permits > max) {
      throw new RangeError(`permits must be at most max, ${max}: got ${permits}`);
    }
    this.#name = name;
    this.#max = max;
    this.#available = permits;
  }

  /** How many permits are free. */
  get available(): number {
    return this.#available;
  }

  /** How many stand in line. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Waits for permits and takes them. `release()` gives them back; {@link permit} does so by itself.
   *
   * Where they are free, nothing waits, and in a coroutine nothing is allocated: the object returned is used again by
   * later calls once `yield*` has ended. So wait for it where it was made, and, as every operation, only once.
   *
   * @param options.count - how many, default 1
   * @throws {ClosedError} it is closed, at once or while waiting
   * @throws {DOMException} `TimeoutError`: `timeoutMs` has passed
   * @throws {RangeError} `count` is not an integer from 1, or more than `max`
   */
  acquire(options?: AcquireOptions): Wait<void> {
    const spare = this.#spare;
    if (options === undefined && spare !== undefined) {
      this.#spare = undefined;
      spare.useAgain();
      return spare;
    }
    return new Acquire(this, this.#countOf(options), options);
  }

  /**
   * Waits for permits that are given back at the end of a block: `using _ = yield* semaphore.permit()`.
   *
   * @throws as {@link acquire}
   */
  permit(options?: AcquireOptions): Wait<Permit> {
    return new AcquirePermit(this, this.#countOf(options), options);
  }

  /**
   * Takes permits if they are free and nobody stands in line for them.
   *
   * @param count - default 1
   * @returns whether it has
   * @throws {ClosedError} it is closed
   */
  tryAcquire(count = 1): boolean {
    if (this.#closed !== undefined) throw this.#closed;
    assertCount('count', count, 1);
    if (!this.canTake(count)) return false;
    this.take(count);
    return true;
  }

  /**
   * Gives permits back, to those in line first. Allowed once it is closed, too.
   *
   * @param count - default 1
   * @throws {RangeError} `count` is not an integer from 1, or there would be more than `max`
   */
  release(count = 1): void {
    assertCount('count', count, 1);
    if (this.#available + count > this.#max) {
      throw new RangeError(
        `release(${count}) would make more permits than max, ${this.#max}: ${this.#available} are free already`,
      );
    }
    this.#available += count;
    this.serve();
  }

  /**
   * Wakes all who wait with a {@link ClosedError}, and refuses whoever comes later. May be called twice.
   *
   * @param cause - becomes the `cause` of that error
   */
  close(cause?: unknown): void {
    if (this.#closed !== undefined) return;
    this.#closed = new ClosedError(`the ${this.#name} was closed`, cause);
    refuseAll(this.#waiting, this.#closed);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** For its waits: the error once it is closed. @internal */
  get closed(): ClosedError | undefined {
    return this.#closed;
  }

  /** For its waits. @internal */
  get line(): WaitQueue<Wait<unknown>> {
    return this.#waiting;
  }

  /** For its waits: whether permits are free, and nobody stands in line for them. @internal */
  canTake(count: number): boolean {
    return this.#available >= count && this.#waiting.length === 0;
  }

  /** For its waits. @internal */
  take(count: number): void {
    this.#available -= count;
  }

  /** For its waits: gives what is free to those in line, in their order. @internal */
  serve(): void {
    for (let first = this.#waiting.first; first !== undefined; first = this.#waiting.first) {
      // SAFETY: only the two waits below stand in this line.
      const wait = first as AcquireWait<unknown>;
      if (wait.count > this.#available) return;
      this.#available -= wait.count;
      wait.grantPermits();
    }
  }

  /** For its waits: this one can be used again. @internal */
  keep(spare: Acquire): void {
    this.#spare = spare;
  }

  #countOf(options: AcquireOptions | undefined): number {
    const count = options?.count ?? 1;
    if (count !== 1) assertCount('count', count, 1);
    if (count > this.#max) {
      throw new RangeError(`count must be at most max, ${this.#max}: got ${count}`);
    }
    return count;
  }
}

/** Permits that were taken, until they are released. */
export class Permit {
  #semaphore: Semaphore | undefined;
  /** How many. */
  readonly count: number;

  /** @internal */
  constructor(semaphore: Semaphore, count: number) {
    this.#semaphore = semaphore;
    this.count = count;
  }

  get isReleased(): boolean {
    return this.#semaphore === undefined;
  }

  /** For a condition: they are another's already. @internal */
  forget(): void {
    this.#semaphore = undefined;
  }

  /** Gives them back. May be called twice. */
  release(): void {
    const semaphore = this.#semaphore;
    this.#semaphore = undefined;
    semaphore?.release(this.count);
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

/** The wait for permits. @internal */
export abstract class AcquireWait<T> extends Wait<T> {
  protected readonly semaphore: Semaphore;
  readonly count: number;

  constructor(semaphore: Semaphore, count: number, options: WaitOptions | undefined) {
    super(options);
    this.semaphore = semaphore;
    this.count = count;
  }

  /** What the wait gives once the permits are taken. */
  protected abstract result(): T;

  protected get line(): WaitQueue<Wait<unknown>> {
    return this.semaphore.line;
  }

  get isReady(): boolean {
    return this.semaphore.closed !== undefined || this.semaphore.canTake(this.count);
  }

  protected endNow(): void {
    const { closed } = this.semaphore;
    if (closed === undefined) {
      this.semaphore.take(this.count);
      this.complete(this.result());
    } else {
      this.fail(closed);
    }
  }

  /** In line: the permits have been taken for it. */
  grantPermits(): void {
    this.grant(this.result());
  }

  protected override stop(reason: unknown): boolean {
    super.stop(reason);
    // It may have stood in the way of others, who ask for fewer.
    this.semaphore.serve();
    return true;
  }
}

/**
 * The wait of `acquire()`. When `yield*` has read its result, the place that made it has nothing left to do with it: it
 * is kept for the next call. Who kept it too and waits again gets the error that a second use always gets, or, if it
 * has been given out but not yet waited for, leaves that error to whom it was given to. One use, one permit, always.
 */
class Acquire extends AcquireWait<void> {
  readonly #isPlain: boolean;

  constructor(semaphore: Semaphore, count: number, options: WaitOptions | undefined) {
    super(semaphore, count, options);
    this.#isPlain = options === undefined;
  }

  override toString(): string {
    return 'semaphore.acquire()';
  }

  protected result(): void {}

  override next(): this {
    super.next();
    if (this.done && this.#isPlain) this.semaphore.keep(this);
    return this;
  }
}

class AcquirePermit extends AcquireWait<Permit> {
  override toString(): string {
    return 'semaphore.permit()';
  }

  protected result(): Permit {
    return new Permit(this.semaphore, this.count);
  }
}
