/**
 * Sending a file: the kernel hands its own memory to the socket, without a copy in this process, where it can.
 */
import { fstatSync } from 'node:fs';
import { WOULD_BLOCK } from '@netloom/winsock-native';
import type { WaitOptions } from './deadline.js';
import type { Direction, Stream } from './stream.js';
import { StreamOperation } from './stream-operation.js';

export interface SendFileOptions extends WaitOptions {
  /** Where to begin, in bytes; default: 0. The file's own position is neither used nor moved. */
  readonly offset?: number | undefined;
  /** How many bytes to send; default: up to the end of the file, wherever that is by then. */
  readonly length?: number | undefined;
}

/** One call's share: a peer that takes as fast as we send shall not keep the thread. */
const MOST_BYTES_A_CALL = 1 << 20;

/** Sends bytes of a file; `bytesSent` as of every sending. */
export class SendFileOperation extends StreamOperation<number> {
  readonly #file: number;
  readonly #offset: number;
  readonly #length: number;
  #sent = 0;
  #heldSent = 0;

  constructor(stream: Stream, file: number, options: SendFileOptions) {
    super(stream, options, stream.sendTimeoutMs);
    const { offset = 0, length = Number.MAX_SAFE_INTEGER - offset } = options;
    checkCount('offset', offset);
    checkCount('length', length);
    this.#file = file;
    this.#offset = offset;
    this.#length = length;
  }

  /** How many of the file's bytes the kernel has taken so far. */
  get bytesSent(): number {
    return this.#sent;
  }

  /** @internal */
  get syscall(): string {
    return 'sendFile';
  }

  protected get direction(): Direction {
    return 'write';
  }

  protected override get bytesMoved(): number {
    return this.#sent + this.#heldSent;
  }

  protected override start(): void {
    const stat = fstatSync(this.#file);
    if (!stat.isFile()) {
      throw new TypeError(
        'sendFile: file must be an open regular file: a pipe or a device would be waited for on this thread',
      );
    }
    super.start();
  }

  protected override advance(): boolean {
    const { stream } = this;
    while (stream.bytesHeld > 0) {
      const count = stream.send(stream.held.view());
      if (count === WOULD_BLOCK) return false;
      stream.held.skip(count);
      this.#heldSent += count;
    }
    while (this.#sent < this.#length) {
      const most = Math.min(MOST_BYTES_A_CALL, this.#length - this.#sent);
      const count = stream.sendFile(this.#file, this.#offset + this.#sent, most);
      if (count === WOULD_BLOCK) return false;
      if (count === 0) break;
      this.#sent += count;
    }
    return this.finish(this.#sent);
  }
}

/** The descriptor of an open file. @throws {TypeError} it is none */
export function descriptorOf(file: number | { readonly fd: number }): number {
  const fd: unknown = typeof file === 'object' && file !== null ? file.fd : file;
  if (typeof fd === 'number' && Number.isInteger(fd) && fd >= 0) return fd;
  throw new TypeError(
    `sendFile: file must be an open FileHandle or its descriptor: got ${String(fd)}`,
  );
}

function checkCount(name: string, count: number): void {
  if (Number.isSafeInteger(count) && count >= 0) return;
  throw new RangeError(`sendFile: ${name} must be an integer from 0 on: got ${String(count)}`);
}
