/**
 * A connection's bytes over a Duplex of Node: what `Connection.fromDuplex` stands on.
 *
 * Reading is paused mode: nothing is taken that no operation asks for. One write is on its way at a time, of at most 64 KiB,
 * copied because the Duplex may keep it; the next waits until that one was taken, so that back-pressure passes through.
 */
import type { Duplex } from 'node:stream';
import {
  AF_INET6,
  parseIp,
  SockaddrIn,
  SockaddrIn6,
  type SockaddrLike,
  SockaddrUn,
} from '@netloom/sockaddr';
import { SocketError, WOULD_BLOCK, WSAESHUTDOWN } from '@netloom/winsock-native';
import { type Direction, Stream, type StreamOptions } from './stream.js';

export interface DuplexStreamOptions extends StreamOptions {
  readonly peer?: SockaddrLike | undefined;
}

/** One write's share. */
const MOST_BYTES_A_WRITE = 65_536;

/** What a Duplex over a socket tells of its ends, as `net.Socket` does. */
interface MaybeAddressed {
  readonly remoteAddress?: unknown;
  readonly remotePort?: unknown;
  readonly localAddress?: unknown;
  readonly localPort?: unknown;
  readonly resetAndDestroy?: unknown;
}

export class DuplexStream extends Stream {
  readonly #duplex: Duplex;
  readonly #peer: SockaddrLike | undefined;
  /** What is left of the chunk that was read last. */
  #left: Uint8Array | undefined = undefined;
  #failure: unknown = undefined;
  #hasSeenEnd = false;
  #hasShutSending = false;
  #resets = false;
  #onItsWay = 0;
  #isReadArmed = false;
  #isWriteArmed = false;

  /** @throws {TypeError} not both readable and writable, in object mode, or with an encoding */
  constructor(duplex: Duplex, options: DuplexStreamOptions) {
    super(options);
    checkDuplex(duplex);
    this.#duplex = duplex;
    this.#peer = options.peer ?? endOf(duplex, 'remote');
    duplex.on('readable', () => this.#wakeReader());
    duplex.on('end', () => {
      this.#hasSeenEnd = true;
      this.#wakeReader();
    });
    // Stays after the end: an error of what is being closed concerns nobody, and must not end the process.
    duplex.on('error', (error) => this.#fail(error));
    duplex.on('close', () => {
      if (!this.#hasSeenEnd) this.#fail(this.#closedEarly());
      this.#wakeWriter();
    });
  }

  get socket(): undefined {
    return undefined;
  }

  override get peer(): SockaddrLike | undefined {
    return this.#peer;
  }

  override get local(): SockaddrLike {
    return endOf(this.#duplex, 'local') ?? new SockaddrUn();
  }

  override get bytesWaiting(): number {
    return super.bytesWaiting + this.#onItsWay;
  }

  override receive(into: Uint8Array): number {
    if (this.hasEnded) return 0;
    this.#left ??= this.#read();
    const left = this.#left;
    if (left === undefined) {
      if (this.#hasSeenEnd || this.#duplex.readableEnded) {
        this.hasEnded = true;
        return 0;
      }
      if (this.#failure !== undefined) throw this.#failure;
      return WOULD_BLOCK;
    }
    const count = Math.min(left.length, into.length);
    into.set(left.subarray(0, count));
    this.#left = count < left.length ? left.subarray(count) : undefined;
    this.noteReceived(count);
    return count;
  }

  override send(from: Uint8Array): number {
    return this.sendParts([from]);
  }

  override sendParts(parts: readonly Uint8Array[]): number {
    if (this.#hasShutSending) {
      const { peer } = this;
      throw new SocketError({ code: 'EPIPE', wsaCode: WSAESHUTDOWN, syscall: 'send', peer });
    }
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#onItsWay > 0) return WOULD_BLOCK;
    const bytes = gather(parts);
    if (bytes.length === 0) return 0;
    this.#onItsWay = bytes.length;
    this.#duplex.write(bytes, (error) => {
      this.#onItsWay = 0;
      if (error) this.#fail(error);
      this.#wakeWriter();
    });
    this.noteSent(bytes.length);
    return bytes.length;
  }

  override arm(direction: Direction): void {
    if (direction === 'read') this.#isReadArmed = true;
    else this.#isWriteArmed = true;
  }

  override disarm(direction: Direction): void {
    if (direction === 'read') this.#isReadArmed = false;
    else this.#isWriteArmed = false;
  }

  /** Nothing is remembered that could be out of date. */
  override doubt(): void {}

  protected override shut(how: 'receive' | 'send' | 'both'): void {
    if (how !== 'receive') {
      this.#hasShutSending = true;
      this.#duplex.end();
      queueMicrotask(() => this.#wakeWriter());
    }
    if (how !== 'send') queueMicrotask(() => this.#wakeReader());
  }

  protected override prepareReset(): void {
    this.#resets = true;
  }

  /** What was taken is still written, as a socket's is. */
  protected override release(): void {
    const duplex: Duplex & MaybeAddressed = this.#duplex;
    if (this.#resets) {
      if (typeof duplex.resetAndDestroy === 'function') duplex.resetAndDestroy();
      else duplex.destroy();
      return;
    }
    if (duplex.writableFinished || duplex.destroyed) {
      duplex.destroy();
      return;
    }
    duplex.once('finish', () => duplex.destroy());
    duplex.end();
  }

  #read(): Uint8Array | undefined {
    const chunk: unknown = this.#duplex.read();
    return chunk instanceof Uint8Array ? chunk : undefined;
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#wakeReader();
    this.#wakeWriter();
  }

  #closedEarly(): SocketError {
    return this.error('ECONNRESET', 'recv', 'the Duplex was closed before its end');
  }

  #wakeReader(): void {
    if (!this.#isReadArmed) return;
    this.#isReadArmed = false;
    this.reader?.resume();
  }

  #wakeWriter(): void {
    if (!this.#isWriteArmed) return;
    this.#isWriteArmed = false;
    this.writer?.resume();
  }
}

/** A copy of the first bytes of all parts, at most what one write takes. */
function gather(parts: readonly Uint8Array[]): Uint8Array {
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(Math.min(total, MOST_BYTES_A_WRITE));
  let filled = 0;
  for (const part of parts) {
    const room = bytes.length - filled;
    if (room === 0) break;
    const piece = part.length > room ? part.subarray(0, room) : part;
    bytes.set(piece, filled);
    filled += piece.length;
  }
  return bytes;
}

function checkDuplex(duplex: Duplex): void {
  const isDuplex = typeof duplex?.read === 'function' && typeof duplex.write === 'function';
  if (!isDuplex || duplex.readableObjectMode || duplex.writableObjectMode) {
    throw new TypeError(
      `fromDuplex: duplex must be a readable and writable stream of bytes: got ${String(duplex)}`,
    );
  }
  if (duplex.readableEncoding !== null) {
    throw new TypeError(
      `fromDuplex: duplex must give bytes, not text: its encoding is ${duplex.readableEncoding}`,
    );
  }
}

/** An end's address, where the Duplex has one to tell. */
function endOf(duplex: Duplex & MaybeAddressed, end: 'remote' | 'local'): SockaddrLike | undefined {
  const address = end === 'remote' ? duplex.remoteAddress : duplex.localAddress;
  const port = end === 'remote' ? duplex.remotePort : duplex.localPort;
  if (typeof address !== 'string' || typeof port !== 'number') return undefined;
  return parseIp(address).family === AF_INET6
    ? SockaddrIn6.from({ address, port })
    : SockaddrIn.from({ address, port });
}
