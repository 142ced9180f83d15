/**
 * Reading frames: the loop between a connection's bytes and a codec.
 *
 * A frame that is cancelled, or whose time is up, half-way stays in the connection with all its bytes.
 */
import { clock, type Operation } from '@netloom/coroutines';
import { WOULD_BLOCK } from '@netloom/winsock-native';
import type { WaitOptions } from './deadline.js';
import { checkLimitBytes, type FrameCodec, frameLength, TOO_LONG } from './framing/codec.js';
import { type Direction, type Stream, sharedScratch } from './stream.js';
import { StreamError } from './stream-error.js';
import { StreamOperation } from './stream-operation.js';

/**
 * Frames of one connection, one after the other.
 *
 * It holds nothing: readers of different kinds may take turns on a connection, each going on behind the last frame.
 */
export class FrameReader<T> implements AsyncIterable<T> {
  readonly #stream: Stream;
  readonly #codec: FrameCodec<T>;

  /** @internal */
  constructor(stream: Stream, codec: FrameCodec<T>) {
    checkLimitBytes(codec.limitBytes, 1);
    this.#stream = stream;
    this.#codec = codec;
  }

  /**
   * Receives the next frame, waiting until it is complete.
   *
   * @param options.timeoutMs - for the whole frame; default: the connection's
   * @returns the frame; null when the peer has finished sending, now and at every later call
   * @throws {StreamError} ERR_FRAME_TOO_LONG, ERR_STREAM_ENDED (in the middle of a frame)
   * @throws {SocketError} as `recv`
   */
  next(options?: WaitOptions): Operation<T | null> {
    return new FrameOperation<T, null>(this.#stream, this.#codec, AT_END_NULL, options);
  }

  /** Gives frame after frame until the peer has finished sending; leaving the loop early closes nothing. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const frame = await this.next();
      if (frame === null) return;
      yield frame;
    }
  }
}

/** What a read of a frame gives when the stream has ended before it. */
interface AtEnd<N> {
  readonly value: N;
}

const AT_END_NULL: AtEnd<null> = { value: null };

/** Receives one frame. */
export class FrameOperation<T, N> extends StreamOperation<T | N> {
  readonly syscall: string;
  readonly #codec: FrameCodec<T>;
  /** Undefined: a stream that has ended is an error. */
  readonly #atEnd: AtEnd<N> | undefined;
  /** How many bytes the codec has seen of this frame. */
  #seen = 0;
  /** Undefined while bytes come in: the silence begins when there are no more. */
  #latestByteAtMs: number | undefined = undefined;
  #quietTimer: { cancel(): void } | undefined = undefined;
  #isQuiet = false;

  constructor(
    stream: Stream,
    codec: FrameCodec<T>,
    atEnd: AtEnd<N> | undefined,
    options: WaitOptions | undefined,
    syscall = 'recv',
  ) {
    super(stream, options, stream.receiveTimeoutMs);
    this.#codec = codec;
    this.#atEnd = atEnd;
    this.syscall = syscall;
  }

  protected get direction(): Direction {
    return 'read';
  }

  protected override advance(): boolean {
    const { ahead } = this.stream;
    try {
      for (;;) {
        if (ahead.length > this.#seen && this.#cut()) return true;
        const scratch = sharedScratch();
        const count = this.stream.receive(scratch);
        if (count === WOULD_BLOCK) return this.#isQuiet ? this.#takeRest() : this.#listenForQuiet();
        if (count === 0) return this.#end();
        if (ahead.length === 0) ahead.borrow(scratch, count);
        else ahead.push(scratch.subarray(0, count));
        this.#latestByteAtMs = undefined;
        this.#isQuiet = false;
      }
    } finally {
      // The scratch memory is everybody's again.
      ahead.keep();
    }
  }

  protected override get bytesMoved(): number {
    return this.#seen;
  }

  protected override giveBack(): void {
    this.#quietTimer?.cancel();
    this.#quietTimer = undefined;
  }

  /** Takes the frame, if it is there. */
  #cut(): boolean {
    const { ahead } = this.stream;
    const bytes = ahead.view();
    const length = frameLength(this.#codec, bytes, this.#seen);
    if (length === TOO_LONG) throw this.#tooLong(bytes);
    this.#seen = bytes.length;
    return length === 0 ? false : this.#take(bytes.subarray(0, length));
  }

  #take(bytes: Uint8Array): true {
    const { ahead } = this.stream;
    // Before it is decoded: a frame that its codec refuses is taken, and the next read goes on behind it.
    ahead.skip(bytes.length);
    const frame = this.#codec.decode(bytes);
    // Whoever goes on now may read, on this connection or another.
    ahead.keep();
    this.giveBack();
    return this.finish(frame);
  }

  #takeRest(): true {
    return this.#take(this.stream.ahead.view());
  }

  #end(): true {
    const { ahead } = this.stream;
    if (ahead.length === 0 && this.#atEnd !== undefined) {
      this.giveBack();
      return this.finish(this.#atEnd.value);
    }
    if (ahead.length > 0 && this.#codec.restIsFrame === true) return this.#takeRest();
    const received = ahead.view().slice();
    ahead.skip(received.length);
    const where = received.length === 0 ? 'before' : 'in the middle of';
    throw this.#error(
      'ERR_STREAM_ENDED',
      `the peer finished sending ${where} ${this.#atEnd === undefined ? 'what was waited for' : 'a frame'}`,
      received,
    );
  }

  /** Starts to measure the silence after the first byte. Always false: it has not ended. */
  #listenForQuiet(): false {
    const { quietMs = Number.POSITIVE_INFINITY } = this.#codec;
    if (quietMs === Number.POSITIVE_INFINITY || this.#seen === 0) return false;
    this.#latestByteAtMs ??= clock.now();
    this.#quietTimer ??= clock.setTimer(quietMs, () => this.#quietPassed(quietMs));
    return false;
  }

  /** One timer serves all bytes of a frame: it looks how long ago the latest came, and sleeps for the rest. */
  #quietPassed(quietMs: number): void {
    this.#quietTimer = undefined;
    const left = (this.#latestByteAtMs ?? clock.now()) + quietMs - clock.now();
    if (left > 0) {
      this.#quietTimer = clock.setTimer(left, () => this.#quietPassed(quietMs));
      return;
    }
    this.#isQuiet = true;
    if (!this.lastAttempt()) this.stream.arm('read');
  }

  #tooLong(bytes: Uint8Array): StreamError {
    const { limitBytes } = this.#codec;
    const happened = `a frame is longer than its limit of ${limitBytes} bytes`;
    return this.#error('ERR_FRAME_TOO_LONG', happened, bytes.slice());
  }

  #error(
    code: 'ERR_STREAM_ENDED' | 'ERR_FRAME_TOO_LONG',
    happened: string,
    received: Uint8Array,
  ): StreamError {
    return new StreamError({
      code,
      attempt: this.syscall,
      peer: this.stream.peer,
      happened,
      received,
    });
  }
}
