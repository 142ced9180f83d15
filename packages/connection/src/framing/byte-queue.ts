/**
 * Bytes that have been read ahead of the reader: in at the end, out at the front. Pure memory.
 *
 * It may stand on borrowed memory (the read buffer that all connections of a thread share) while one reader looks for
 * its frame; `keep()` then copies what is left into memory of its own. So a read that brings exactly one frame copies
 * nothing here, and a connection without leftovers holds no memory.
 */

const EMPTY = new Uint8Array(0);
/** The least to grow to: small frames that dribble in should not reallocate every time. */
const LEAST_CAPACITY = 128;

export class ByteQueue {
  #memory: Uint8Array = EMPTY;
  #start = 0;
  #end = 0;
  #isBorrowed = false;

  /** How many bytes are here. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** All bytes here, front first; valid until the next change. */
  view(): Uint8Array {
    return this.#memory.subarray(this.#start, this.#end);
  }

  /**
   * Stands on the first `length` bytes of `memory`, until `keep()`.
   *
   * @throws {TypeError} the queue is not empty: its bytes would be lost
   */
  borrow(memory: Uint8Array, length: number): void {
    if (this.length > 0) throw new TypeError(`cannot borrow: ${this.length} bytes are still here`);
    this.#memory = memory;
    this.#start = 0;
    this.#end = length;
    this.#isBorrowed = true;
  }

  /** Ends borrowing: what is left moves into memory of its own. Called before anybody else may use the lender's. */
  keep(): void {
    if (!this.#isBorrowed) return;
    this.#isBorrowed = false;
    const left = this.view();
    this.#become(left.length === 0 ? EMPTY : left.slice(), left.length);
  }

  /** Appends a copy of `bytes`. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.keep();
    const needed = this.length + bytes.length;
    if (needed > this.#memory.length) this.#grow(Math.max(needed, 2 * this.length, LEAST_CAPACITY));
    else if (this.#end + bytes.length > this.#memory.length) this.#moveToFront();
    this.#memory.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Puts `bytes` back in front of everything; they are not to be changed by anybody else afterwards. */
  unread(bytes: Uint8Array): void {
    const behind = this.view().slice();
    this.#isBorrowed = false;
    this.#become(bytes, bytes.length);
    this.push(behind);
  }

  /** Drops `count` bytes from the front; at most `length`. */
  skip(count: number): void {
    this.#start += count;
    // Whoever has no leftovers holds no memory.
    if (this.#start >= this.#end) this.#become(EMPTY, 0);
  }

  /** Moves as many bytes as fit into `into`, and says how many. */
  moveTo(into: Uint8Array): number {
    const count = Math.min(into.length, this.length);
    if (count === 0) return 0;
    into.set(this.#memory.subarray(this.#start, this.#start + count));
    this.skip(count);
    return count;
  }

  #become(memory: Uint8Array, length: number): void {
    this.#memory = memory;
    this.#start = 0;
    this.#end = length;
    if (length === 0) this.#isBorrowed = false;
  }

  #grow(capacity: number): void {
    const length = this.length;
    const memory = new Uint8Array(capacity);
    memory.set(this.view());
    this.#become(memory, length);
    this.#end = length;
  }

  #moveToFront(): void {
    this.#memory.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
  }
}
