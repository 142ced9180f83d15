/**
 * The memory that the two sides of a thread share: who has which task, and results that are a number or less.
 *
 * A slot's word decides who has a task, by compare-and-swap, so that it is run once or given back, never both:
 *
 *      post     reserve (thread)            claim (thread)
 *     0 ───▶ id ─────────────────▶ id | R ────────────────▶ −id ──▶ 0 (settled)
 *            ├──────────────────────┼───────── claim ───────▶
 *            └───────▶ 0 ◀──────────┘
 *             recall (pool): cancelled, re-placed, or its thread is gone
 *
 * A thread reserves a task while it imports the modules of it: nobody else is offered it meanwhile, and still nothing
 * of it has begun.
 *
 * A message about a recalled task finds another number in the word and is ignored. Results go into the slot and its
 * number into a ring; the thread sends a message only if the pool has said that it waits.
 */

/** Slots in one block; a thread gets more blocks as it has more tasks. A power of two. */
export const BLOCK_SLOTS = 1024;

/** Room in the ring of finished slots; when it is full a result travels as a message. A power of two. */
const RING_SLOTS = 1024;

const POOL_WAITS = 0;
const TAIL = 1;
const HEAD = 2;
/** 1 while the thread is in the code of a task, as far as that runs without waiting. */
const INSIDE = 3;
const RING_START = 4;

/** Ids are below; with it in the word, the thread imports what the task needs. */
const RESERVED = 0x4000_0000;
/** The highest id that a task may have. */
export const LAST_ID: number = RESERVED - 1;

const UNDEFINED = 0;
const NUMBER = 1;
const TRUE = 2;
const FALSE = 3;
const NULL = 4;

/** Memory for one ring; the pool waits from the start. */
export function newControl(): SharedArrayBuffer {
  const memory = new SharedArrayBuffer((RING_START + RING_SLOTS) * 4);
  new Int32Array(memory)[POOL_WAITS] = 1;
  return memory;
}

/** Memory for one block of slots: results, running times, beginnings, words, kinds of result, parts given away. */
export function newBlock(): SharedArrayBuffer {
  return new SharedArrayBuffer(BLOCK_SLOTS * 36);
}

/** One side's view of a block. */
class Block {
  readonly results: Float64Array;
  readonly times: Float64Array;
  readonly begins: Float64Array;
  readonly words: Int32Array;
  readonly forms: Int32Array;
  readonly parts: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.results = new Float64Array(memory, 0, BLOCK_SLOTS);
    this.times = new Float64Array(memory, BLOCK_SLOTS * 8, BLOCK_SLOTS);
    this.begins = new Float64Array(memory, BLOCK_SLOTS * 16, BLOCK_SLOTS);
    this.words = new Int32Array(memory, BLOCK_SLOTS * 24, BLOCK_SLOTS);
    this.forms = new Int32Array(memory, BLOCK_SLOTS * 28, BLOCK_SLOTS);
    this.parts = new Int32Array(memory, BLOCK_SLOTS * 32, BLOCK_SLOTS);
  }
}

/** One side's view of a thread's shared memory. */
export class Slots {
  #control: Int32Array;
  #blocks: Block[] = [];
  /** The pool's own place in the ring. */
  #head = 0;

  constructor(control: SharedArrayBuffer) {
    this.#control = new Int32Array(control);
  }

  addBlock(memory: SharedArrayBuffer): void {
    this.#blocks.push(new Block(memory));
  }

  /** Pool: offers a task; before its message is posted. */
  offer(slot: number, id: number): void {
    const block = this.#block(slot);
    block.parts[slot & (BLOCK_SLOTS - 1)] = 0;
    block.begins[slot & (BLOCK_SLOTS - 1)] = 0;
    Atomics.store(block.words, slot & (BLOCK_SLOTS - 1), id);
  }

  /** Pool: takes a task back; false when the thread has claimed it. */
  recall(slot: number, id: number): boolean {
    // In the order in which the thread goes on.
    return this.#swap(slot, id, 0) || this.#swap(slot, id | RESERVED, 0);
  }

  /** Pool: whether the thread imports what the task needs. */
  isReserved(slot: number, id: number): boolean {
    return Atomics.load(this.#block(slot).words, slot & (BLOCK_SLOTS - 1)) === (id | RESERVED);
  }

  /** Pool: whether the thread was in the code of a task when it ended. */
  get isInside(): boolean {
    return this.#control[INSIDE] === 1;
  }

  /** Pool: whether the thread has not looked at the task. */
  isOffered(slot: number, id: number): boolean {
    return Atomics.load(this.#block(slot).words, slot & (BLOCK_SLOTS - 1)) === id;
  }

  /** Pool: whether the thread has begun the task and not ended it. */
  isClaimed(slot: number, id: number): boolean {
    return Atomics.load(this.#block(slot).words, slot & (BLOCK_SLOTS - 1)) === -id;
  }

  /** Thread: reserves a task while it imports what the task needs; false when it was taken back. */
  reserve(slot: number, id: number): boolean {
    return this.#swap(slot, id, id | RESERVED);
  }

  /** Thread: claims a task; false when it was taken back. */
  claim(slot: number, id: number): boolean {
    return this.#swap(slot, id, -id);
  }

  /** Thread: claims a task that it had reserved; false when it was taken back. */
  claimReserved(slot: number, id: number): boolean {
    return this.#swap(slot, id | RESERVED, -id);
  }

  /** Thread: says whether it is in the code of a task; read by the pool when the thread has ended. */
  noteInside(isInside: boolean): void {
    this.#control[INSIDE] = isInside ? 1 : 0;
  }

  /** Thread: notes how many of the instances among a claimed task's fields it has given to their classes. */
  noteParts(slot: number, parts: number): void {
    this.#block(slot).parts[slot & (BLOCK_SLOTS - 1)] = parts;
  }

  /** Pool: how many they were when the thread ended. */
  partsOf(slot: number): number {
    return this.#block(slot).parts[slot & (BLOCK_SLOTS - 1)] ?? 0;
  }

  /** Thread: notes when the task was called, on the clock that all threads share. */
  noteBegin(slot: number, sharedMs: number): void {
    this.#block(slot).begins[slot & (BLOCK_SLOTS - 1)] = sharedMs;
  }

  /** Pool: when the task was called; 0 when it was not. */
  beginOf(slot: number): number {
    return this.#block(slot).begins[slot & (BLOCK_SLOTS - 1)] ?? 0;
  }

  /** Thread: notes how long the task ran; before its result is published or sent. */
  noteTime(slot: number, ms: number): void {
    this.#block(slot).times[slot & (BLOCK_SLOTS - 1)] = ms;
  }

  /** Pool: how long the task ran. */
  timeOf(slot: number): number {
    return this.#block(slot).times[slot & (BLOCK_SLOTS - 1)] ?? 0;
  }

  /**
   * Thread: publishes a result; false when it needs a message.
   *
   * @param wake - called when the pool waits and has to be woken
   */
  publish(slot: number, result: unknown, wake: () => void): boolean {
    const form = formOf(result);
    const tail = Atomics.load(this.#control, TAIL);
    const unread = (tail - Atomics.load(this.#control, HEAD)) | 0;
    if (form < 0 || unread >= RING_SLOTS) return false;
    const block = this.#block(slot);
    const at = slot & (BLOCK_SLOTS - 1);
    block.forms[at] = form;
    if (typeof result === 'number') block.results[at] = result;
    this.#control[RING_START + (tail & (RING_SLOTS - 1))] = slot;
    // The store publishes what was written above it. It wraps at 32 bits, as the differences do.
    Atomics.store(this.#control, TAIL, tail + 1);
    if (Atomics.compareExchange(this.#control, POOL_WAITS, 1, 0) === 1) wake();
    return true;
  }

  /** Pool: hands every published result on; afterwards the thread wakes the pool for the next one. */
  drain(settled: (slot: number, result: unknown) => void): void {
    do {
      const tail = Atomics.load(this.#control, TAIL);
      while (this.#head !== tail) {
        const slot = this.#control[RING_START + (this.#head & (RING_SLOTS - 1))] ?? 0;
        this.#head = (this.#head + 1) | 0;
        settled(slot, this.#resultOf(slot));
      }
      Atomics.store(this.#control, HEAD, this.#head);
      Atomics.store(this.#control, POOL_WAITS, 1);
    } while (
      Atomics.load(this.#control, TAIL) !== this.#head &&
      Atomics.compareExchange(this.#control, POOL_WAITS, 1, 0) === 1
    );
  }

  #resultOf(slot: number): unknown {
    const block = this.#block(slot);
    const at = slot & (BLOCK_SLOTS - 1);
    const form = block.forms[at];
    if (form === NUMBER) return block.results[at];
    if (form === TRUE) return true;
    if (form === FALSE) return false;
    return form === NULL ? null : undefined;
  }

  #swap(slot: number, from: number, to: number): boolean {
    const { words } = this.#block(slot);
    return Atomics.compareExchange(words, slot & (BLOCK_SLOTS - 1), from, to) === from;
  }

  #block(slot: number): Block {
    const block = this.#blocks[Math.floor(slot / BLOCK_SLOTS)];
    if (block === undefined) throw new RangeError(`no block holds slot ${slot}`);
    return block;
  }
}

function formOf(result: unknown): number {
  if (result === undefined) return UNDEFINED;
  if (typeof result === 'number') return NUMBER;
  if (result === true) return TRUE;
  if (result === false) return FALSE;
  return result === null ? NULL : -1;
}
