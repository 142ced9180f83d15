/**
 * Sending: all of it, as fast as the kernel takes it.
 */
import type { WaitOptions } from './deadline.js';
import type { Direction, Stream } from './stream.js';
import { StreamOperation } from './stream-operation.js';

/**
 * Sends all bytes, waiting whenever the kernel's buffer is full.
 *
 * Should it fail or be stopped half-way, `bytesSent` of this object says how many bytes the kernel has taken: keep
 * the operation in a variable to ask it.
 */
export class SendOperation extends StreamOperation<number> {
  readonly #bytes: Uint8Array;
  #sent = 0;

  constructor(stream: Stream, bytes: Uint8Array, options: WaitOptions | undefined) {
    super(stream, options, stream.sendTimeoutMs);
    if (!(bytes instanceof Uint8Array)) {
      throw new TypeError(
        `send: bytes must be a Uint8Array; for text use sendWideText() or a TextEncoder: got ${String(bytes)}`,
      );
    }
    this.#bytes = bytes;
  }

  /** How many of the bytes the kernel has taken so far. */
  get bytesSent(): number {
    return this.#sent;
  }

  /** @internal */
  get syscall(): string {
    return 'send';
  }

  protected get direction(): Direction {
    return 'write';
  }

  protected override advance(): boolean {
    const bytes = this.#bytes;
    const left = this.#sent === 0 ? bytes : bytes.subarray(this.#sent);
    if (left.length === 0) return this.finish(bytes.length);
    const count = this.stream.send(left);
    if (count > 0) this.#sent += count;
    return this.#sent === bytes.length ? this.finish(bytes.length) : false;
  }
}
