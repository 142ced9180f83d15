/**
 * Buffers that are used again: for who receives much and keeps little, so that no garbage is made per message and a
 * connection that waits holds no memory.
 */

export interface BufferPoolOptions {
  /** Bytes of each buffer; default: 64 KiB. */
  readonly bufferBytes?: number | undefined;
  /** How many unused buffers are kept at most; more are left to the garbage collector. Default: 16. */
  readonly keep?: number | undefined;
}

const EMPTY = new Uint8Array(0);

/** Buffers of one size, for any number of connections of one thread. */
export class BufferPool {
  readonly bufferBytes: number;
  readonly #keep: number;
  readonly #free: Uint8Array[] = [];
  #borrowed = 0;

  /** @throws {RangeError} `bufferBytes` is not an integer from 1 on, or `keep` not one from 0 on */
  constructor(options: BufferPoolOptions = {}) {
    const { bufferBytes = 65_536, keep = 16 } = options;
    if (!Number.isSafeInteger(bufferBytes) || bufferBytes < 1) {
      throw new RangeError(`bufferBytes must be an integer from 1 on: got ${String(bufferBytes)}`);
    }
    if (!Number.isSafeInteger(keep) || keep < 0) {
      throw new RangeError(`keep must be an integer from 0 on: got ${String(keep)}`);
    }
    this.bufferBytes = bufferBytes;
    this.#keep = keep;
  }

  /** How many buffers are with somebody. */
  get borrowedCount(): number {
    return this.#borrowed;
  }

  /** How many buffers wait to be used again. */
  get freeCount(): number {
    return this.#free.length;
  }

  /** Gives a buffer, empty; to be released. Its memory holds what its last user left there. */
  borrow(): PooledBytes {
    this.#borrowed += 1;
    const memory = this.#free.pop() ?? new Uint8Array(this.bufferBytes);
    return new PooledBytes(memory, () => {
      this.#borrowed -= 1;
      if (this.#free.length < this.#keep) this.#free.push(memory);
    });
  }
}

/** Bytes in a borrowed buffer; `using` gives it back. */
export class PooledBytes implements Disposable {
  #memory: Uint8Array;
  #length = 0;
  readonly #giveBack: () => void;

  /** @internal */
  constructor(memory: Uint8Array, giveBack: () => void) {
    this.#memory = memory;
    this.#giveBack = giveBack;
  }

  /** What is in it. Not to be used after `release()`: somebody else's bytes will stand there. Empty from then on. */
  get bytes(): Uint8Array {
    return this.#memory.subarray(0, this.#length);
  }

  /** All of the buffer. Empty after `release()`. */
  get memory(): Uint8Array {
    return this.#memory;
  }

  /**
   * Says how many bytes of the buffer count, from its first on.
   *
   * @throws {RangeError} not an integer from 0 to the buffer's length
   */
  fill(length: number): void {
    if (!Number.isInteger(length) || length < 0 || length > this.#memory.length) {
      throw new RangeError(
        `length must be an integer from 0 to ${this.#memory.length}: got ${String(length)}`,
      );
    }
    this.#length = length;
  }

  /** Gives the buffer back; may be called twice. */
  release(): void {
    if (this.#memory === EMPTY) return;
    this.#memory = EMPTY;
    this.#length = 0;
    this.#giveBack();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
