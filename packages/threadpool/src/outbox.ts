/**
 * The way of tasks to one thread: into its ring, their fields into their slots, or, if they do not fit, into a message.
 *
 *     add ──▶ flush ──┬── small fields ──────────────▶ slot ──┐
 *                     ├── larger plain ones ──▶ JSON, cell ───┼──▶ entry ──▶ publish ──▶ knock
 *                     └── everything else ──▶ message ────────┘
 *                         32 tasks at most, one postMessage
 *
 * Nothing is published before what it needs is posted. One flush publishes once and wakes the thread once.
 */
import type { MessagePort } from 'node:worker_threads';
import type { Packed } from './crossing.js';
import { type FieldsNews, type KindNews, KNOCK, TASKS, type ToThread } from './messages.js';
import type { PoolTask } from './pool-task.js';
import { SlotWriter } from './slot-writer.js';
import type { Slots } from './slots.js';
import { TaskQueue } from './task-queue.js';
import { AS_TEXT, BY_MESSAGE, TaskRingWriter } from './task-ring.js';
import { TextCellWriter } from './text-cells.js';
import { requireHere } from './transfer.js';
import { Knocker } from './wake-up.js';
import { Words } from './words.js';

/** Tasks in one message: more would keep the thread reading when it could begin. */
const BATCH = 32;

/** After so many tasks of a kind in a row that did not fit, only some are tried. */
const MISSES = 8;
const TRY_EVERY = 32;

/** What an outbox asks of the thread that it belongs to. */
export interface OutboxOwner {
  /** Whether a task is still the thread's: it may have been taken back since it was added. */
  isOwn(task: PoolTask): boolean;
  /** It could not be posted: nothing of it has left. */
  unpostable(task: PoolTask, error: unknown): void;
}

/** Everything that goes to one thread. */
export class Outbox {
  readonly #port: MessagePort;
  readonly #slots: Slots;
  readonly #owner: OutboxOwner;
  readonly #ring: TaskRingWriter;
  readonly #words = new Words();
  readonly #writer = new SlotWriter(this.#words);
  readonly #texts = new TextCellWriter();
  readonly #knocker: Knocker;
  readonly #known = new Set<number>();
  readonly #slotTries = new Tries();
  readonly #textTries = new Tries();
  readonly #waiting = new TaskQueue<PoolTask>();
  #newKinds: KindNews[] = [];
  #newBlocks: SharedArrayBuffer[] = [];
  #byMessage: PoolTask[] = [];
  #failed: [PoolTask, unknown][] = [];
  /** What the last message has made known of the ring. */
  #postedTail = 0;

  constructor(port: MessagePort, control: SharedArrayBuffer, slots: Slots, owner: OutboxOwner) {
    this.#port = port;
    this.#slots = slots;
    this.#owner = owner;
    this.#ring = new TaskRingWriter(control);
    this.#knocker = new Knocker(control, () => this.#post(KNOCK));
  }

  /** How many have not left, because they were added just now or the ring is full. */
  get size(): number {
    return this.#waiting.size;
  }

  /** See {@link Knocker.sleptMs}. */
  get sleptMs(): number {
    return this.#knocker.sleptMs;
  }

  /** Tells the thread of memory, before the first task that lies in it. */
  addBlock(memory: SharedArrayBuffer): void {
    this.#newBlocks.push(memory);
  }

  add(task: PoolTask): void {
    this.#waiting.push(task);
  }

  /** A task has ended or was taken back. */
  left(slot: number): void {
    this.#texts.release(slot);
  }

  /** Sends a message that is no task. */
  send(message: ToThread, packed?: Packed): void {
    this.#post(message, packed?.transfer);
    this.#knocker.knock(true);
  }

  /** Hands over all that was added, as far as there is room. */
  flush(): void {
    for (let task = this.#waiting.first; task !== undefined; task = this.#waiting.first) {
      if (this.#owner.isOwn(task)) {
        if (!this.#ring.hasRoom()) break;
        this.#write(task);
      }
      this.#waiting.shift();
    }
    this.#postTasks();
    if (this.#ring.publish()) this.#knocker.knock(this.#postedTail === this.#ring.tail);
    this.#reportFailed();
  }

  #write(task: PoolTask): void {
    const { kind, packed, slot, id } = task;
    if (!this.#known.has(kind.number)) {
      this.#known.add(kind.number);
      const { number, module, exportName, concurrency, isFunction, carries } = kind;
      this.#newKinds.push([number, module, exportName, concurrency, isFunction, carries]);
    }
    if (this.#slotTries.isWorth(kind.number)) {
      const classes = this.#slots.write(slot, packed, this.#writer);
      this.#slotTries.note(kind.number, classes >= 0);
      if (classes >= 0) {
        this.#ring.write(slot, id, kind.number, classes);
        return;
      }
    }
    if (packed.isJson && this.#textTries.isWorth(kind.number)) {
      const where = this.#texts.write(slot, packed);
      this.#textTries.note(kind.number, where >= 0);
      if (where >= 0) {
        this.#ring.write(slot, id, kind.number | AS_TEXT, where);
        return;
      }
    }
    this.#ring.write(slot, id, kind.number | BY_MESSAGE, 0);
    this.#byMessage.push(task);
    if (this.#byMessage.length === BATCH) this.#postTasks();
  }

  /** Posts what the entries need that were written so far. */
  #postTasks(): void {
    const tasks = this.#byMessage;
    if (tasks.length === 0 && !this.#hasNews) return;
    this.#byMessage = [];
    try {
      this.#postBatch(tasks, this.#ring.tail);
      this.#postedTail = this.#ring.tail;
    } catch (error) {
      if (tasks.length === 1) for (const task of tasks) this.#failed.push([task, error]);
      else for (const task of tasks) this.#postOne(task);
      if (this.#hasNews) this.#postBatch([], this.#postedTail);
    }
  }

  /** What is behind it in the ring has not been posted: the message makes nothing known. */
  #postOne(task: PoolTask): void {
    try {
      this.#postBatch([task], this.#postedTail);
    } catch (error) {
      this.#failed.push([task, error]);
    }
  }

  get #hasNews(): boolean {
    const { newWords, newClasses } = this.#words;
    return (
      newWords.length > 0 ||
      newClasses.length > 0 ||
      this.#texts.newMemory !== undefined ||
      this.#newKinds.length > 0 ||
      this.#newBlocks.length > 0
    );
  }

  #postBatch(tasks: readonly PoolTask[], tail: number): void {
    const news: FieldsNews[] = [];
    let transfer: NonNullable<Packed['transfer']> | undefined;
    for (const { id, packed } of tasks) {
      const one: FieldsNews = [id, packed.value];
      if (packed.repairs !== undefined) one.push(packed.repairs);
      news.push(one);
      if (packed.transfer !== undefined) {
        requireHere(packed.transfer);
        transfer = [...(transfer ?? []), ...packed.transfer];
      }
    }
    const { newWords, newClasses } = this.#words;
    const message: ToThread = [
      TASKS,
      tail,
      this.#newKinds,
      this.#newBlocks,
      newWords,
      newClasses,
      news,
      this.#texts.newMemory,
    ];
    this.#post(message, transfer);
    if (!this.#hasNews) return;
    this.#newKinds = [];
    this.#newBlocks = [];
    this.#texts.newMemory = undefined;
    this.#words.newWords = [];
    this.#words.newClasses = [];
  }

  #post(message: ToThread, transfer?: Packed['transfer']): void {
    this.#port.postMessage(message, transfer ?? []);
    this.#ring.notePosted();
  }

  /** Last of all, because whoever hears of it may add others. */
  #reportFailed(): void {
    if (this.#failed.length === 0) return;
    const failed = this.#failed;
    this.#failed = [];
    for (const [task, error] of failed) this.#owner.unpostable(task, error);
  }
}

/** For each kind, whether to try again what failed: after several failures in a row only now and then. */
class Tries {
  #misses: number[] = [];

  isWorth(kind: number): boolean {
    const misses = this.#misses[kind] ?? 0;
    if (misses < MISSES || misses % TRY_EVERY === 0) return true;
    this.#misses[kind] = misses + 1;
    return false;
  }

  note(kind: number, isHit: boolean): void {
    this.#misses[kind] = isHit ? 0 : (this.#misses[kind] ?? 0) + 1;
  }
}
