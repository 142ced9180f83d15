/**
 * The end of a server, in order: accept what the queue holds, close the listening socket, wait for the live
 * connections, at the deadline name what hangs and cut it, end the threads.
 *
 * Newcomers whose handshake the kernel finishes after the queue was emptied are the kernel's to refuse: between the last
 * `accept` and closing there is no moment in which it could be asked not to.
 */
import { CanceledError } from '@netloom/coroutines';
import type { SockaddrLike } from '@netloom/sockaddr';
import type { AcceptLoop } from './accept-loop.js';
import type { Ledger, LedgerBook } from './ledger.js';
import type { LiveConnections } from './live-connections.js';
import type { Strategy } from './strategies/strategy.js';

/** What `drain()` waits by itself. Long enough for any exchange, short enough for a supervisor's patience. */
export const DEFAULT_DRAIN_MS = 10_000;
/** From cancelling a handler to giving it up: its `finally` may still do something. */
const CUT_GRACE_MS = 1000;

/** A connection that was still live at the deadline. */
export interface CutConnection {
  /** Counts accepted connections from 1. */
  readonly id: number;
  readonly peer: SockaddrLike | undefined;
  /** How long it had been connected. */
  readonly ageMs: number;
  /** Node's id of the thread its handler hung on; undefined when that thread could no longer say so. */
  readonly threadId: number | undefined;
  /** False: it did not even end when it was cancelled, and was given up, its thread with it. */
  readonly isCancelled: boolean;
}

/** The ledger of a server that has ended (`live` is 0), and what had to be cut. */
export interface DrainReport extends Ledger {
  readonly cut: readonly CutConnection[];
}

export interface DrainParts {
  readonly loop: AcceptLoop;
  /** Resolves when the listening socket is closed. */
  readonly accepted: Promise<void>;
  readonly live: LiveConnections;
  readonly book: LedgerBook;
  readonly strategy: Strategy;
  /** What the kernel's queue can hold. */
  readonly queueLimit: number;
  readonly clock: {
    now(): number;
    setTimer(ms: number, fire: () => void): { cancel(): void };
  };
}

export class Drain {
  readonly #parts: DrainParts;
  #report: Promise<DrainReport> | undefined;
  #deadline = Number.POSITIVE_INFINITY;
  #timer: { cancel(): void } | undefined;
  #isLate = false;
  #hasEnded = false;
  #tellLate: () => void = () => {};
  readonly #late: Promise<void>;

  constructor(parts: DrainParts) {
    this.#parts = parts;
    this.#late = new Promise((resolve) => {
      this.#tellLate = resolve;
    });
  }

  get isRunning(): boolean {
    return this.#report !== undefined;
  }

  /** Begins, or joins what has begun; a later request can bring the deadline forward, never put it off. */
  request(timeoutMs: number): Promise<DrainReport> {
    this.#setDeadline(timeoutMs);
    this.#report ??= this.#run();
    return this.#report;
  }

  #setDeadline(timeoutMs: number): void {
    const { clock } = this.#parts;
    const deadline = clock.now() + timeoutMs;
    if (this.#isLate || this.#hasEnded || deadline >= this.#deadline) return;
    this.#deadline = deadline;
    this.#timer?.cancel();
    const expire = () => {
      this.#isLate = true;
      this.#tellLate();
    };
    if (timeoutMs === 0) expire();
    else this.#timer = clock.setTimer(timeoutMs, expire);
  }

  async #run(): Promise<DrainReport> {
    const { loop, accepted, live, book, strategy, queueLimit } = this.#parts;
    if (!this.#isLate) loop.empty(queueLimit);
    await Promise.race([accepted, this.#late]);
    loop.stop();
    const empty = new Promise<void>((resolve) => live.whenEmpty(resolve));
    await Promise.race([empty, this.#late]);
    this.#hasEnded = true;
    this.#timer?.cancel();
    const cut = live.size === 0 ? [] : await this.#cut(empty);
    await strategy.close(false);
    return { ...book.snapshot(), cut };
  }

  async #cut(empty: Promise<void>): Promise<readonly CutConnection[]> {
    const { live, strategy, clock } = this.#parts;
    const hanging = [...live];
    const now = clock.now();
    const reason = new CanceledError('the deadline of the drain has passed');
    for (const connection of hanging) connection.isCut = true;
    strategy.cutAll(hanging, reason);
    await this.#waitUpTo(CUT_GRACE_MS, empty);
    const givenUp = new Set(live);
    if (givenUp.size > 0) await strategy.close(true);
    // On this thread nothing can end a handler that does not want to; its connection is closed, and counted here.
    for (const connection of givenUp) live.end(connection, 'aborted');
    return hanging.map((connection) => ({
      id: connection.id,
      peer: connection.peer,
      ageMs: now - connection.sinceMs,
      threadId: connection.threadId,
      isCancelled: !givenUp.has(connection),
    }));
  }

  async #waitUpTo(ms: number, event: Promise<void>): Promise<void> {
    let tellOver: () => void = () => {};
    const over = new Promise<void>((resolve) => {
      tellOver = resolve;
    });
    const timer = this.#parts.clock.setTimer(ms, tellOver);
    await Promise.race([event, over]);
    timer.cancel();
  }
}
