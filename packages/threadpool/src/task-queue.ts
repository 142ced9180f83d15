/**
 * A first-in, first-out queue as a ring that doubles when it is full.
 *
 * An array's `shift` moves every element once the array is long; a ring moves none.
 */

/** Room at first; a power of two, so that the index wraps by masking. */
const FIRST_ROOM = 16;

/** A queue that gives out what went in first; what came back may be put in front. */
export class TaskQueue<T> {
  #ring: (T | undefined)[] = new Array(FIRST_ROOM);
  #head = 0;
  #size = 0;

  /** How many are in it. */
  get size(): number {
    return this.#size;
  }

  /** The first one, which stays; undefined when there is none. */
  get first(): T | undefined {
    return this.#ring[this.#head];
  }

  /** Puts one at the end. */
  push(item: T): void {
    if (this.#size === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#size) & (this.#ring.length - 1)] = item;
    this.#size++;
  }

  /** Puts one in front: it had its turn before. */
  pushFront(item: T): void {
    if (this.#size === this.#ring.length) this.#grow();
    this.#head = (this.#head - 1) & (this.#ring.length - 1);
    this.#ring[this.#head] = item;
    this.#size++;
  }

  /** Takes the first one out; undefined when there is none. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#size--;
    return item;
  }

  /** All that are in it, from the first on, which stay. It must not change meanwhile. */
  *[Symbol.iterator](): Iterator<T> {
    const mask = this.#ring.length - 1;
    // SAFETY: from the head on, `size` places hold an item.
    for (let i = 0; i < this.#size; i++) yield this.#ring[(this.#head + i) & mask] as T;
  }

  #grow(): void {
    const old = this.#ring;
    const grown: (T | undefined)[] = new Array(old.length * 2);
    for (let i = 0; i < this.#size; i++) grown[i] = old[(this.#head + i) & (old.length - 1)];
    this.#ring = grown;
    this.#head = 0;
  }
}
