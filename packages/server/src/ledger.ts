/**
 * The server's account of its connections: what came in is still here, or has gone one of four ways.
 *
 * `accepted = live + served + refused + shed + aborted` holds at every moment, not only at the end: each method below
 * moves one connection from one column to another. The table of live connections writes here, and the server for what it
 * refuses.
 */

/** How the connections of a server stand. A snapshot: it does not change afterwards. */
export interface Ledger {
  /** All that `accept` gave, refused ones included. */
  readonly accepted: number;
  /** Handed to a handler that has not ended. */
  readonly live: number;
  /** The handler ended without an error. */
  readonly served: number;
  /** Closed at the limit without a handler (`atLimit: 'refuse'`). */
  readonly refused: number;
  /** Closed by the server to make room. *Not used yet:* no policy of this version sheds. */
  readonly shed: number;
  /** Ended in any other way: the handler threw, its thread died, the drain's deadline cut it. */
  readonly aborted: number;
}

/** The ways out for a connection that has been live. */
export type Ending = 'served' | 'shed' | 'aborted';

/** The account itself; {@link Ledger} is what others see of it. */
export class LedgerBook {
  #live = 0;
  #refused = 0;
  readonly #ended: Record<Ending, number> = { served: 0, shed: 0, aborted: 0 };
  /** Counted on its own, not summed from the others, so that a wrong entry shows as an imbalance. */
  #accepted = 0;

  get live(): number {
    return this.#live;
  }

  /** A connection was accepted and gets a handler. */
  open(): void {
    this.#accepted += 1;
    this.#live += 1;
  }

  /** A connection was accepted and closed at once, because the limit was reached. */
  refuse(): void {
    this.#accepted += 1;
    this.#refused += 1;
  }

  /** A live connection ended. */
  end(how: Ending): void {
    this.#live -= 1;
    this.#ended[how] += 1;
  }

  snapshot(): Ledger {
    return {
      accepted: this.#accepted,
      live: this.#live,
      served: this.#ended.served,
      refused: this.#refused,
      shed: this.#ended.shed,
      aborted: this.#ended.aborted,
    };
  }
}
