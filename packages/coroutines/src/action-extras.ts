/** What few started coroutines need, beside async-action.ts: handlers, a stop and its grace, clean-ups. */
import type { CompletedHandler, ProgressHandler } from './async-info.js';
import { type CanceledError, isFinal } from './cancellation.js';
import type { Cleanup } from './clean-up.js';
import { Grace } from './grace.js';

type StopCallback = (reason: CanceledError) => void;

/** @internal */
export class ActionExtras {
  completed: CompletedHandler<unknown> | undefined;
  progress: ProgressHandler<unknown, unknown> | undefined;
  /** Boxed: the last report, for a handler that is set after it. */
  latest: { readonly progress: unknown } | undefined;
  /** An error that nobody has seen yet, in Node's own book of such errors. */
  unhandled: Promise<never> | undefined;
  /** Why it was asked to stop. */
  stopReason: CanceledError | undefined;
  grace: Grace | undefined;
  /** What runs when its body has ended, before anybody hears of that; the last one first. */
  cleanups: Cleanup[] | undefined;
  /** They run: only the end of a grace stops them. */
  cleaning: { cancel(reason: unknown): void } | undefined;
  #onStop: StopCallback[] | undefined;

  /** Whether a stop with this reason says more than the one before. */
  accepts(reason: unknown): boolean {
    return this.stopReason === undefined || (isFinal(reason) && !isFinal(this.stopReason));
  }

  /** @param report - where an error of a callback goes */
  stopsWith(reason: CanceledError, report: (error: unknown) => void): void {
    this.stopReason = reason;
    const callbacks = this.#onStop ?? [];
    this.#onStop = undefined;
    for (const callback of callbacks) {
      try {
        callback(reason);
      } catch (error) {
        report(error);
      }
    }
  }

  /** Calls back once when a stop is asked for; at once if it has been. */
  onStop(callback: StopCallback): void {
    if (this.stopReason !== undefined) callback(this.stopReason);
    else if (this.#onStop === undefined) this.#onStop = [callback];
    else this.#onStop.push(callback);
  }

  startGrace(graceMs: number, over: (reason: CanceledError) => void): void {
    this.grace ??= new Grace();
    this.grace.start(graceMs, () => this.stopReason, over);
  }

  /** @returns whether nobody had seen its error */
  markObserved(): boolean {
    const { unhandled } = this;
    unhandled?.catch(() => {});
    this.unhandled = undefined;
    return unhandled !== undefined;
  }
}
