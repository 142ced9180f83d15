/**
 * What all waits of this folder have in common: they end at once if they can, else stand in a line, can be told to go
 * on, and give up when their time is over.
 */
import { clock, type Timer } from '../clock.js';
import { Operation, type OperationOptions } from '../operation.js';
import { inOneSlice } from '../run-queue.js';
import type { Linked, WaitQueue } from './wait-queue.js';

export interface WaitOptions extends OperationOptions {
  /**
   * How long to wait, in milliseconds from the moment of waiting. Passed: the operation fails with a `DOMException`
   * named `TimeoutError`, as that of `AbortSignal.timeout()`. 0: only what needs no waiting. Absent or Infinity: no limit.
   */
  readonly timeoutMs?: number | undefined;
}

/** How long, and the timer while it runs; only a wait with a limit has one. */
interface Limit {
  readonly ms: number;
  timer: Timer | undefined;
}

/** An operation that gives up when its time is over. @internal */
export abstract class TimedOperation<T> extends Operation<T> {
  #limit: Limit | undefined;

  constructor(options?: WaitOptions) {
    super(options);
    this.#limit = options === undefined ? undefined : limitOf(options.timeoutMs);
  }

  /** How messages and dumps call it: `semaphore.acquire()`. */
  abstract override toString(): string;

  /**
   * It has to wait: begins to count. To be called before anything else is begun.
   *
   * @returns false when it may not wait at all, and has failed
   */
  protected beginsWaiting(): boolean {
    const limit = this.#limit;
    if (limit === undefined) return true;
    if (limit.ms === 0) {
      this.fail(timeoutError(String(this), 0));
      return false;
    }
    limit.timer = clock.setTimer(limit.ms, () => {
      this.interrupt(timeoutError(String(this), limit.ms));
    });
    return true;
  }

  /** No limit any more: it has what it waited for, or is being stopped. */
  protected disarm(): void {
    this.#limit?.timer?.cancel();
  }

  protected override complete(value: T): void {
    this.disarm();
    super.complete(value);
  }

  protected override fail(error: unknown): void {
    this.disarm();
    super.fail(error);
  }

  protected stop(_reason: unknown): boolean {
    this.disarm();
    return true;
  }
}

/** A wait that stands in one line. @internal */
export abstract class Wait<T> extends TimedOperation<T> implements Linked<Wait<unknown>> {
  ahead: Wait<unknown> | undefined = undefined;
  behind: Wait<unknown> | undefined = undefined;
  /** Set by select(), which has found that no part was ready: parts must not end one another. @internal */
  isPartOfSelect = false;

  /** Where it stands while it waits. */
  protected abstract get line(): WaitQueue<Wait<unknown>>;

  /** Whether it would end at once: with what it waits for, or with an error. Changes nothing. @internal */
  abstract get isReady(): boolean;

  /** Completes or fails; called when it is ready. */
  protected abstract endNow(): void;

  protected start(): void {
    if (this.isPartOfSelect || !this.isReady) this.standInLine();
    else this.endNow();
  }

  protected standInLine(): void {
    if (this.beginsWaiting()) this.line.add(this);
  }

  /** Has ended when this returns: what a subclass does then may wake others, who may stop this one again. */
  protected override stop(reason: unknown): boolean {
    this.line.remove(this);
    this.fail(reason);
    return true;
  }

  /** Ends a wait that stands in line, with its result. */
  grant(value: T): void {
    this.line.remove(this);
    this.complete(value);
  }

  /** Ends a wait that stands in line, with an error. */
  refuse(error: unknown): void {
    this.line.remove(this);
    this.fail(error);
  }
}

/** Checks a limit; undefined for none. */
function limitOf(timeoutMs: number | undefined): Limit | undefined {
  if (timeoutMs === undefined || timeoutMs === Number.POSITIVE_INFINITY) return undefined;
  if (!(timeoutMs >= 0)) {
    throw new RangeError(
      `timeoutMs must be a number of milliseconds from 0, or Infinity for no limit: got ${String(timeoutMs)}`,
    );
  }
  return { ms: timeoutMs, timer: undefined };
}

/** As AbortSignal.timeout() has it, so that one check does for both. @internal */
export function timeoutError(what: string, ms: number): DOMException {
  return new DOMException(`${what} took longer than ${ms} ms`, 'TimeoutError');
}

/** Lets all who stand in a line go on. @internal */
export function grantAll(line: WaitQueue<Wait<unknown>>): void {
  inOneSlice(() => {
    for (let first = line.first; first !== undefined; first = line.first) first.grant(undefined);
  });
}

/** Refuses all who stand in a line. @internal */
export function refuseAll(line: WaitQueue<Wait<unknown>>, error: unknown): void {
  inOneSlice(() => {
    for (let first = line.first; first !== undefined; first = line.first) first.refuse(error);
  });
}
