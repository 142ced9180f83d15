/** Streams and other asynchronous iterables, read piece by piece in a coroutine. */
import type { Operation } from '../operation.js';
import { TimedOperation, type WaitOptions } from './wait.js';

/** A web stream, as far as it is used: `ReadableStream` fits, also where it is not iterable. */
export interface WebStreamLike<T> {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: T | undefined }>;
    cancel(reason?: unknown): Promise<void>;
    releaseLock(): void;
  };
}

/** What {@link fromStream} reads. */
export type StreamSource<T> = AsyncIterable<T> | WebStreamLike<T>;

/** Reads a stream. Whoever made it closes it: `await using`, or `close()`. */
export interface StreamReader<T> extends AsyncDisposable {
  /**
   * Waits for the next piece. A wait that is stopped loses none: the next one gets it.
   *
   * @returns `{ done: true }` at the end, now and at every later call
   * @throws the stream's own error; {TypeError} another waits already
   */
  next(options?: WaitOptions): Operation<IteratorResult<T, undefined>>;
  /** Says that nobody reads on, and waits until the stream has let go. May be called twice. */
  close(): Promise<void>;
}

/**
 * Reads a Node stream, a web stream or anything with an asynchronous iterator.
 *
 * @throws {TypeError} it is none of them
 *
 * @example
 * ```ts
 * import { Readable } from 'node:stream';
 * import { coroutine, fromStream } from '@netloom/coroutines';
 *
 * const count = coroutine(function* count() {
 *   const pieces = fromStream(Readable.from(['a', 'b', 'c']));
 *   let n = 0;
 *   while (!(yield* pieces.next()).done) n += 1;
 *   return n;
 * });
 * console.log(await count());
 * ```
 *
 * ```text
 * 3
 * ```
 */
export function fromStream<T>(source: StreamSource<T>): StreamReader<T> {
  if (typeof source === 'object' && source !== null) {
    if ('getReader' in source) return new Reader(webSteps(source));
    if (Symbol.asyncIterator in source) return new Reader(iteratorSteps(source));
  }
  throw new TypeError(
    'fromStream() needs a stream, or anything else that can be iterated by await',
  );
}

/** One piece after the other, and the end. */
interface Steps<T> {
  next(): Promise<IteratorResult<T, undefined>>;
  close(): Promise<void>;
}

const END = { done: true, value: undefined } as const;

class Reader<T> implements StreamReader<T> {
  readonly #steps: Steps<T>;
  /** Asked for, and not given to anybody. */
  #piece: Promise<IteratorResult<T, undefined>> | undefined;
  #isEnded = false;
  #isWaitedFor = false;

  constructor(steps: Steps<T>) {
    this.#steps = steps;
  }

  next(options?: WaitOptions): Operation<IteratorResult<T, undefined>> {
    return new NextPiece<T>(this, options);
  }

  async close(): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    await this.#steps.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** For its waits. @internal */
  ask(): Promise<IteratorResult<T, undefined>> {
    if (this.#isEnded && this.#piece === undefined) return Promise.resolve(END);
    if (this.#isWaitedFor) throw new TypeError('another waits for the next piece of this stream');
    this.#isWaitedFor = true;
    this.#piece ??= this.#steps.next();
    return this.#piece;
  }

  /** For its waits. @internal */
  leave(): void {
    this.#isWaitedFor = false;
  }

  /** For its waits: the piece has been given to one, or the error. @internal */
  given(isEnd: boolean): void {
    this.#isWaitedFor = false;
    this.#piece = undefined;
    if (isEnd) this.#isEnded = true;
  }
}

class NextPiece<T> extends TimedOperation<IteratorResult<T, undefined>> {
  readonly #reader: Reader<T>;

  constructor(reader: Reader<T>, options: WaitOptions | undefined) {
    super(options);
    this.#reader = reader;
  }

  override toString(): string {
    return 'fromStream().next()';
  }

  protected start(): void {
    const piece = this.#reader.ask();
    if (!this.beginsWaiting()) {
      this.#reader.leave();
      return;
    }
    piece.then(
      (result) => {
        if (!this.isPending) return;
        this.#reader.given(result.done === true);
        this.complete(result.done ? END : result);
      },
      (error) => {
        if (!this.isPending) return;
        this.#reader.given(true);
        this.fail(error);
      },
    );
  }

  protected override stop(reason: unknown): boolean {
    this.#reader.leave();
    return super.stop(reason);
  }
}

function iteratorSteps<T>(source: AsyncIterable<T>): Steps<T> {
  const iterator = source[Symbol.asyncIterator]();
  return {
    // Within a promise, so that what next() throws at once is a failure of the piece like any other.
    next: async () => iterator.next(),
    close: async () => void (await iterator.return?.()),
  };
}

function webSteps<T>(source: WebStreamLike<T>): Steps<T> {
  const reader = source.getReader();
  return {
    async next() {
      const { done, value } = await reader.read();
      // SAFETY: a piece that is not the end has a value.
      return done ? END : { done: false, value: value as T };
    },
    async close() {
      await reader.cancel();
      reader.releaseLock();
    },
  };
}
