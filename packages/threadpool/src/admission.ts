/**
 * What stands between handing a task over and giving it to the dispatcher: the bounded queue and what happens when it
 * is full.
 *
 * A pool without a limit passes everything on. With one, it keeps the tasks that wait in the order in which they came,
 * which is not that in which they will begin.
 */
import type { Dispatcher } from './dispatcher.js';
import type { PoolSettings, WhenFull } from './pool-options.js';
import type { PoolTask } from './pool-task.js';

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
  #held = new Set<PoolTask>();
  #isFull = false;
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
    if (!this.#queue.delete(task)) this.#held.delete(task);
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
      this.#queue.add(task);
      this.#dispatcher.enqueue(task);
      if (this.#queue.size >= this.#maxQueue) this.#noteFull();
    }
    task.onAdmitted?.();
    return true;
  }

  #atLimit(task: PoolTask): void {
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
    for (const task of this.#held) {
      // Out first: it is in one place only when others are told of it.
      this.#held.delete(task);
      if (this.#letIn(task)) continue;
      this.#held = new Set([task, ...this.#held]);
      return;
    }
    if (this.#queue.size >= this.#maxQueue && this.#maxQueue > 0) return;
    if (!this.#isFull) return;
    this.#isFull = false;
    this.#events.room();
  }
}
