/**
 * What stands between handing a task over and giving it to the dispatcher: the bounded queue and what happens when it
 * is full.
 *
 * A pool without a limit passes everything on. With one, it keeps the tasks that wait in the order in which they came,
 * which is not that in which they will begin.
 */
import type { Dispatcher } from './dispatcher.js';
import type { PoolSettings, WhenFull } from './pool-options.js';
import type { PoolTask, TaskKind } from './pool-task.js';

/** What admission decides, and others do. */
export interface AdmissionEvents {
  /** There was no room: the task is not to run, or no longer. */
  refused(task: PoolTask, isDropped: boolean): void;
  /** There was no room: the task is to run here. */
  runHere(task: PoolTask): void;
  /** As many wait as may. */
  full(): void;
  /** Fewer wait than may; after `full`. */
  room(): void;
}

/** The door of a pool. */
export class Admission {
  readonly isBounded: boolean;
  #dispatcher: Dispatcher;
  #events: AdmissionEvents;
  #maxQueue: number;
  #whenFull: WhenFull;
  /** Those that wait for a thread, oldest first. */
  #queue = new Set<PoolTask>();
  /** Those that wait to be let in. */
  readonly #held = new Set<PoolTask>();
  #isFull = false;
  /** Of which kind the last task was that found no room. */
  #refused: TaskKind | undefined;
  #willLook = false;

  constructor(settings: PoolSettings, dispatcher: Dispatcher, events: AdmissionEvents) {
    this.#dispatcher = dispatcher;
    this.#events = events;
    this.#maxQueue = settings.maxQueue;
    this.#whenFull = settings.whenFull;
    this.isBounded = settings.maxQueue !== Number.POSITIVE_INFINITY;
    if (this.isBounded) dispatcher.onPosted = (task) => this.left(task);
  }

  /** Tasks that wait for a thread. */
  get queued(): number {
    return this.isBounded ? this.#queue.size : this.#dispatcher.countWaiting();
  }

  /** Tasks that wait to be let in. */
  get heldBack(): number {
    return this.#held.size;
  }

  /** A task comes. */
  add(task: PoolTask): void {
    if (!this.isBounded) {
      this.#dispatcher.place(task);
      task.onAdmitted?.();
    } else if (this.#held.size > 0 || !this.#letIn(task)) this.#atLimit(task);
  }

  /** A task does not wait any more: a thread was given it, or it has ended. There may be room now. */
  left(task: PoolTask): void {
    const hadPlace =
      this.#queue.delete(task) || this.#held.delete(task) || task.thread !== undefined;
    // One that was never let in leaves no room behind.
    if (this.#isFull && hadPlace) this.#lookLater();
  }

  /** A thread is there that was not: there may be room now. */
  gained(): void {
    if (this.#isFull) this.#lookLater();
  }

  /** Takes out what is held back. */
  takeAll(): PoolTask[] {
    const taken = [...this.#held];
    this.#held.clear();
    return taken;
  }

  #letIn(task: PoolTask): boolean {
    if (!this.#dispatcher.tryPlace(task)) {
      if (this.#queue.size >= this.#maxQueue) return false;
      // It is in one place only when others are told of it.
      this.#held.delete(task);
      this.#queue.add(task);
      this.#dispatcher.enqueue(task);
      if (this.#queue.size >= this.#maxQueue) this.#noteFull();
    }
    task.onAdmitted?.();
    return true;
  }

  #atLimit(task: PoolTask): void {
    this.#refused = task.kind;
    this.#noteFull();
    const [oldest] = this.#queue;
    if (this.#whenFull === 'wait') this.#held.add(task);
    else if (this.#whenFull === 'runInCaller') {
      this.#events.runHere(task);
      task.onAdmitted?.();
    } else if (this.#whenFull === 'reject' || oldest === undefined) {
      this.#events.refused(task, false);
    } else {
      this.#events.refused(oldest, true);
      if (!this.#letIn(task)) this.#events.refused(task, false);
    }
  }

  /** Where nobody waits at all, there is room when a thread may take one such as was refused last. */
  #hasRoom(): boolean {
    if (this.#maxQueue > 0) return this.#queue.size < this.#maxQueue;
    return this.#refused === undefined || this.#dispatcher.hasRoomFor(this.#refused);
  }

  #noteFull(): void {
    if (this.#isFull) return;
    this.#isFull = true;
    this.#events.full();
  }

  /** Told in the middle of other things: what follows waits until they are done. */
  #lookLater(): void {
    if (this.#willLook) return;
    this.#willLook = true;
    queueMicrotask(() => {
      this.#willLook = false;
      this.#admitHeld();
    });
  }

  #admitHeld(): void {
    for (const task of this.#held) if (!this.#letIn(task)) return;
    if (!this.#isFull || !this.#hasRoom()) return;
    this.#isFull = false;
    this.#events.room();
  }
}
