/**
 * Who waits, first come, first served: a line that anyone may leave in one step, however long it is.
 *
 * The links are fields of the waiters themselves, so that standing in line costs no object.
 */

/** One that can stand in a line; in one line at a time. @internal */
export interface Linked<W> {
  ahead: W | undefined;
  behind: W | undefined;
}

/** @internal */
export class WaitQueue<W extends Linked<W>> {
  #first: W | undefined;
  #last: W | undefined;
  #length = 0;

  get first(): W | undefined {
    return this.#first;
  }

  get length(): number {
    return this.#length;
  }

  add(waiter: W): void {
    waiter.ahead = this.#last;
    if (this.#last === undefined) this.#first = waiter;
    else this.#last.behind = waiter;
    this.#last = waiter;
    this.#length += 1;
  }

  /** @param waiter - stands in this line, or in none: then nothing happens */
  remove(waiter: W): void {
    const { ahead, behind } = waiter;
    if (ahead === undefined && this.#first !== waiter) return;
    if (ahead === undefined) this.#first = behind;
    else ahead.behind = behind;
    if (behind === undefined) this.#last = ahead;
    else behind.ahead = ahead;
    waiter.ahead = undefined;
    waiter.behind = undefined;
    this.#length -= 1;
  }

  /** Takes the first one out. */
  shift(): W | undefined {
    const first = this.#first;
    if (first !== undefined) this.remove(first);
    return first;
  }
}
