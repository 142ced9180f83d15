/** The waits of a channel. What they do to it is the channel's own affair. */
import type { Channel } from './channel.js';
import { Wait, type WaitOptions } from './wait.js';
import type { WaitQueue } from './wait-queue.js';

/** @internal */
export class Send<T> extends Wait<void> {
  readonly #channel: Channel<T>;
  readonly payload: T;

  constructor(channel: Channel<T>, value: T, options: WaitOptions | undefined) {
    super(options);
    this.#channel = channel;
    this.payload = value;
  }

  override toString(): string {
    return 'channel.send()';
  }

  get isReady(): boolean {
    return this.#channel.isClosed || this.#channel.canSend;
  }

  protected get line(): WaitQueue<Wait<unknown>> {
    return this.#channel.senders;
  }

  protected endNow(): void {
    const { closed } = this.#channel;
    if (closed !== undefined) {
      this.fail(closed);
      return;
    }
    this.complete();
    this.#channel.put(this.payload);
  }
}

/** What a receive and a next have in common: they differ in what they make of a value and of the end. @internal */
export abstract class Receiving<T, R> extends Wait<R> {
  protected readonly channel: Channel<T>;

  constructor(channel: Channel<T>, options: WaitOptions | undefined) {
    super(options);
    this.channel = channel;
  }

  protected abstract resultOf(value: T): R;

  get isReady(): boolean {
    return this.channel.hasValue || this.channel.isClosed;
  }

  protected get line(): WaitQueue<Wait<unknown>> {
    return this.channel.receivers;
  }

  protected endNow(): void {
    if (this.channel.hasValue) this.complete(this.resultOf(this.channel.take()));
    else this.ended(this.channel.closed);
  }

  /** Nothing will come any more. */
  protected ended(error: unknown): void {
    this.fail(error);
  }

  grantValue(value: T): void {
    this.grant(this.resultOf(value));
  }
}

/** @internal */
export class Receive<T> extends Receiving<T, T> {
  override toString(): string {
    return 'channel.receive()';
  }

  protected resultOf(value: T): T {
    return value;
  }
}

/** @internal */
export class Next<T> extends Receiving<T, IteratorResult<T, undefined>> {
  override toString(): string {
    return 'channel.next()';
  }

  protected resultOf(value: T): IteratorResult<T, undefined> {
    return { done: false, value };
  }

  override refuse(error: unknown): void {
    this.line.remove(this);
    this.ended(error);
  }

  /** The end is no error, unless it has a cause. */
  protected override ended(error: unknown): void {
    if (error instanceof Error && error.cause !== undefined) this.fail(error);
    else this.complete({ done: true, value: undefined });
  }
}
