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
  /**
   * Says that nobody reads on: whoever waits for a piece gets the end. May be called twice.
   *
   * A Node stream is destroyed, also when nothing was read of it, and waited for until it is closed; a web stream is
   * cancelled, and waited for. Any other iterator is told by `return()`, which is waited for unless a piece is still
   * under way: an asynchronous generator would not hear of it before that has come.
   *
   * @throws what the stream fails to close with
   */
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
    if (isNodeStream(source)) return new Reader(nodeSteps(source));
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
  /** It has ended by itself, or failed. */
  ended?(): void;
}

/** What closing a Node stream takes; those of the package `readable-stream` have it too. */
interface NodeStream<T> extends AsyncIterable<T> {
  readonly closed: boolean;
  destroy(): unknown;
  on(event: string, listener: (error?: unknown) => void): unknown;
  off(event: string, listener: (error?: unknown) => void): unknown;
}

const END = { done: true, value: undefined } as const;

class Reader<T> implements StreamReader<T> {
  readonly #steps: Steps<T>;
  /** Asked for, and not given to anybody. */
  #piece: Promise<IteratorResult<T, undefined>> | undefined;
  #isEnded = false;
  #waiting: NextPiece<T> | undefined;

  constructor(steps: Steps<T>) {
    this.#steps = steps;
  }

  next(options?: WaitOptions): Operation<IteratorResult<T, undefined>> {
    return new NextPiece<T>(this, options);
  }

  async close(): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#piece = undefined;
    this.#waiting?.end();
    await this.#steps.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** For its waits. @internal */
  ask(wait: NextPiece<T>): Promise<IteratorResult<T, undefined>> {
    if (this.#isEnded) return Promise.resolve(END);
    if (this.#waiting !== undefined) {
      throw new TypeError('another waits for the next piece of this stream');
    }
    this.#waiting = wait;
    this.#piece ??= this.#steps.next();
    return this.#piece;
  }

  /** For its waits. @internal */
  leave(): void {
    this.#waiting = undefined;
  }

  /** For its waits: the piece has been given to one, or the error. @internal */
  given(isEnd: boolean): void {
    this.#waiting = undefined;
    this.#piece = undefined;
    if (!isEnd || this.#isEnded) return;
    this.#isEnded = true;
    this.#steps.ended?.();
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
    this.#reader.ask(this).then(
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
    if (!this.beginsWaiting()) this.#reader.leave();
  }

  /** The reader has been closed. */
  end(): void {
    this.#reader.leave();
    this.complete(END);
  }

  protected override stop(reason: unknown): boolean {
    this.#reader.leave();
    return super.stop(reason);
  }
}

function iteratorSteps<T>(source: AsyncIterable<T>): Steps<T> {
  const iterator = source[Symbol.asyncIterator]();
  let isUnderWay = false;
  return {
    // Within a promise, so that what next() throws at once is a failure of the piece like any other.
    async next() {
      isUnderWay = true;
      try {
        return await iterator.next();
      } finally {
        isUnderWay = false;
      }
    },
    async close() {
      const told = iterator.return?.();
      if (!isUnderWay) await told;
    },
  };
}

function isNodeStream<T>(source: AsyncIterable<T>): source is NodeStream<T> {
  return (
    'closed' in source &&
    typeof source.closed === 'boolean' &&
    'destroy' in source &&
    typeof source.destroy === 'function' &&
    'on' in source &&
    'off' in source
  );
}

function nodeSteps<T>(source: NodeStream<T>): Steps<T> {
  const { next } = iteratorSteps(source);
  return {
    next,
    // Not the iterator's return(): it waits for a piece that is under way, and does nothing before the first.
    close: () =>
      new Promise((resolve, reject) => {
        if (source.closed) {
          resolve();
          return;
        }
        const settle = (error?: unknown) => {
          source.off('close', settle);
          source.off('error', settle);
          if (error === undefined) resolve();
          else reject(error);
        };
        source.on('close', settle);
        source.on('error', settle);
        source.destroy();
        if (!tellsClose(source)) settle();
      }),
  };
}

/** Whether it was not made with `emitClose: false`, which only this old inner name tells. */
function tellsClose(source: object): boolean {
  if (!('_readableState' in source)) return true;
  const state = source._readableState;
  return !(
    typeof state === 'object' &&
    state !== null &&
    'emitClose' in state &&
    state.emitClose === false
  );
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
      try {
        await reader.cancel();
      } finally {
        reader.releaseLock();
      }
    },
    ended: () => reader.releaseLock(),
  };
}
