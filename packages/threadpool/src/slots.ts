/**
 * The slots of a thread, in memory that both its sides share: who has which task, its fields, its result.
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
 * number into a ring; what a task is given is read from the slot as well, if it is small (`slot-writer.ts`).
 */
import type { Packed } from './crossing.js';
import { INSIDE, RESULT_ENTRIES, RESULTS, RESULTS_HEAD, RESULTS_TAIL } from './shared-control.js';
import { PAYLOAD_BYTES } from './slot-form.js';
import type { SlotReader } from './slot-reader.js';
import type { SlotWriter } from './slot-writer.js';

const BLOCK_BITS = 10;
/** Slots in one block; a thread gets more blocks as it has more tasks. */
export const BLOCK_SLOTS: number = 1 << BLOCK_BITS;

/** Ids are below; with it in the word, the thread imports what the task needs. */
const RESERVED = 0x4000_0000;
/** The highest id that a task may have. */
export const LAST_ID: number = RESERVED - 1;

const UNDEFINED = 0;
const NUMBER = 1;
const TRUE = 2;
const FALSE = 3;
const NULL = 4;

/** Bytes of a slot before its fields: result, running time, beginning, word, kind of result, parts given away. */
const HEAD_BYTES = 36;

/** Memory for one block of slots; what is never touched of it costs nothing. */
export function newBlock(): SharedArrayBuffer {
  return new SharedArrayBuffer(BLOCK_SLOTS * (HEAD_BYTES + PAYLOAD_BYTES));
}

/** One side's view of a block. */
class Block {
  readonly results: Float64Array;
  readonly times: Float64Array;
  readonly begins: Float64Array;
  readonly words: Int32Array;
  readonly forms: Int32Array;
  readonly parts: Int32Array;
  readonly payloads: DataView;

  constructor(memory: SharedArrayBuffer) {
    this.results = new Float64Array(memory, 0, BLOCK_SLOTS);
    this.times = new Float64Array(memory, BLOCK_SLOTS * 8, BLOCK_SLOTS);
    this.begins = new Float64Array(memory, BLOCK_SLOTS * 16, BLOCK_SLOTS);
    this.words = new Int32Array(memory, BLOCK_SLOTS * 24, BLOCK_SLOTS);
    this.forms = new Int32Array(memory, BLOCK_SLOTS * 28, BLOCK_SLOTS);
    this.parts = new Int32Array(memory, BLOCK_SLOTS * 32, BLOCK_SLOTS);
    this.payloads = new DataView(memory, BLOCK_SLOTS * HEAD_BYTES);
  }
}

/** One side's view of a thread's shared memory. */
export class Slots {
  #control: Int32Array;
  #blocks: Block[] = [];
  /** The pool's own place in the ring of results. */
  #head = 0;
  /** The thread's. */
  #tail = 0;

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

  /** Pool: writes the fields of a task that the thread has not been told of; see {@link SlotWriter.write}. */
  write(slot: number, packed: Packed, writer: SlotWriter): number {
    return writer.write(this.#block(slot).payloads, offsetOf(slot), packed);
  }

  /** Thread: reads the fields of a task that it has claimed. */
  read(slot: number, classes: number, reader: SlotReader): unknown {
    return reader.read(this.#block(slot).payloads, offsetOf(slot), classes);
  }

  /** Thread: publishes a result; false when it needs a message. */
  publish(slot: number, result: unknown): boolean {
    const form = formOf(result);
    const tail = this.#tail;
    const unread = (tail - Atomics.load(this.#control, RESULTS_HEAD)) | 0;
    if (form < 0 || unread >= RESULT_ENTRIES) return false;
    const block = this.#block(slot);
    const at = slot & (BLOCK_SLOTS - 1);
    block.forms[at] = form;
    if (typeof result === 'number') block.results[at] = result;
    this.#control[RESULTS + (tail & (RESULT_ENTRIES - 1))] = slot;
    this.#tail = (tail + 1) | 0;
    // The store publishes what was written above it.
    Atomics.store(this.#control, RESULTS_TAIL, this.#tail);
    return true;
  }

  /** Pool: whether there are results that it has not taken. */
  get hasResults(): boolean {
    return Atomics.load(this.#control, RESULTS_TAIL) !== this.#head;
  }

  /** Pool: hands every published result on; whether there was one. */
  drain(settled: (slot: number, result: unknown) => void): boolean {
    const tail = Atomics.load(this.#control, RESULTS_TAIL);
    if (this.#head === tail) return false;
    while (this.#head !== tail) {
      const slot = this.#control[RESULTS + (this.#head & (RESULT_ENTRIES - 1))] ?? 0;
      this.#head = (this.#head + 1) | 0;
      settled(slot, this.#resultOf(slot));
    }
    Atomics.store(this.#control, RESULTS_HEAD, this.#head);
    return true;
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
    const block = this.#blocks[slot >>> BLOCK_BITS];
    if (block === undefined) throw new RangeError(`no block holds slot ${slot}`);
    return block;
  }
}

function offsetOf(slot: number): number {
  return (slot & (BLOCK_SLOTS - 1)) * PAYLOAD_BYTES;
}

function formOf(result: unknown): number {
  if (result === undefined) return UNDEFINED;
  if (typeof result === 'number') return NUMBER;
  if (result === true) return TRUE;
  if (result === false) return FALSE;
  return result === null ? NULL : -1;
}
