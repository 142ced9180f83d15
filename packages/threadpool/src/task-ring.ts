/**
 * The ring through which the pool tells a thread of its tasks, in the order in which they are to begin.
 *
 * An entry names a slot and the id that the slot's word carries, so that one whose task was taken back meanwhile is
 * known by its id. What belongs to a task is written before its entry is published: its fields into its slot, or posted.
 */
import {
  ENTRY_WORDS,
  POSTED,
  TASK_ENTRIES,
  TASKS,
  TASKS_HEAD,
  TASKS_TAIL,
  WANTS_ROOM,
} from './shared-control.js';

/** In an entry's kind: the fields come as a message. */
export const BY_MESSAGE = 0x4000_0000;
/** In an entry's kind: the fields are a text, and in place of classes stands where it is. */
export const AS_TEXT = 0x2000_0000;

/** The pool's side. */
export class TaskRingWriter {
  readonly #control: Int32Array;
  #tail = 0;
  #published = 0;

  constructor(control: SharedArrayBuffer) {
    this.#control = new Int32Array(control);
  }

  /** How far it is written; travels with messages, so that one of them makes known what it was sent for. */
  get tail(): number {
    return this.#tail;
  }

  /** Whether another entry can be written; if not, the thread will say when it has read them all. */
  hasRoom(): boolean {
    if (this.#isRoom()) return true;
    Atomics.store(this.#control, WANTS_ROOM, 1);
    // It may have read them just before the word was there to be seen.
    return this.#isRoom();
  }

  #isRoom(): boolean {
    return ((this.#tail - Atomics.load(this.#control, TASKS_HEAD)) | 0) < TASK_ENTRIES;
  }

  /** Writes an entry, which the thread does not see before it is published. */
  write(slot: number, id: number, kind: number, classes: number): void {
    const at = TASKS + (this.#tail & (TASK_ENTRIES - 1)) * ENTRY_WORDS;
    this.#control[at] = slot;
    this.#control[at + 1] = id;
    this.#control[at + 2] = kind;
    this.#control[at + 3] = classes;
    this.#tail = (this.#tail + 1) | 0;
  }

  /** Publishes what was written; false when nothing was. */
  publish(): boolean {
    if (this.#published === this.#tail) return false;
    this.#published = this.#tail;
    Atomics.store(this.#control, TASKS_TAIL, this.#tail);
    return true;
  }

  /** Counts a message that was posted; before anything is published that needs it. */
  notePosted(): void {
    Atomics.add(this.#control, POSTED, 1);
  }
}

/** The thread's side. */
export class TaskRingReader {
  readonly #control: Int32Array;
  #head = 0;
  #tail = 0;
  #received = 0;

  /** Of the entry that was read last. */
  slot = 0;
  id = 0;
  kind = 0;
  classes = 0;

  constructor(control: SharedArrayBuffer) {
    this.#control = new Int32Array(control);
  }

  /** Whether the pool has published what was not read yet. */
  get hasMore(): boolean {
    return this.#tail - this.#head !== 0 || ((this.#look() - this.#head) | 0) > 0;
  }

  /** Whether there are messages that have not been received. One is counted when it is on its way already. */
  get hasMessages(): boolean {
    return ((Atomics.load(this.#control, POSTED) - this.#received) | 0) > 0;
  }

  /** A message has been received. */
  noteReceived(): void {
    this.#received = (this.#received + 1) | 0;
  }

  /** Entries have been made known by a message: sooner than by the word that publishes them. */
  noteTail(tail: number): void {
    if (((tail - this.#tail) | 0) > 0) this.#tail = tail;
  }

  /**
   * Reads the next entry into the fields; false when there is none.
   *
   * @param receive - receives one message; called until those that were posted before the entry have been
   */
  read(receive: () => boolean): boolean {
    if (this.#head === this.#tail) {
      const tail = this.#look();
      if (((tail - this.#head) | 0) <= 0) return false;
      while (this.hasMessages && receive());
      this.noteTail(tail);
    }
    const at = TASKS + (this.#head & (TASK_ENTRIES - 1)) * ENTRY_WORDS;
    this.slot = this.#control[at] ?? 0;
    this.id = this.#control[at + 1] ?? 0;
    this.kind = this.#control[at + 2] ?? 0;
    this.classes = this.#control[at + 3] ?? 0;
    this.#head = (this.#head + 1) | 0;
    Atomics.store(this.#control, TASKS_HEAD, this.#head);
    return true;
  }

  /** Whether the pool wants to hear that all was read; once. */
  takeWish(): boolean {
    return (
      Atomics.load(this.#control, WANTS_ROOM) === 1 &&
      Atomics.compareExchange(this.#control, WANTS_ROOM, 1, 0) === 1
    );
  }

  #look(): number {
    return Atomics.load(this.#control, TASKS_TAIL);
  }
}
