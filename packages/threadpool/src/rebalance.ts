/**
 * Tasks that were given to one thread and are better off with another: nothing here is ever run twice, because a task
 * moves only if its thread has not begun it.
 */
import type { Place } from './places.js';
import type { PoolTask, TaskKind } from './pool-task.js';
import type { PoolThread } from './worker.js';

/** How often it is looked whether tasks stand behind one that blocks. */
const RESCUE_MS = 100;

/** Takes over what others have not begun. */
export class Rebalance {
  #places: readonly Place[];
  #post: (thread: PoolThread, task: PoolTask) => void;
  #takesFromStarting: boolean;
  #watching: NodeJS.Timeout | undefined;

  /**
   * @param takesFromStarting - where threads start because there is work, whoever is free sooner does it; where all start
   *   at once, each is to get its share
   */
  constructor(
    places: readonly Place[],
    takesFromStarting: boolean,
    post: (thread: PoolThread, task: PoolTask) => void,
  ) {
    this.#places = places;
    this.#takesFromStarting = takesFromStarting;
    this.#post = post;
  }

  /** The thread would idle: it takes over what the busiest other has not begun. */
  takeOver(thread: PoolThread): void {
    let busiest: PoolThread | undefined;
    for (const { thread: other } of this.#places) {
      if (other === undefined || other === thread || other.unfinished === 0) continue;
      // The only task of a thread is about to begin there.
      if (other.unfinished === 1 && (other.isReady || !this.#takesFromStarting)) continue;
      if (busiest === undefined || other.unfinished > busiest.unfinished) busiest = other;
    }
    const task = busiest?.oldestUntaken;
    if (task !== undefined && busiest !== undefined) this.#move(task, busiest, thread);
  }

  /**
   * A task may stand behind one that blocks its thread, while all others stay busy and none asks for work: looked
   * for at intervals, as long as there are tasks that have not begun.
   */
  watch(): void {
    if (this.#watching !== undefined || this.#places.length === 1) return;
    this.#watching = setTimeout(() => {
      this.#watching = undefined;
      if (this.#rescue()) this.watch();
    }, RESCUE_MS);
    this.#watching.unref();
  }

  /** No task is moved any more. */
  end(): void {
    clearTimeout(this.#watching);
  }

  #move(task: PoolTask, from: PoolThread, to: PoolThread): boolean {
    if (task.packed.transfer !== undefined || !hasRoom(to, task.kind)) return false;
    if (!from.recall(task)) return false;
    this.#post(to, task);
    return true;
  }

  /** @returns whether there are tasks that have not begun */
  #rescue(): boolean {
    let isAny = false;
    for (const place of this.#places) {
      const { thread: from } = place;
      let task = from?.oldestUntaken;
      // A thread that still starts is on its way, also when the machine is busy and it takes long.
      const isStuck = task !== undefined && task === place.oldest && from?.hasLooked === true;
      while (from !== undefined && task !== undefined && isStuck) {
        const to = this.#freest(from, task.kind);
        if (to === undefined || !this.#move(task, from, to)) break;
        task = from.oldestUntaken;
      }
      place.oldest = task;
      isAny ||= task !== undefined;
    }
    return isAny;
  }

  #freest(except: PoolThread, kind: TaskKind): PoolThread | undefined {
    let best: PoolThread | undefined;
    for (const { thread } of this.#places) {
      if (thread === undefined || thread === except || !hasRoom(thread, kind)) continue;
      // One that has not begun its own is no help.
      if (thread.oldestUntaken !== undefined) continue;
      if (best === undefined || thread.unfinished < best.unfinished) best = thread;
    }
    return best;
  }
}

function hasRoom(thread: PoolThread, kind: TaskKind): boolean {
  return thread.isTaking && (thread.counts[kind.number] ?? 0) < kind.concurrency;
}
