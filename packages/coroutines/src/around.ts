/** One operation around another: what a shield, a deadline and a wait for a signal have in common. */
import { CanceledError } from './cancellation.js';
import { clock, type Timer } from './clock.js';
import { Operation, type OperationOptions, type Waiter } from './operation.js';

/** Ends when the part has ended; a subclass says how, in `operationEnded`. @internal */
export abstract class Around<P, R> extends Operation<R> implements Waiter {
  protected readonly part: Operation<P>;

  constructor(part: Operation<P>, options?: OperationOptions) {
    super(options);
    this.part = part;
  }

  override get parts(): readonly Operation<unknown>[] {
    return [this.part];
  }

  protected override get holdsStartedWork(): boolean {
    return this.part.isHot;
  }

  protected start(): void {
    this.begin(false);
  }

  /** @param isStopping - what has not begun is left alone: a stop follows */
  protected begin(isStopping: boolean): void {
    this.part.beginFor(this, isStopping);
    if (this.part.isSettled) this.operationEnded(this.part);
  }

  protected stop(reason: unknown): boolean {
    this.part.interrupt(reason);
    return false;
  }

  abstract operationEnded(part: Operation<unknown>): void;
}

/** One that stops the part when its time is over. @internal */
export abstract class AroundUntil<P, R> extends Around<P, R> {
  readonly #deadline: number | undefined;
  #timer: Timer | undefined;
  #timeUp: CanceledError | undefined;

  /** @param deadline - on the clock; undefined for none */
  constructor(part: Operation<P>, deadline: number | undefined, options?: OperationOptions) {
    super(part, options);
    this.#deadline = deadline;
  }

  protected override startStopping(): void {
    this.begin(true);
  }

  protected override begin(isStopping: boolean): void {
    super.begin(isStopping);
    if (this.#deadline === undefined || !this.part.isPending) return;
    this.#timer = clock.setTimer(Math.max(0, this.#deadline - clock.now()), () => {
      this.#timeUp = new CanceledError(this.reasonOfTime());
      this.part.interrupt(this.#timeUp);
    });
  }

  /** Why the part is stopped when its time is over. */
  protected abstract reasonOfTime(): unknown;

  /** The part has ended: no time counts any more. @returns whether that is because its time was over */
  protected endedByTime(): boolean {
    this.#timer?.cancel();
    return this.part.hasFailed && this.part.outcome === this.#timeUp;
  }
}
