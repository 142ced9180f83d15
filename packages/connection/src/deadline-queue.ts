/**
 * Deadlines without a timer each: nearly every wait is answered long before its own, so that what counts is the cost of
 * one that does not pass.
 *
 * Waits with the same duration become due in the order in which they began. So there is a queue per duration, in the
 * order of beginning, and one timer for its first; joining and leaving is the linking of two neighbours.
 */
import { clock } from '@netloom/coroutines';

/** Timers count whole milliseconds: to wait for the rest of one would take longer than it is. */
const TIMER_STEP_MS = 1;
/** A program knows few durations; one that computes them anew each time shall not make this table grow. */
const MOST_SHARED = 16;
const shared = new Map<number, DeadlineQueue>();

/** The queue for waits of this duration. To be joined at once: one that is empty may be forgotten. */
export function deadlineQueue(timeoutMs: number): DeadlineQueue {
  const known = shared.get(timeoutMs);
  if (known !== undefined) return known;
  const queue = new DeadlineQueue(timeoutMs);
  if (shared.size >= MOST_SHARED) {
    for (const [duration, { isEmpty }] of shared) if (isEmpty) shared.delete(duration);
  }
  if (shared.size < MOST_SHARED) shared.set(timeoutMs, queue);
  return queue;
}

/** Who waits until a deadline; the links are the queue's. */
export interface Waiting {
  /** The time is over. It has left the queue already. */
  expire(): void;
  dueAtMs: number;
  earlier: Waiting | undefined;
  later: Waiting | undefined;
}

export class DeadlineQueue {
  readonly #timeoutMs: number;
  #first: Waiting | undefined = undefined;
  #last: Waiting | undefined = undefined;
  #timer: { cancel(): void } | undefined = undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  join(waiting: Waiting): void {
    waiting.dueAtMs = clock.now() + this.#timeoutMs;
    waiting.earlier = this.#last;
    if (this.#last === undefined) this.#first = waiting;
    else this.#last.later = waiting;
    this.#last = waiting;
    this.#timer ??= clock.setTimer(this.#timeoutMs, this.#ring);
  }

  leave(waiting: Waiting): void {
    const { earlier, later } = waiting;
    if (earlier === undefined) this.#first = later;
    else earlier.later = later;
    if (later === undefined) this.#last = earlier;
    else later.earlier = earlier;
    waiting.earlier = undefined;
    waiting.later = undefined;
    if (this.#first !== undefined) return;
    // A timer keeps the process alive, and there is nothing left to live for.
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Those that are due, then the timer of the next: the one that it was set for has often left. */
  readonly #ring = (): void => {
    const rung = this.#timer;
    const now = clock.now();
    for (
      let first = this.#first;
      first !== undefined && first.dueAtMs - now < TIMER_STEP_MS;
      first = this.#first
    ) {
      this.leave(first);
      first.expire();
    }
    // Another one was set if all had left and somebody came: it is the newcomer's, who is the first.
    if (this.#timer !== rung || this.#first === undefined) return;
    this.#timer = clock.setTimer(this.#first.dueAtMs - now, this.#ring);
  };
}
