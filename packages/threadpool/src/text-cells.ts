/**
 * Fields that are too large for a slot, as JSON in memory that both sides share: for plain objects, arrays, texts and
 * numbers that costs half of what a message does.
 *
 * HOT: bench/pools measures it (`object`). Only what JSON brings as structured clone would; the walk over the fields
 * says so (`Packed.isJson`). A cell is its task's until that has ended or was taken back.
 */
import type { Packed } from './crossing.js';

const CELL_BITS = 12;
const CELL_BYTES = 1 << CELL_BITS;
/** More tasks than these are seldom with one thread; others travel as messages. What is never touched costs nothing. */
const CELLS = 64;

/** The most bytes that UTF-8 takes for one character of a text. */
const MOST_PER_CHARACTER = 3;

/** The pool's side; one for each thread. */
export class TextCellWriter {
  #buffer: Buffer | undefined;
  #free: number[] = [];
  /** By slot of the task. */
  #cells: (number | undefined)[] = [];
  /** What the thread has not been told of; whoever tells it sets it back. */
  newMemory: SharedArrayBuffer | undefined;

  /**
   * Writes a task's fields.
   *
   * @returns where they are, for the entry; -1 when they have to travel otherwise
   */
  write(slot: number, { value, isJson, transfer }: Packed): number {
    if (!isJson || transfer !== undefined || changesJson()) return -1;
    const buffer = this.#buffer ?? this.#open();
    const cell = this.#free.pop();
    if (cell === undefined) return -1;
    const text = JSON.stringify(value);
    const bytes = fits(text) ? buffer.write(text, cell << CELL_BITS, CELL_BYTES) : 0;
    if (bytes === 0) {
      this.#free.push(cell);
      return -1;
    }
    this.#cells[slot] = cell;
    return (cell << (CELL_BITS + 1)) | bytes;
  }

  /** The task in the slot has ended or was taken back: nobody reads its fields any more. */
  release(slot: number): void {
    const cell = this.#cells[slot];
    if (cell === undefined) return;
    this.#cells[slot] = undefined;
    this.#free.push(cell);
  }

  #open(): Buffer {
    const memory = new SharedArrayBuffer(CELLS * CELL_BYTES);
    this.newMemory = memory;
    this.#buffer = Buffer.from(memory);
    for (let cell = CELLS - 1; cell >= 0; cell--) this.#free.push(cell);
    return this.#buffer;
  }
}

/** The thread's side. */
export class TextCellReader {
  #buffer: Buffer = Buffer.alloc(0);

  open(memory: SharedArrayBuffer): void {
    this.#buffer = Buffer.from(memory);
  }

  /** Reads the fields of a task that this thread has claimed. */
  read(where: number): unknown {
    const start = (where >> (CELL_BITS + 1)) << CELL_BITS;
    const bytes = where & (2 * CELL_BYTES - 1);
    return JSON.parse(this.#buffer.toString('utf8', start, start + bytes));
  }
}

function fits(text: string): boolean {
  if (text.length > CELL_BYTES) return false;
  return text.length * MOST_PER_CHARACTER <= CELL_BYTES || Buffer.byteLength(text) <= CELL_BYTES;
}

/** A program that teaches plain objects to write themselves otherwise. */
function changesJson(): boolean {
  return 'toJSON' in Object.prototype || 'toJSON' in Array.prototype;
}
