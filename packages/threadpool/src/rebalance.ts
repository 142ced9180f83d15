/**
 * Tasks that were given to one thread and are better off with another: nothing here is ever run twice, because a task
 * moves only if its thread has not begun it.
 */
import { aheadOf } from './look-ahead.js';
import type { Place } from './places.js';
import type { PoolTask, TaskKind } from './pool-task.js';
import type { PoolThread } from './worker.js';

/** How often it is looked whether tasks stand behind one that blocks. */
const RESCUE_MS = 100;

/** Takes over what others have not begun. */
export class Rebalance {
  #places: readonly Place[];
  #post: (thread: PoolThread, task: PoolTask) => void;
  #grow: () => PoolThread | undefined;
  #hasGrown = false;
  #takesFromStarting: boolean;
  #watching: NodeJS.Timeout | undefined;

  /**
   * @param takesFromStarting - where threads start because there is work, whoever is free sooner does it; where all start
   *   at once, each is to get its share
   * @param grow - starts one more thread, if the pool may have one
   */
  constructor(
    places: readonly Place[],
    takesFromStarting: boolean,
    post: (thread: PoolThread, task: PoolTask) => void,
    grow: () => PoolThread | undefined,
  ) {
    this.#grow = grow;
    this.#places = places;
    this.#takesFromStarting = takesFromStarting;
    this.#post = post;
  }

  /**
   * The thread would idle: it takes over half of what the busiest other has not begun, the oldest first. One at a time
   * would cost a round trip each; all of it would leave the other idle.
   */
  takeOver(thread: PoolThread): void {
    let busiest: PoolThread | undefined;
    for (const { thread: other } of this.#places) {
      if (other === undefined || other === thread || other.unfinished === 0) continue;
      // The only task of a thread is about to begin there.
      if (other.unfinished === 1 && (other.isReady || !this.#takesFromStarting)) continue;
      if (busiest === undefined || other.unfinished > busiest.unfinished) busiest = other;
    }
    if (busiest === undefined) return;
    let left = Math.max(1, busiest.unfinished >> 1);
    for (const task of busiest.untaken()) {
      if (!hasRoom(thread, task.kind, aheadOf(task))) continue;
      if (this.#move(task, busiest, thread) && --left === 0) return;
    }
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
    if (!mayMove(task) || !from.recall(task)) return false;
    this.#post(to, task);
    return true;
  }

  /**
   * Of each kind that the threads have been sent and have not begun, the first may move: others of its kind go on being
   * run before it, or it stands behind one that blocks.
   *
   * @returns whether there are tasks that have not begun
   */
  #rescue(): boolean {
    let isAny = false;
    this.#hasGrown = false;
    for (const place of this.#places) {
      const { thread } = place;
      place.oldest = thread === undefined ? new Map() : this.#rescueFrom(thread, place.oldest);
      isAny ||= place.oldest.size > 0;
    }
    return isAny;
  }

  /** @returns the first of each kind that stay */
  #rescueFrom(from: PoolThread, before: Place['oldest']): Place['oldest'] {
    const oldest = new Map<TaskKind, PoolTask>();
    const moving = new Set<TaskKind>();
    for (const task of from.untaken()) {
      const { kind } = task;
      if (oldest.has(kind) || !mayMove(task)) continue;
      // A thread that still starts is on its way, also when the machine is busy and it takes long.
      const isStuck = moving.has(kind) || (before.get(kind) === task && from.hasLooked);
      const to = isStuck ? this.#helper(from, kind) : undefined;
      if (to !== undefined && this.#move(task, from, to)) moving.add(kind);
      else oldest.set(kind, task);
    }
    return oldest;
  }

  #helper(from: PoolThread, kind: TaskKind): PoolThread | undefined {
    const free = this.#freest(from, kind);
    if (free !== undefined || this.#hasGrown) return free;
    // One at a time: when it is there and has nothing to do, it takes over what else stands behind.
    this.#hasGrown = true;
    const started = this.#grow();
    // It may have been given what waited.
    return started !== undefined && hasRoom(started, kind, 0) ? started : undefined;
  }

  #freest(except: PoolThread, kind: TaskKind): PoolThread | undefined {
    let best: PoolThread | undefined;
    for (const { thread } of this.#places) {
      if (thread === undefined || thread === except || !hasRoom(thread, kind, 0)) continue;
      if (best !== undefined && thread.unfinished >= best.unfinished) continue;
      if (!isBehind(thread)) best = thread;
    }
    return best;
  }
}

/** What was moved to a thread cannot be taken back. */
function mayMove(task: PoolTask): boolean {
  return task.packed.transfer === undefined;
}

function hasRoom(thread: PoolThread, kind: TaskKind, ahead: number): boolean {
  return thread.isTaking && (thread.counts[kind.number] ?? 0) < kind.concurrency + ahead;
}

/** Whether the thread has not begun what it might: it is no help to others. */
function isBehind(thread: PoolThread): boolean {
  const untaken = new Map<TaskKind, number>();
  for (const { kind } of thread.untaken()) untaken.set(kind, (untaken.get(kind) ?? 0) + 1);
  for (const [kind, count] of untaken) {
    if ((thread.counts[kind.number] ?? 0) - count < kind.concurrency) return true;
  }
  return false;
}
