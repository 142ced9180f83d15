/**
 * Sending: all of it, as fast as the kernel takes it. Several buffers go with one call; `cork()` holds small ones back.
 */
import { WOULD_BLOCK } from '@netloom/winsock-native';
import type { WaitOptions } from './deadline.js';
import type { Direction, Stream } from './stream.js';
import { StreamOperation } from './stream-operation.js';

/** What `cork()` holds at most; more is sent at once, and what was held before it with the same call. */
export const CORK_LIMIT_BYTES = 65_536;

/**
 * Sends all bytes, waiting whenever the kernel's buffer is full.
 *
 * Should it fail or be stopped half-way, `bytesSent` of this object says how many bytes the kernel has taken: keep
 * the operation in a variable to ask it.
 */
export class SendOperation extends StreamOperation<number> {
  /** The usual case: one buffer. */
  readonly #single: Uint8Array | undefined;
  readonly #parts: readonly Uint8Array[] | undefined;
  readonly #total: number;
  #sent = 0;
  /** Of what was held before. */
  #heldSent = 0;

  /** @throws {TypeError} neither bytes nor a list of bytes */
  constructor(
    stream: Stream,
    data: Uint8Array | readonly Uint8Array[],
    options: WaitOptions | undefined,
  ) {
    super(stream, options, stream.sendTimeoutMs);
    if (data instanceof Uint8Array) {
      this.#single = data;
      this.#total = data.length;
    } else {
      this.#parts = data;
      this.#total = totalOf(data);
    }
  }

  /** How many of the bytes the kernel has taken so far. */
  get bytesSent(): number {
    return this.#sent;
  }

  /** @internal */
  get syscall(): string {
    return 'send';
  }

  /** @internal */
  override get bytesLeft(): number {
    return this.#total - this.#sent;
  }

  protected get direction(): Direction {
    return 'write';
  }

  protected override get bytesMoved(): number {
    return this.#sent + this.#heldSent;
  }

  protected override advance(): boolean {
    const { stream } = this;
    const single = this.#single;
    if (single === undefined || stream.mayHold) return this.#advanceParts();
    const left = this.#sent === 0 ? single : single.subarray(this.#sent);
    if (left.length === 0) return this.finish(this.#total);
    const count = stream.send(left);
    if (count > 0) this.#sent += count;
    return this.#sent === this.#total ? this.finish(this.#total) : false;
  }

  /** What was held goes first, and what of it the kernel does not take stays held. */
  #advanceParts(): boolean {
    const { stream } = this;
    if (stream.corks > 0 && this.#sent === 0 && this.#hold()) return this.finish(this.#total);
    while (this.bytesLeft > 0 || stream.bytesHeld > 0) {
      const count = stream.sendParts(this.#partsLeft());
      if (count === WOULD_BLOCK) return false;
      const ofHeld = Math.min(count, stream.bytesHeld);
      if (ofHeld > 0) stream.held.skip(ofHeld);
      this.#heldSent += ofHeld;
      this.#sent += count - ofHeld;
    }
    return this.finish(this.#total);
  }

  get #data(): readonly Uint8Array[] {
    return this.#parts ?? (this.#single === undefined ? [] : [this.#single]);
  }

  #partsLeft(): Uint8Array[] {
    const { stream } = this;
    const parts = stream.bytesHeld > 0 ? [stream.held.view()] : [];
    let before = this.#sent;
    for (const part of this.#data) {
      if (before < part.length) parts.push(before === 0 ? part : part.subarray(before));
      before = Math.max(0, before - part.length);
    }
    return parts;
  }

  /** Copies the bytes, if there is room for them among the held. */
  #hold(): boolean {
    const { stream } = this;
    if (stream.bytesHeld + this.#total > CORK_LIMIT_BYTES) return false;
    for (const part of this.#data) stream.held.push(part);
    this.#sent = this.#total;
    return true;
  }
}

/** Takes one `cork()` back; the last one sends what was held. */
export class UncorkOperation extends SendOperation {
  constructor(stream: Stream, options: WaitOptions | undefined) {
    super(stream, [], options);
  }

  /** @internal */
  override get syscall(): string {
    return 'uncork';
  }

  protected override start(): void {
    const { stream } = this;
    stream.assertUsable(this.direction, this.syscall);
    if (stream.corks === 0) throw new TypeError('uncork: cork() was not called');
    stream.corks -= 1;
    super.start();
  }
}

function totalOf(parts: readonly Uint8Array[]): number {
  if (!Array.isArray(parts)) throw noBytes(parts);
  let total = 0;
  for (const part of parts) {
    if (!(part instanceof Uint8Array)) throw noBytes(part);
    total += part.length;
  }
  return total;
}

function noBytes(got: unknown): TypeError {
  return new TypeError(
    `send: bytes must be a Uint8Array or an array of them; for text use sendWideText() or a TextEncoder: got ${String(got)}`,
  );
}
