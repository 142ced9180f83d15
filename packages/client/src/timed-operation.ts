/**
 * An operation with one deadline for everything it does.
 */
import { clock, Operation, type OperationOptions } from '@netloom/coroutines';

export abstract class TimedOperation<T> extends Operation<T> {
  readonly #timeoutMs: number;
  #timer: { cancel(): void } | undefined = undefined;

  constructor(options: OperationOptions, timeoutMs: number) {
    super(options);
    this.#timeoutMs = timeoutMs;
  }

  /** Begins the work. */
  protected abstract begin(): void;
  /** Puts away what is half done. */
  protected abstract abandon(): void;
  /** The error that says that the time is over; asked before `abandon`. */
  protected abstract expired(timeoutMs: number): Error;

  protected override start(): void {
    if (this.#timeoutMs !== Number.POSITIVE_INFINITY) {
      this.#timer = clock.setTimer(this.#timeoutMs, () => this.#expireUnlessAnswered());
    }
    this.begin();
  }

  protected override stop(): boolean {
    this.#release();
    this.abandon();
    return true;
  }

  /** Ends with a result; everything is put away before anybody hears of it. */
  protected finish(value: T): void {
    this.#release();
    this.complete(value);
  }

  protected giveUp(error: unknown): void {
    this.#release();
    this.abandon();
    this.fail(error);
  }

  /** The event loop may have been busy past the deadline while the answer lay there: it is delivered before immediates. */
  #expireUnlessAnswered(): void {
    const turn = setImmediate(() => this.giveUp(this.expired(this.#timeoutMs)));
    this.#timer = { cancel: () => clearImmediate(turn) };
  }

  #release(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
