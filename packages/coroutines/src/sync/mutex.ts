/**
 * One at a time: std::mutex with its lock_guard, Trio's Lock. A semaphore of one permit whose holder has a guard.
 *
 * It is not reentrant: who holds it and locks again waits for itself.
 */
import type { Operation } from '../operation.js';
import { AcquireWait, Permit, Semaphore } from './semaphore.js';
import type { WaitOptions } from './wait.js';

/** Lets one at a time do something, in the order of asking. */
export class Mutex {
  readonly #semaphore = new Semaphore(1, { max: 1 }, 'mutex');

  get isLocked(): boolean {
    return this.#semaphore.available === 0;
  }

  /** How many wait for it. */
  get waiting(): number {
    return this.#semaphore.waiting;
  }

  /**
   * Waits until it is free and takes it: `using guard = yield* mutex.lock()`.
   *
   * @throws {ClosedError} it is closed, at once or while waiting
   * @throws {DOMException} `TimeoutError`: `timeoutMs` has passed
   */
  lock(options?: WaitOptions): Operation<MutexGuard> {
    return new Lock(this, this.#semaphore, options);
  }

  /**
   * Takes it if it is free.
   *
   * @returns undefined when it is not
   * @throws {ClosedError} it is closed
   */
  tryLock(): MutexGuard | undefined {
    return this.#semaphore.tryAcquire() ? new MutexGuard(this, this.#semaphore) : undefined;
  }

  /**
   * Wakes all who wait with a `ClosedError`, and refuses whoever comes later. Who holds it keeps it.
   *
   * @param cause - becomes the `cause` of that error
   */
  close(cause?: unknown): void {
    this.#semaphore.close(cause);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Says that its owner holds the mutex, until it is released. */
export class MutexGuard extends Permit {
  /** Of which it is. */
  readonly mutex: Mutex;
  readonly #semaphore: Semaphore;

  /** @internal */
  constructor(mutex: Mutex, semaphore: Semaphore) {
    super(semaphore, 1);
    this.mutex = mutex;
    this.#semaphore = semaphore;
  }

  /** For a condition: lets others have the mutex until {@link takeAgain} has ended. @internal */
  letGo(): void {
    this.#semaphore.release();
  }

  /** @internal */
  takeAgain(): Operation<void> {
    return this.#semaphore.acquire();
  }
}

class Lock extends AcquireWait<MutexGuard> {
  readonly #mutex: Mutex;

  constructor(mutex: Mutex, semaphore: Semaphore, options: WaitOptions | undefined) {
    super(semaphore, 1, options);
    this.#mutex = mutex;
  }

  override toString(): string {
    return 'mutex.lock()';
  }

  protected result(): MutexGuard {
    return new MutexGuard(this.#mutex, this.semaphore);
  }
}
