/** Time as an operation: C++/WinRT's `resume_after`. */
import { clock, type Timer } from './clock.js';
import { Operation, type OperationOptions } from './operation.js';

class ResumeAfter extends Operation<void> {
  readonly #ms: number;
  #timer: Timer | undefined;

  constructor(ms: number, options?: OperationOptions) {
    super(options);
    this.#ms = ms;
  }

  protected start(): void {
    this.#timer = clock.setTimer(this.#ms, () => this.complete());
  }

  protected stop(): boolean {
    this.#timer?.cancel();
    return true;
  }
}

/**
 * Waits for a time. Always a real wait: 0 lets others have their turn.
 *
 * @param ms - milliseconds from the moment of waiting, from 0
 * @param options.signal - stops the wait
 * @throws {RangeError} not a number from 0, or infinite
 */
export function resumeAfter(ms: number, options?: OperationOptions): Operation<void> {
  if (!Number.isFinite(ms) || ms < 0) {
    throw new RangeError(
      `resumeAfter: ms must be a finite number of milliseconds from 0: got ${String(ms)}`,
    );
  }
  return new ResumeAfter(ms, options);
}
