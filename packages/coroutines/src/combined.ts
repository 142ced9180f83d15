/**
 * Several operations as one: what `whenAll` and `whenAny` have in common. Here alone parts are begun, each as it may
 * be, and counted until the last one has ended.
 *
 *                     | lazy                | runs already: an action, a promise
 *     --------------- | ------------------- | ----------------------------------
 *     at first        | started             | waited for
 *     once decided    | left alone          | stopped, and waited for
 *     a stop is due   | left alone          | stopped, and waited for
 *     used already    | a failure of its own, whoever waits for it
 */
import { Operation, type Waiter } from './operation.js';
import { inOneSlice } from './run-queue.js';

/** @internal */
export abstract class Combined<T> extends Operation<T> implements Waiter {
  readonly #parts: Operation<unknown>[];
  /** Only these are ours to stop: any other may be somebody else's. */
  readonly #begun: Operation<unknown>[] = [];
  /** How many have not ended, and one more while it still begins some, so that it does not end meanwhile. */
  #running = 0;
  /** Boxed: why no other part is begun, and what runs already is stopped. */
  #stopping: { readonly reason: unknown } | undefined;
  /** It begins while a stop is due, which `stop` brings next. */
  #isStopDue = false;
  /** Some were left out, and nothing else has decided how it ends: it does not before that stop has come. */
  #awaitsStop = false;

  constructor(parts: readonly Operation<unknown>[]) {
    super();
    this.#parts = [...parts];
  }

  /** In the places in which they were given. */
  override get parts(): readonly Operation<unknown>[] {
    return this.#parts;
  }

  protected override get holdsStartedWork(): boolean {
    return this.#parts.some((part) => part.isHot);
  }

  /** A part has ended; may call `stopParts`. */
  protected abstract partEnded(part: Operation<unknown>): void;

  /** All that were begun have ended: completes or fails. */
  protected abstract allEnded(): void;

  /** The operation itself is stopped: remembers why. */
  protected abstract stopped(reason: unknown): void;

  protected start(): void {
    this.#running = 1;
    for (let place = 0; place < this.#parts.length; place += 1) this.#begin(place);
    if (this.#stopping !== undefined) this.#awaitsStop = false;
    if (!this.#awaitsStop) this.#ended();
  }

  protected override startStopping(): void {
    this.#isStopDue = true;
    this.start();
  }

  protected stop(reason: unknown): boolean {
    this.stopped(reason);
    this.stopParts(reason);
    if (this.#awaitsStop) {
      this.#awaitsStop = false;
      this.#ended();
    }
    return false;
  }

  /** Begins no other part, and stops those that were begun. */
  protected stopParts(reason: unknown): void {
    this.#stopping ??= { reason };
    inOneSlice(() => {
      for (const part of this.#begun) part.interrupt(reason);
    });
  }

  operationEnded(part: Operation<unknown>): void {
    this.partEnded(part);
    this.#ended();
  }

  #begin(place: number): void {
    // SAFETY: the caller counts the places.
    let part = this.#parts[place] as Operation<unknown>;
    const isStopping = this.#isStopDue || this.#stopping !== undefined;
    if (isStopping && !part.isHot) {
      this.#awaitsStop = true;
      return;
    }
    this.#running += 1;
    try {
      part.beginFor(this, isStopping);
    } catch (error) {
      // It was used before, and another may wait for it: something that only fails takes its place.
      part = new Failed(error);
      this.#parts[place] = part;
      part.beginFor(this);
    }
    this.#begun.push(part);
    if (part.isSettled) this.operationEnded(part);
    else if (this.#stopping !== undefined) part.interrupt(this.#stopping.reason);
  }

  #ended(): void {
    this.#running -= 1;
    if (this.#running === 0) this.allEnded();
  }
}

/** Stands for a part that could not be begun. */
class Failed extends Operation<never> {
  readonly #error: unknown;

  constructor(error: unknown) {
    super();
    this.#error = error;
  }

  protected start(): void {
    this.fail(this.#error);
  }

  protected stop(): boolean {
    return true;
  }
}
