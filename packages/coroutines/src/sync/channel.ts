/**
 * Values from those who send to those who receive, in order, with a limit: Go's channels, Kotlin's Channel.
 *
 * A value that was sent is received by exactly one, or dropped by name (`destroy`, `onDrop`); a wait that is stopped has
 * neither sent nor received. What receives and sends meet in are two lines and a buffer between them:
 *
 *     send ... send ──> [ buffer, up to capacity ] ──> receive ... receive
 *     stand in line     empty: receives stand in line; full: sends do
 */
import type { Operation } from '../operation.js';
import { assertCount } from './assert-count.js';
import { Next, Receive, Send } from './channel-waits.js';
import { ClosedError } from './closed-error.js';
import { refuseAll, type Wait, type WaitOptions } from './wait.js';
import { WaitQueue } from './wait-queue.js';

export interface ChannelOptions<T> {
  /** Is given each value that nobody will receive because the channel is destroyed: to close what it owns. */
  readonly onDrop?: ((value: T) => void) | undefined;
}

/** Carries values from senders to receivers, each value to one. Its `for await` ends when it is closed and empty. */
export class Channel<T> implements AsyncIterable<T> {
  /** How many values it holds beside those of waiting senders. */
  readonly capacity: number;
  readonly #onDrop: ((value: T) => void) | undefined;
  readonly #senders = new WaitQueue<Wait<unknown>>();
  readonly #receivers = new WaitQueue<Wait<unknown>>();
  #buffer: T[] = [];
  #head = 0;
  #closed: ClosedError | undefined;

  /**
   * @param capacity - 0 (default): a rendezvous, a send ends when its value is received. There is no channel without a
   *   limit: say how much you are ready to hold
   * @throws {RangeError} not an integer from 0
   */
  constructor(capacity = 0, { onDrop }: ChannelOptions<T> = {}) {
    assertCount('capacity', capacity, 0);
    this.capacity = capacity;
    this.#onDrop = onDrop;
  }

  /** How many values are in the buffer. */
  get length(): number {
    return this.#buffer.length - this.#head;
  }

  /** How many sends wait. */
  get waitingSenders(): number {
    return this.#senders.length;
  }

  /** How many receives wait. */
  get waitingReceivers(): number {
    return this.#receivers.length;
  }

  /** Whether it takes no more values. */
  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /**
   * Sends a value: ends when a receiver or the buffer has it.
   *
   * @throws {ClosedError} it is closed; or was destroyed while waiting
   */
  send(value: T, options?: WaitOptions): Operation<void> {
    return new Send<T>(this, value, options);
  }

  /**
   * Sends if that needs no waiting.
   *
   * @returns whether it has
   * @throws {ClosedError} it is closed
   */
  trySend(value: T): boolean {
    if (this.#closed !== undefined) throw this.#closed;
    if (!this.canSend) return false;
    this.put(value);
    return true;
  }

  /**
   * Receives the next value.
   *
   * @throws {ClosedError} it is closed and empty; {@link next} says so without an error
   */
  receive(options?: WaitOptions): Operation<T> {
    return new Receive<T>(this, options);
  }

  /** Receives the next value, as an iterator does: `{ done: true }` when it is closed without a cause, and empty. */
  next(options?: WaitOptions): Operation<IteratorResult<T, undefined>> {
    return new Next<T>(this, options);
  }

  /**
   * Receives if that needs no waiting.
   *
   * @returns undefined when there is nothing
   * @throws {ClosedError} it is closed and empty
   */
  tryReceive(): { readonly value: T } | undefined {
    if (this.hasValue) return { value: this.take() };
    if (this.#closed !== undefined) throw this.#closed;
    return undefined;
  }

  /**
   * Takes no more values. What was sent before, by waiting senders too, is still received; then those who receive get
   * a {@link ClosedError}, and who waits with nothing left to come gets it now. May be called twice.
   *
   * @param cause - why, if it is not simply the end: the `cause` of that error, and then the end of iterations too
   */
  close(cause?: unknown): void {
    if (this.#closed !== undefined) return;
    this.#closed = new ClosedError('the channel was closed', cause);
    refuseAll(this.#receivers, this.#closed);
  }

  /**
   * Closes it, drops what was sent and not received, and wakes all who wait, senders too, with a {@link ClosedError}.
   *
   * @param cause - becomes the `cause` of that error
   */
  destroy(cause?: unknown): void {
    const error = new ClosedError('the channel was destroyed', cause);
    this.#closed ??= error;
    const dropped = this.#buffer.slice(this.#head);
    this.#buffer = [];
    this.#head = 0;
    refuseAll(this.#senders, error);
    refuseAll(this.#receivers, error);
    const onDrop = this.#onDrop;
    if (onDrop !== undefined) for (const value of dropped) onDrop(value);
  }

  /** Destroys it. */
  [Symbol.dispose](): void {
    this.destroy();
  }

  /** Receives until it is closed and empty. Leaving the loop leaves the channel as it is. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return { next: () => this.next().then((result) => result) };
  }

  /** For its waits. @internal */
  get closed(): ClosedError | undefined {
    return this.#closed;
  }

  /** For its waits. @internal */
  get senders(): WaitQueue<Wait<unknown>> {
    return this.#senders;
  }

  /** For its waits. @internal */
  get receivers(): WaitQueue<Wait<unknown>> {
    return this.#receivers;
  }

  /** For its waits: whether a value can be put without waiting. @internal */
  get canSend(): boolean {
    return this.#receivers.length > 0 || this.length < this.capacity;
  }

  /** For its waits: whether a value can be taken without waiting. @internal */
  get hasValue(): boolean {
    return this.length > 0 || this.#senders.length > 0;
  }

  /** For its waits: hands a value over; `canSend` is true. @internal */
  put(value: T): void {
    const receiver = this.#receivers.first;
    if (receiver === undefined) {
      this.#buffer.push(value);
      return;
    }
    // SAFETY: only receives stand in this line.
    (receiver as Receive<T>).grantValue(value);
  }

  /** For its waits: the next value; `hasValue` is true. @internal */
  take(): T {
    // SAFETY: only sends stand in this line.
    const sender = this.#senders.first as Send<T> | undefined;
    if (this.length === 0) {
      // SAFETY: hasValue is true and the buffer is empty.
      const { payload } = sender as Send<T>;
      sender?.grant();
      return payload;
    }
    // SAFETY: the buffer is not empty.
    const value = this.#buffer[this.#head] as T;
    this.#head += 1;
    // Copies at most one value for each that was taken.
    if (this.#head * 2 >= this.#buffer.length) {
      this.#buffer = this.#buffer.slice(this.#head);
      this.#head = 0;
    }
    if (sender !== undefined) {
      this.#buffer.push(sender.payload);
      sender.grant();
    }
    return value;
  }
}
