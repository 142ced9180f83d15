/**
 * What every operation on a connection has in common: try, and if it would block, wait with a deadline and try again.
 *
 * A subclass says in `advance()` how to go on without waiting. Until it waits it costs no timer, no closure and no entry
 * anywhere; the way from the kernel's event back to `advance()` is `Stream.arm`.
 */
import { Operation } from '@netloom/coroutines';
import type { SocketError } from '@netloom/winsock-native';
import { checkTimeoutMs, NO_TIMEOUT, type WaitOptions } from './deadline.js';
import { type DeadlineQueue, deadlineQueue, type Waiting } from './deadline-queue.js';
import { RateWatch } from './rate-watch.js';
import type { Direction, Stream, Waiter } from './stream.js';

export abstract class StreamOperation<T> extends Operation<T> implements Waiter, Waiting {
  abstract readonly syscall: string;
  protected abstract readonly direction: Direction;
  protected readonly stream: Stream;
  readonly #timeoutMs: number;
  /** Who sees to the minimum rate, while it waits and there is one. */
  #rate: RateWatch | undefined = undefined;
  /** Where its deadline stands, while it waits. */
  #deadlines: DeadlineQueue | undefined = undefined;
  /** @internal */
  dueAtMs = 0;
  /** @internal */
  earlier: Waiting | undefined = undefined;
  /** @internal */
  later: Waiting | undefined = undefined;

  constructor(stream: Stream, options: WaitOptions | undefined, defaultTimeoutMs: number) {
    super(options);
    this.stream = stream;
    const timeoutMs = options?.timeoutMs ?? defaultTimeoutMs;
    checkTimeoutMs('timeoutMs', timeoutMs);
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Goes on as far as that needs no waiting.
   *
   * @returns true when it has ended, by `finish`
   * @throws what then becomes the operation's error
   */
  protected abstract advance(): boolean;

  /** Bytes of this operation that have moved so far. A receiving one is held to a rate once there are some. */
  protected get bytesMoved(): number {
    return 0;
  }

  /** @internal */
  get bytesLeft(): number {
    return 0;
  }

  /** Puts back what is neither with the kernel nor with the user, because the operation ends without a result. */
  protected giveBack(): void {}

  protected override start(): void {
    this.stream.assertUsable(this.direction, this.syscall);
    if (this.#goOn()) return;
    this.stream.arm(this.direction);
    this.#occupy(this);
    if (this.#timeoutMs !== NO_TIMEOUT) {
      this.#deadlines = deadlineQueue(this.#timeoutMs);
      this.#deadlines.join(this);
    }
    this.#watchRate();
  }

  protected override stop(): boolean {
    this.#endWithoutResult();
    return true;
  }

  /** Ends with a result. The direction is free before anybody hears of it. */
  protected finish(value: T): true {
    this.#release();
    this.complete(value);
    return true;
  }

  /** Asks the kernel once more, whatever the hints say, because the time to wait is over. */
  protected lastAttempt(): boolean {
    this.stream.disarm(this.direction);
    this.stream.doubt(this.direction);
    return this.#goOn();
  }

  /** @internal */
  resume(): void {
    if (this.#goOn()) return;
    this.stream.arm(this.direction);
    this.#watchRate();
  }

  /** @internal */
  abandon(error: SocketError): void {
    this.#endWithoutResult();
    this.fail(error);
  }

  /** @internal */
  expire(): void {
    this.#deadlines = undefined;
    // The event loop may have been busy past the deadline while the answer lay there.
    if (this.lastAttempt()) return;
    this.#endWithoutResult();
    const because = `timeoutMs passed: ${this.#timeoutMs}`;
    this.fail(this.stream.error('ETIMEDOUT', this.syscall, because));
  }

  /** Begins to hold it to the minimum rate: sending at once, receiving from the first byte on. */
  #watchRate(): void {
    if (!this.stream.hasExtras || this.#rate !== undefined) return;
    const rate = this.stream.minimumRate(this.direction);
    if (rate === undefined || (this.direction === 'read' && this.bytesMoved === 0)) return;
    this.#rate = new RateWatch(
      rate,
      () => this.bytesMoved,
      () => this.#tooSlow(rate.bytesPerSecond),
    );
  }

  #tooSlow(bytesPerSecond: number): void {
    if (this.lastAttempt()) return;
    const because = `slower than ${bytesPerSecond} bytes a second: ${this.bytesMoved} bytes`;
    this.#endWithoutResult();
    this.fail(this.stream.error('ETIMEDOUT', this.syscall, because));
  }

  /** @returns true when it has ended */
  #goOn(): boolean {
    try {
      return this.advance();
    } catch (error) {
      this.#endWithoutResult();
      this.fail(error);
      return true;
    }
  }

  #endWithoutResult(): void {
    this.#release();
    this.giveBack();
  }

  #release(): void {
    this.#deadlines?.leave(this);
    this.#deadlines = undefined;
    this.#rate?.stop();
    this.#rate = undefined;
    if (!this.#isWaiter()) return;
    this.#occupy(undefined);
    this.stream.disarm(this.direction);
  }

  #isWaiter(): boolean {
    return (this.direction === 'read' ? this.stream.reader : this.stream.writer) === this;
  }

  #occupy(waiter: Waiter | undefined): void {
    if (this.direction === 'read') this.stream.reader = waiter;
    else this.stream.writer = waiter;
  }
}
