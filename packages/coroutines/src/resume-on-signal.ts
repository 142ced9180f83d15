/** A signal as an operation: C++/WinRT's `resume_on_signal`, which waits for an event of the kernel. */
import { AroundUntil } from './around.js';
import { Operation, type OperationOptions } from './operation.js';
import { type DeadlineOptions, deadlineOf } from './scope-options.js';

/** Something that can be waited for again and again: an event, a latch. */
export interface Waitable {
  wait(): Operation<unknown>;
}

export interface SignalOptions extends OperationOptions, DeadlineOptions {}

class ResumeOnSignal extends AroundUntil<unknown, boolean> {
  protected reasonOfTime(): undefined {
    return undefined;
  }

  operationEnded(part: Operation<unknown>): void {
    const isTimeUp = this.endedByTime();
    if (isTimeUp || !part.hasFailed) this.complete(!isTimeUp);
    else this.fail(part.outcome);
  }
}

class Aborted extends Operation<void> {
  readonly #watched: AbortSignal;
  readonly #onAbort = () => this.complete();

  constructor(watched: AbortSignal) {
    super();
    this.#watched = watched;
  }

  override toString(): string {
    return 'an AbortSignal';
  }

  protected start(): void {
    if (this.#watched.aborted) this.complete();
    else this.#watched.addEventListener('abort', this.#onAbort, { once: true });
  }

  protected stop(): boolean {
    this.#watched.removeEventListener('abort', this.#onAbort);
    return true;
  }
}

/**
 * Waits until a signal is given.
 *
 * @param signal - an `AbortSignal`, or anything with `wait()`: an event, a latch
 * @param options.timeoutMs - counts from this call; default: none
 * @param options.signal - stops the wait: the signal that is waited for does not
 * @returns true when it was given, false when the time was over before
 * @throws {RangeError} a time that is none
 */
export function resumeOnSignal(
  signal: AbortSignal | Waitable,
  options?: SignalOptions,
): Operation<boolean> {
  const part = 'wait' in signal ? signal.wait() : new Aborted(signal);
  return new ResumeOnSignal(part, deadlineOf('resumeOnSignal()', options ?? {}), options);
}
