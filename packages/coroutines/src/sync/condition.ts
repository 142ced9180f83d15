/**
 * Waiting, with a mutex held, until another says that something has changed: std::condition_variable, Trio's Condition.
 *
 *     stands in line, mutex free --notified--> takes the mutex again --> goes on
 *                     \--stopped-------------> takes the mutex again --> fails
 */
import { isFinal } from '../cancellation.js';
import type { Operation, Waiter } from '../operation.js';
import type { Mutex, MutexGuard } from './mutex.js';
import { grantAll, Wait, type WaitOptions } from './wait.js';
import { WaitQueue } from './wait-queue.js';

/** Where those who hold a mutex wait for a change of what it protects. */
export class Condition {
  readonly #mutex: Mutex;
  readonly #line = new WaitQueue<Wait<unknown>>();

  /** @param mutex - protects what the condition is about */
  constructor(mutex: Mutex) {
    this.#mutex = mutex;
  }

  /** How many wait to be notified. */
  get waiting(): number {
    return this.#line.length;
  }

  /**
   * Releases the mutex, waits to be notified, and takes the mutex again. Ask for what was waited for in a loop: it may
   * have changed once more before the mutex was there: `while (!isReady) yield* condition.wait(guard)`.
   *
   * The mutex is held again however the wait ends, stopped or timed out too, which takes as long as others hold it.
   * One that was notified before it was stopped goes on as notified, and the stop arrives at its next wait.
   *
   * @param guard - of this condition's mutex, not released
   * @throws {TypeError} another mutex's guard, or a released one
   * @throws {ClosedError} the mutex was closed meanwhile: then it is not held
   * @throws {CanceledError} a grace has ended (`cancel(reason, { graceMs })`) before the mutex was free: it is not held
   */
  wait(guard: MutexGuard, options?: WaitOptions): Operation<void> {
    if (guard.mutex !== this.#mutex) {
      throw new TypeError('condition.wait() needs the guard of the mutex it was made with');
    }
    return new ConditionWait(this.#line, guard, options);
  }

  /** Wakes the one that has waited longest, if anyone waits. */
  notifyOne(): void {
    this.#line.first?.grant(undefined);
  }

  /** Wakes all who wait. */
  notifyAll(): void {
    grantAll(this.#line);
  }
}

class ConditionWait extends Wait<void> implements Waiter {
  protected readonly line: WaitQueue<Wait<unknown>>;
  readonly #guard: MutexGuard;
  /** The second half: to have the mutex again. */
  #relock: Operation<void> | undefined;
  #stopped: { readonly reason: unknown } | undefined;

  constructor(line: WaitQueue<Wait<unknown>>, guard: MutexGuard, options: WaitOptions | undefined) {
    super(options);
    this.line = line;
    this.#guard = guard;
  }

  override toString(): string {
    return 'condition.wait()';
  }

  override get parts(): readonly Operation<unknown>[] {
    return this.#relock === undefined ? [] : [this.#relock];
  }

  get isReady(): boolean {
    return this.#guard.isReleased;
  }

  protected endNow(): void {
    this.fail(new TypeError('condition.wait() needs the mutex: its guard has been released'));
  }

  protected override standInLine(): void {
    super.standInLine();
    if (this.isPending) this.#guard.letGo();
  }

  override grant(): void {
    this.line.remove(this);
    this.disarm();
    this.#takeMutex();
  }

  protected override stop(reason: unknown): boolean {
    if (this.#relock === undefined) {
      this.#stopped = { reason };
      this.line.remove(this);
      this.disarm();
      this.#takeMutex();
    }
    if (isFinal(reason)) this.#relock?.interrupt(reason);
    return false;
  }

  operationEnded(relock: Operation<unknown>): void {
    if (relock.hasFailed) {
      // There is nothing to give back.
      this.#guard.forget();
      this.fail(relock.outcome);
    } else if (this.#stopped !== undefined) {
      this.fail(this.#stopped.reason);
    } else {
      this.complete();
    }
  }

  #takeMutex(): void {
    const relock = this.#guard.takeAgain();
    this.#relock = relock;
    relock.beginFor(this);
    if (relock.isSettled) this.operationEnded(relock);
  }
}
