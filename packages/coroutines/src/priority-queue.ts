/** Who has the lowest rank comes first; of the same rank, who came first. A binary heap whose items know their place. */

/** @internal */
export interface Ranked {
  readonly rank: number;
  /** Counts up: decides between the same ranks. */
  readonly sequence: number;
  /** The queue's: where it stands; -1 when it does not. */
  place: number;
}

/** @internal */
export class PriorityQueue<T extends Ranked> {
  readonly #heap: T[] = [];

  get length(): number {
    return this.#heap.length;
  }

  add(item: T): void {
    this.#heap.push(item);
    this.#up(item, this.#heap.length - 1);
  }

  shift(): T | undefined {
    const first = this.#heap[0];
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** Does nothing for one that is not in it. */
  remove(item: T): void {
    const { place } = item;
    if (place < 0) return;
    item.place = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === item) return;
    this.#down(last, place);
    this.#up(last, last.place);
  }

  #up(item: T, from: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      // SAFETY: above is from 0 to below the place.
      const other = this.#heap[above] as T;
      if (!isBefore(item, other)) break;
      this.#put(other, place);
      place = above;
    }
    this.#put(item, place);
  }

  #down(item: T, from: number): void {
    let place = from;
    for (;;) {
      const left = 2 * place + 1;
      let next = this.#heap[left];
      if (next === undefined) break;
      const right = this.#heap[left + 1];
      if (right !== undefined && isBefore(right, next)) next = right;
      if (!isBefore(next, item)) break;
      const below = next.place;
      this.#put(next, place);
      place = below;
    }
    this.#put(item, place);
  }

  #put(item: T, place: number): void {
    this.#heap[place] = item;
    item.place = place;
  }
}

function isBefore(a: Ranked, b: Ranked): boolean {
  return a.rank < b.rank || (a.rank === b.rank && a.sequence < b.sequence);
}
