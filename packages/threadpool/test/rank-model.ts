/**
 * Which of the tasks with priorities and names of queues begins next, in the plainest words: names take turns, within a
 * name the highest priority comes first, and of two alike the older.
 */

/** What a task is ranked by. */
export interface Rank {
  readonly priority: number;
  readonly queue: string;
}

interface Waiting extends Rank {
  readonly at: number;
  hasEnded: boolean;
}

/** The tasks of one class that runs one at a time on each thread. */
export class RankModel {
  /** In the order in which they are to begin, from the first task on. */
  readonly begun: number[] = [];
  readonly #threads: number;
  #running = new Set<number>();
  /** In the order in which they came. */
  #waiting: Waiting[] = [];
  /** Names with tasks that wait, the next one first. */
  #turns: string[] = [];

  constructor(threads: number) {
    this.#threads = threads;
  }

  add(at: number, { priority, queue }: Rank): void {
    // What was cancelled is found when somebody comes, or leaves: until then it has its place.
    while (this.#waiting.length > 0 && this.#next()?.hasEnded === true) this.#take();
    if (this.#waiting.length === 0 && this.#running.size < this.#threads) {
      this.#begin(at);
      return;
    }
    this.#waiting.push({ at, priority, queue, hasEnded: false });
    if (!this.#turns.includes(queue)) this.#turns.push(queue);
  }

  ended(at: number): void {
    const waiting = this.#waiting.find((one) => one.at === at);
    if (waiting !== undefined) waiting.hasEnded = true;
    if (!this.#running.delete(at)) return;
    while (this.#waiting.length > 0) {
      const next = this.#take();
      if (next.hasEnded) continue;
      this.#begin(next.at);
      return;
    }
  }

  #begin(at: number): void {
    this.#running.add(at);
    this.begun.push(at);
  }

  #next(): Waiting | undefined {
    const lane = this.#waiting.filter(({ queue }) => queue === this.#turns[0]);
    return lane.toSorted((a, b) => b.priority - a.priority || a.at - b.at)[0];
  }

  #take(): Waiting {
    const next = this.#next();
    const name = this.#turns.shift();
    if (next === undefined || name === undefined) throw new RangeError('nobody waits');
    this.#waiting.splice(this.#waiting.indexOf(next), 1);
    if (this.#waiting.some(({ queue }) => queue === name)) this.#turns.push(name);
    return next;
  }
}
