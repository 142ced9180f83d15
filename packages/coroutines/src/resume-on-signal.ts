/** A signal as an operation: C++/WinRT's `resume_on_signal`, which waits for an event of the kernel. */
import { CanceledError } from './cancellation.js';
import { clock, type Timer } from './clock.js';
import { Operation, type OperationOptions, type Waiter } from './operation.js';
import { type DeadlineOptions, deadlineOf } from './scope-options.js';

/** Something that can be waited for again and again: an event, a latch. */
export interface Waitable {
  wait(): Operation<unknown>;
}

export interface SignalOptions extends OperationOptions, DeadlineOptions {}

class ResumeOnSignal extends Operation<boolean> implements Waiter {
  readonly #part: Operation<unknown>;
  readonly #deadline: number | undefined;
  #timer: Timer | undefined;
  #timeout: CanceledError | undefined;

  constructor(part: Operation<unknown>, options: SignalOptions | undefined) {
    super(options);
    this.#part = part;
    this.#deadline = deadlineOf('resumeOnSignal()', options ?? {});
  }

  override get parts(): readonly Operation<unknown>[] {
    return [this.#part];
  }

  protected start(): void {
    this.#part.beginFor(this);
    if (this.#part.isSettled) {
      this.operationEnded(this.#part);
    } else if (this.#deadline !== undefined) {
      const left = Math.max(0, this.#deadline - clock.now());
      this.#timer = clock.setTimer(left, () => {
        this.#timeout = new CanceledError();
        this.#part.interrupt(this.#timeout);
      });
    }
  }

  protected stop(reason: unknown): boolean {
    this.#part.interrupt(reason);
    return false;
  }

  operationEnded(part: Operation<unknown>): void {
    this.#timer?.cancel();
    if (!part.hasFailed) this.complete(true);
    else if (part.outcome === this.#timeout) this.complete(false);
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
  return new ResumeOnSignal('wait' in signal ? signal.wait() : new Aborted(signal), options);
}
