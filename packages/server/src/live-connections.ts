/**
 * The table of live connections: what keeps the ledger of all that get a handler, and where permits come back.
 *
 * Whatever happens to a connection, it leaves here once, by one of the ways of {@link Ending}.
 */
import type { SockaddrLike } from '@netloom/sockaddr';
import type { Ending, LedgerBook } from './ledger.js';
import type { Permits } from './limits.js';

/** Who knows the peer of a connection, also when it has closed or crossed: its socket. */
export interface PeerSource {
  readonly peerAddress: SockaddrLike | undefined;
}

/** One live connection, as the server's thread knows it. */
export class LiveConnection {
  /** Counts from 1 in the order of accepting. */
  readonly id: number;
  /** When it was accepted, on the clock of `@netloom/coroutines`. */
  readonly sinceMs: number;
  /** Node's id of the thread that runs its handler, once known here. */
  threadId: number | undefined;
  /** What it is counted by where addresses have limits. */
  addressKey: string | undefined;
  /** Whether the drain has cut it: what it ends with is then no news. */
  isCut: boolean;
  /** Who stops its handler; the strategy puts it there. */
  serving: { cancel(reason: unknown): void } | undefined;
  readonly #peerSource: PeerSource;

  constructor(id: number, peerSource: PeerSource, sinceMs: number) {
    this.id = id;
    this.#peerSource = peerSource;
    this.sinceMs = sinceMs;
    this.threadId = undefined;
    this.addressKey = undefined;
    this.isCut = false;
    this.serving = undefined;
  }

  /** Made when somebody asks, which for most connections nobody does. */
  get peer(): SockaddrLike | undefined {
    return this.#peerSource.peerAddress;
  }
}

export class LiveConnections implements Iterable<LiveConnection> {
  readonly #book: LedgerBook;
  readonly #permits: Permits;
  readonly #nowMs: () => number;
  readonly #all = new Set<LiveConnection>();
  #lastId = 0;
  #whenEmpty: (() => void) | undefined;

  constructor(book: LedgerBook, permits: Permits, nowMs: () => number) {
    this.#book = book;
    this.#permits = permits;
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#all.size;
  }

  has(connection: LiveConnection): boolean {
    return this.#all.has(connection);
  }

  [Symbol.iterator](): Iterator<LiveConnection> {
    return this.#all.values();
  }

  open(peerSource: PeerSource): LiveConnection {
    this.#lastId += 1;
    const connection = new LiveConnection(this.#lastId, peerSource, this.#nowMs());
    this.#all.add(connection);
    this.#book.open();
    return connection;
  }

  /**
   * Takes a connection out of the table, into the ledger, and gives its permit back.
   *
   * @returns false if it had left before: a connection that the drain gave up may still end
   */
  end(connection: LiveConnection, how: Ending): boolean {
    if (!this.#all.delete(connection)) return false;
    this.#book.end(how);
    // Last: this may let the accept loop run, which must find the books in order.
    this.#permits.release();
    if (this.#all.size === 0) this.#tellEmpty();
    return true;
  }

  /** Calls back once, when no connection is live; at once if there is none. */
  whenEmpty(tell: () => void): void {
    this.#whenEmpty = tell;
    if (this.#all.size === 0) this.#tellEmpty();
  }

  #tellEmpty(): void {
    const tell = this.#whenEmpty;
    this.#whenEmpty = undefined;
    tell?.();
  }
}
