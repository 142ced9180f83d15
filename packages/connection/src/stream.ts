/**
 * What the operations of one connection share, whatever bytes it stands on: one waiter per direction, the bytes read ahead
 * and held back, counters, and the end.
 *
 * `SocketStream` stands on a socket, `DuplexStream` on a Duplex of Node. Knows no frames and no promises; never loops.
 */
import { readSync } from 'node:fs';
import type { SockaddrLike } from '@netloom/sockaddr';
import { type Socket, SocketError, type SocketErrorCode } from '@netloom/winsock-native';
import { type MinimumRate, NO_TIMEOUT } from './deadline.js';
import { ByteQueue } from './framing/byte-queue.js';

export type Direction = 'read' | 'write';

/** An operation that waits for its direction. */
export interface Waiter {
  /** The kernel may have something: go on. */
  resume(): void;
  /** The connection ends under it. */
  abandon(error: SocketError): void;
  /** The call to name in errors. */
  readonly syscall: string;
  /** Bytes that were given to it to send and that nobody has taken. */
  readonly bytesLeft: number;
}

export interface StreamOptions {
  readonly receiveTimeoutMs?: number | undefined;
  readonly sendTimeoutMs?: number | undefined;
  readonly minimumReceiveRate?: MinimumRate | undefined;
  readonly minimumSendRate?: MinimumRate | undefined;
}

/** Room for one read on behalf of a frame reader; shared by the thread, see ByteQueue. */
const SCRATCH_BYTES = 65_536;
let scratch: Uint8Array | undefined;

/** Memory that belongs to nobody: filled and emptied within one synchronous step. */
export function sharedScratch(): Uint8Array {
  scratch ??= new Uint8Array(SCRATCH_BYTES);
  return scratch;
}

/** What few connections have. */
class Extras {
  minimumReceiveRate: MinimumRate | undefined = undefined;
  minimumSendRate: MinimumRate | undefined = undefined;
  /** Told of every byte that moves. */
  onTraffic: (() => void) | undefined = undefined;
  /** Told when it is over, however. */
  onEnd: (() => void) | undefined = undefined;
  /** How often `cork()` was called and not yet taken back. */
  corks = 0;
  /** Whether `cork()` was ever called. */
  mayHold = false;
  /** The bytes that wait for `uncork()`. */
  readonly held = new ByteQueue();
  /** Why it was closed, where that was not the user's wish. */
  closedBecause: string | undefined = undefined;
}

export abstract class Stream {
  reader: Waiter | undefined = undefined;
  writer: Waiter | undefined = undefined;
  readonly receiveTimeoutMs: number;
  readonly sendTimeoutMs: number;
  bytesReceived = 0;
  bytesSent = 0;
  receives = 0;
  sends = 0;
  /** No byte will come any more: FIN was read, or receiving was shut down here. */
  hasEnded = false;

  #state: 'open' | 'closed' | 'detached' = 'open';
  #ahead: ByteQueue | undefined = undefined;
  /** Made when one of them is needed: of the many connections that need none, it is one field. */
  #extras: Extras | undefined = undefined;

  constructor(options: StreamOptions) {
    this.receiveTimeoutMs = options.receiveTimeoutMs ?? NO_TIMEOUT;
    this.sendTimeoutMs = options.sendTimeoutMs ?? NO_TIMEOUT;
    const { minimumReceiveRate, minimumSendRate } = options;
    if (minimumReceiveRate !== undefined) this.#extra.minimumReceiveRate = minimumReceiveRate;
    if (minimumSendRate !== undefined) this.#extra.minimumSendRate = minimumSendRate;
  }

  abstract get peer(): SockaddrLike | undefined;
  abstract get local(): SockaddrLike;
  /** The socket below, where there is one. */
  abstract get socket(): Socket | undefined;

  /** What the peer has sent: a count, 0 when no more will come, or WOULD_BLOCK. Read-ahead bytes are the caller's affair. */
  abstract receive(into: Uint8Array): number;

  /** Gives away what is taken: a count, or WOULD_BLOCK. */
  abstract send(from: Uint8Array): number;

  /** The same of several pieces in their order, with one call; at least one has bytes. */
  abstract sendParts(parts: readonly Uint8Array[]): number;

  /** Lets the waiter of this direction be resumed when there is news. */
  abstract arm(direction: Direction): void;

  /** Takes arm() back. A wake that is on its way already finds nobody, or the next waiter, who looks again. */
  abstract disarm(direction: Direction): void;

  /** Makes the next attempt in this direction ask, whatever the hint says. */
  abstract doubt(direction: Direction): void;

  /** Ends a direction; the waiter of it is woken, on every system. */
  protected abstract shut(how: 'receive' | 'send' | 'both'): void;

  /** Gives back what is below. */
  protected abstract release(): void;

  /** Makes the coming release a reset, where there is such a thing. */
  protected abstract prepareReset(): void;

  get state(): 'open' | 'closed' | 'detached' {
    return this.#state;
  }

  get bytesAhead(): number {
    return this.#ahead?.length ?? 0;
  }

  /** The bytes read ahead; made when the first frame is read. */
  get ahead(): ByteQueue {
    this.#ahead ??= new ByteQueue();
    return this.#ahead;
  }

  get #extra(): Extras {
    this.#extras ??= new Extras();
    return this.#extras;
  }

  get bytesHeld(): number {
    return this.#extras?.held.length ?? 0;
  }

  /** The bytes that wait for uncork(). */
  get held(): ByteQueue {
    return this.#extra.held;
  }

  /** Whether it may be that bytes are held: only where cork() was ever called. */
  get mayHold(): boolean {
    return this.#extras?.mayHold === true;
  }

  /** Whether a minimum rate may be asked for. */
  get hasExtras(): boolean {
    return this.#extras !== undefined;
  }

  /** How often `cork()` was called and not yet taken back. */
  get corks(): number {
    return this.#extras?.corks ?? 0;
  }

  set corks(count: number) {
    const extra = this.#extra;
    extra.corks = count;
    extra.mayHold = true;
  }

  minimumRate(direction: Direction): MinimumRate | undefined {
    const extras = this.#extras;
    return direction === 'read' ? extras?.minimumReceiveRate : extras?.minimumSendRate;
  }

  /** Lets the connection's time limits know of its bytes and of its end. */
  observe(onTraffic: (() => void) | undefined, onEnd: () => void): void {
    this.#extra.onTraffic = onTraffic;
    this.#extra.onEnd = onEnd;
  }

  /** Counts bytes that came. */
  protected noteReceived(count: number): void {
    this.receives += 1;
    this.bytesReceived += count;
    this.#extras?.onTraffic?.();
  }

  /** Counts bytes that were taken. */
  protected noteSent(count: number): void {
    this.sends += 1;
    this.bytesSent += count;
    this.#extras?.onTraffic?.();
  }

  /** Bytes that were given to be sent, and not taken yet. */
  get bytesWaiting(): number {
    return this.bytesHeld + (this.writer?.bytesLeft ?? 0);
  }

  /** Refuses a use after the end, and a second waiter in one direction. */
  assertUsable(direction: Direction, syscall: string): void {
    if (this.#state !== 'open') throw this.notOpen(syscall);
    const waiting = direction === 'read' ? this.reader : this.writer;
    if (waiting === undefined) return;
    const doing = direction === 'read' ? 'receives from' : 'sends to';
    throw new TypeError(
      `${syscall}: ${waiting.syscall} already ${doing} ${String(this.peer)}, and each direction has one waiter: ` +
        'wait for it, or stop it with its AbortSignal, before starting the next',
    );
  }

  /**
   * Gives away bytes of a file: a count, 0 where the file ends, or WOULD_BLOCK.
   *
   * By reading them; what was read and not taken is read again.
   */
  sendFile(file: number, offset: number, length: number): number {
    const memory = sharedScratch();
    const count = readSync(file, memory, 0, Math.min(memory.length, length), offset);
    return count === 0 ? 0 : this.send(memory.subarray(0, count));
  }

  shutdown(how: 'receive' | 'send' | 'both'): void {
    if (this.#state !== 'open') throw this.notOpen('shutdown');
    if (how !== 'receive' && this.bytesHeld > 0) {
      throw new TypeError(
        `shutdown: ${this.bytesHeld} bytes are held by cork() and would be lost; uncork() first`,
      );
    }
    this.shut(how);
    if (how !== 'send') this.hasEnded = true;
  }

  close(): void {
    this.#end((waiter) =>
      this.error(
        'EINTR',
        waiter.syscall,
        'the socket was closed in this process while this waited',
      ),
    );
  }

  /** Closes it with a reset. */
  reset(): void {
    if (this.#state !== 'open') return;
    this.prepareReset();
    this.close();
  }

  /** Closes it because a time limit of the whole connection has passed. */
  expire(because: string): void {
    this.#extra.closedBecause = because;
    this.#end((waiter) => this.error('ETIMEDOUT', waiter.syscall, because));
  }

  /** Lets go of what is below without closing it. */
  letGo(): void {
    if (this.#state !== 'open') throw this.notOpen('detach');
    const waiting = this.reader ?? this.writer;
    if (waiting !== undefined) {
      throw new TypeError(`detach: ${waiting.syscall} still waits; wait for it or stop it first`);
    }
    if (this.bytesAhead > 0) {
      throw new TypeError(
        `detach: ${this.bytesAhead} bytes have been read ahead and would be lost; take them with recv() first`,
      );
    }
    if (this.bytesHeld > 0) {
      throw new TypeError(
        `detach: ${this.bytesHeld} bytes are held by cork() and would be lost; uncork() first`,
      );
    }
    this.#state = 'detached';
    this.#extras?.onEnd?.();
  }

  /** The error of a call on this connection, with what the code alone does not say. */
  error(code: SocketErrorCode, syscall: string, because: string): SocketError {
    return new SocketError({ code, syscall, peer: this.peer, cause: new Error(because) });
  }

  notOpen(syscall: string): SocketError {
    const because = this.#extras?.closedBecause;
    const why = because === undefined ? '' : `: ${because}`;
    return this.error('EBADF', syscall, `the connection is ${this.#state}${why}`);
  }

  #end(errorFor: (waiter: Waiter) => SocketError): void {
    if (this.#state !== 'open') return;
    this.#state = 'closed';
    const { reader, writer } = this;
    this.reader = undefined;
    this.writer = undefined;
    this.release();
    this.#ahead = undefined;
    this.#extras?.onEnd?.();
    // Last: whoever waited may go on at once, and must find it closed.
    if (reader !== undefined) reader.abandon(errorFor(reader));
    if (writer !== undefined) writer.abandon(errorFor(writer));
  }
}
