/**
 * Receiving bytes: what has arrived, or exactly so many.
 *
 * Bytes that a frame reader has read ahead come first, whoever reads.
 */
import { WOULD_BLOCK } from '@netloom/winsock-native';
import type { BufferPool, PooledBytes } from './buffer-pool.js';
import type { WaitOptions } from './deadline.js';
import { type Direction, type Stream, sharedScratch } from './stream.js';
import { StreamError } from './stream-error.js';
import { StreamOperation } from './stream-operation.js';

export class RecvOperation extends StreamOperation<number> {
  readonly #into: Uint8Array;

  constructor(stream: Stream, into: Uint8Array, options: WaitOptions | undefined) {
    super(stream, options, stream.receiveTimeoutMs);
    if (!(into instanceof Uint8Array)) {
      throw new TypeError(`recv: into must be a Uint8Array to fill: got ${String(into)}`);
    }
    if (into.length === 0) {
      throw new RangeError(
        'recv: into must have room for at least one byte: got 0, and a result of 0 means the end of the stream',
      );
    }
    this.#into = into;
  }

  get syscall(): string {
    return 'recv';
  }

  protected get direction(): Direction {
    return 'read';
  }

  protected override advance(): boolean {
    if (this.stream.bytesAhead > 0) return this.finish(this.stream.ahead.moveTo(this.#into));
    const count = this.stream.receive(this.#into);
    return count === WOULD_BLOCK ? false : this.finish(count);
  }
}

export class RecvExactlyOperation extends StreamOperation<Uint8Array> {
  readonly #wanted: Uint8Array;
  #filled = 0;

  constructor(stream: Stream, byteCount: number, options: WaitOptions | undefined) {
    super(stream, options, stream.receiveTimeoutMs);
    if (!Number.isSafeInteger(byteCount) || byteCount < 0) {
      throw new RangeError(`recvExactly: n must be an integer from 0 on: got ${byteCount}`);
    }
    this.#wanted = memoryFor(byteCount);
  }

  get syscall(): string {
    return 'recvExactly';
  }

  protected get direction(): Direction {
    return 'read';
  }

  protected override advance(): boolean {
    const wanted = this.#wanted;
    if (this.stream.bytesAhead > 0) {
      this.#filled += this.stream.ahead.moveTo(wanted.subarray(this.#filled));
    }
    while (this.#filled < wanted.length) {
      const count = this.#receive();
      if (count === WOULD_BLOCK) return false;
      if (count === 0) throw this.#endedEarly();
    }
    return this.finish(wanted);
  }

  protected override get bytesMoved(): number {
    return this.#filled;
  }

  /** What had come before a cancellation or a deadline is there for the next reader. */
  protected override giveBack(): void {
    if (this.#filled === 0 || this.stream.state !== 'open') return;
    this.stream.ahead.unread(this.#wanted.subarray(0, this.#filled));
    this.#filled = 0;
  }

  #receive(): number {
    const missing = this.#wanted.length - this.#filled;
    const scratch = sharedScratch();
    if (missing >= scratch.length) {
      const count = this.stream.receive(this.#wanted.subarray(this.#filled));
      if (count > 0) this.#filled += count;
      return count;
    }
    // With more room than needed a read of the last bytes is a short one, which says that the stream is drained:
    // that saves a system call per message; what comes behind is kept for the next reader.
    const count = this.stream.receive(scratch);
    if (count <= 0) return count;
    const taken = Math.min(count, missing);
    this.#wanted.set(scratch.subarray(0, taken), this.#filled);
    this.#filled += taken;
    if (count > taken) this.stream.ahead.push(scratch.subarray(taken, count));
    return count;
  }

  #endedEarly(): StreamError {
    const received = this.#wanted.slice(0, this.#filled);
    this.#filled = 0;
    return new StreamError({
      code: 'ERR_STREAM_ENDED',
      attempt: this.syscall,
      peer: this.stream.peer,
      happened: `the peer finished sending after ${received.length} of ${this.#wanted.length} bytes`,
      received,
    });
  }
}

/** Receives what has arrived into fresh memory of just that size; empty at the end of the stream. */
export class RecvSomeOperation extends StreamOperation<Uint8Array> {
  constructor(stream: Stream, options: WaitOptions | undefined) {
    super(stream, options, stream.receiveTimeoutMs);
  }

  get syscall(): string {
    return 'recv';
  }

  protected get direction(): Direction {
    return 'read';
  }

  protected override advance(): boolean {
    const { stream } = this;
    if (stream.bytesAhead > 0) {
      const bytes = stream.ahead.view().slice();
      stream.ahead.skip(bytes.length);
      return this.finish(bytes);
    }
    const scratch = sharedScratch();
    const count = stream.receive(scratch);
    return count === WOULD_BLOCK ? false : this.finish(scratch.slice(0, count));
  }
}

/** Receives into a buffer that is borrowed only once there is something to put into it. */
export class RecvPooledOperation extends StreamOperation<PooledBytes | null> {
  readonly #pool: BufferPool;

  constructor(stream: Stream, pool: BufferPool, options: WaitOptions | undefined) {
    super(stream, options, stream.receiveTimeoutMs);
    this.#pool = pool;
  }

  get syscall(): string {
    return 'recvPooled';
  }

  protected get direction(): Direction {
    return 'read';
  }

  protected override advance(): boolean {
    const { stream } = this;
    const bytes = this.#pool.borrow();
    try {
      const count =
        stream.bytesAhead > 0 ? stream.ahead.moveTo(bytes.memory) : stream.receive(bytes.memory);
      if (count === WOULD_BLOCK) return false;
      if (count === 0) return this.finish(null);
      bytes.fill(count);
      return this.finish(bytes);
    } finally {
      if (bytes.bytes.length === 0) bytes.release();
    }
  }
}

function memoryFor(byteCount: number): Uint8Array {
  try {
    return new Uint8Array(byteCount);
  } catch (cause) {
    throw new RangeError(
      `recvExactly: n must fit into memory, all of it is made at once; use recv() for more: got ${byteCount}`,
      { cause },
    );
  }
}
