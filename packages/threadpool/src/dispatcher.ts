/**
 * Which task goes to which thread, and what becomes of the tasks of a thread that is lost.
 *
 * A task goes to the thread with the fewest unfinished ones among those that may run another of its kind; when none
 * may, it waits. Only tasks that were seen to be short are sent ahead of their turn, so that a thread does not idle
 * for a round trip between them; whoever has nothing to do takes such tasks back from the others.
 */
import { aheadOf, aheadOfKind } from './look-ahead.js';
import { type PlaceEvents, Places } from './places.js';
import { DEFAULT_GRACE_MS, type PoolSettings } from './pool-options.js';
import { type ThreadSnapshot, threadSnapshot } from './pool-report.js';
import type { PoolTask, TaskKind } from './pool-task.js';
import { Rebalance } from './rebalance.js';
import type { PoolThread, ThreadEnd, ThreadEvents } from './worker.js';

/** So many tasks that have ended may stand in a queue before they are looked for. */
const ENDED_AMONG = 16;

/** Threads that may end while they import the modules of a task, before the task is given up. */
const IMPORTS = 3;

/** What the dispatcher reports, beside what it handles itself. */
export interface DispatcherEvents
  extends Pick<ThreadEvents, 'settled' | 'asked' | 'progressed' | 'unpostable'>,
    Pick<PlaceEvents, 'threadEnded' | 'ended'> {
  threadStarted(thread: PoolThread): void;
  threadReady(thread: PoolThread): void;
  /** The thread ended under a task that it had begun; or stopped, when the pool asked for it. */
  interrupted(task: PoolTask, thread: PoolThread, end: ThreadEnd): void;
  /** It never began, and cannot be placed again. */
  notRun(task: PoolTask, why: string, cause: unknown): void;
  /** It never began: thread after thread has ended while it imported the task's modules. */
  unloadable(task: PoolTask, thread: PoolThread, end: ThreadEnd): void;
}

/** The threads of a pool and the tasks on them. */
export class Dispatcher {
  /** Told of each task that leaves its queue for a thread; only a pool with a bounded queue asks. */
  onPosted: ((task: PoolTask) => void) | undefined;

  #places: Places;
  #rebalance: Rebalance;
  #events: DispatcherEvents;
  #kinds: TaskKind[] = [];
  #isEnding = false;
  #placement: PoolSettings['placement'];
  /** Where the search starts among equally busy threads. */
  #turn = 0;

  constructor(settings: PoolSettings, events: DispatcherEvents) {
    this.#events = events;
    this.#placement = settings.placement;
    const { settled, asked, progressed } = events;
    this.#places = new Places(
      settings,
      {
        started: (thread) => {
          events.threadStarted(thread);
          const to = settings.placement === undefined ? thread : undefined;
          for (const kind of this.#kinds) this.#fill(to, kind);
        },
        lost: (thread, end) => this.#lost(thread, end),
        retiring: (thread) => this.#empty(thread),
        threadEnded: events.threadEnded,
        hopeless: (end) => this.#giveUp(end),
        isWanted: () => this.#kinds.some((kind) => kind.waiting.size > 0),
        ended: events.ended,
      },
      {
        settled,
        asked,
        progressed,
        ready: events.threadReady,
        unpostable: (thread, task, error) => {
          events.unpostable(thread, task, error);
          this.#next(thread, task.kind);
        },
      },
      settings.graceMs ?? DEFAULT_GRACE_MS,
    );
    this.#rebalance = new Rebalance(
      this.#places.list,
      settings.minThreads < settings.maxThreads,
      (thread, task) => this.#post(thread, task),
      () => this.#places.grow(),
    );
    this.#places.open();
  }

  addKind(kind: TaskKind): void {
    this.#kinds.push(kind);
  }

  /** The threads by place; undefined while there is none. */
  get threads(): readonly (PoolThread | undefined)[] {
    return this.#places.list.map((place) => place.thread);
  }

  /** What a thread's `threadExit` threw. */
  get tearDownError(): { readonly error: unknown } | undefined {
    return this.#places.tearDownError;
  }

  /** Gives a task to a thread, or lets it wait. */
  place(task: PoolTask): void {
    if (!this.tryPlace(task)) this.enqueue(task);
  }

  /** Gives a task to a thread; false when none may take it, or others of its kind wait before it. */
  tryPlace(task: PoolTask): boolean {
    const { kind } = task;
    if (kind.waiting.size > 0) {
      // Those that may be taken, and those that have ended, are gone then.
      this.#fillAll(kind);
      if (kind.waiting.size > 0) return false;
    }
    let thread = this.#choose(task, kind.concurrency);
    if (this.#places.canGrow && (thread === undefined || thread.unfinished > 0)) {
      // What a thread has done before a new one has started needs none.
      if (thread !== undefined || aheadOf(task) === 0) thread = this.#places.grow() ?? thread;
    }
    thread ??= this.#chooseAhead(task);
    if (thread === undefined) return false;
    this.#post(thread, task);
    return true;
  }

  /** Lets a task wait. */
  enqueue(task: PoolTask): void {
    task.kind.waiting.push(task);
    task.isQueued = true;
    if (this.#places.canGrow) this.#places.grow();
  }

  /** Takes a posted task back; false when its thread has begun it. */
  recall(task: PoolTask): boolean {
    const { thread } = task;
    if (thread === undefined || !thread.recall(task)) return false;
    this.#next(thread, task.kind);
    return true;
  }

  /** A task has settled: its thread may take another. */
  settled(thread: PoolThread, task: PoolTask): void {
    this.#places.settled(thread);
    this.#next(thread, task.kind);
  }

  /** Takes every task out that has not begun. */
  takeAll(): PoolTask[] {
    const taken: PoolTask[] = [];
    for (const kind of this.#kinds) {
      for (let task = shift(kind); task !== undefined; task = shift(kind)) {
        if (task.stage === 'waiting') taken.push(task);
      }
    }
    for (const thread of this.threads) taken.push(...(thread?.recallAll() ?? []));
    return taken;
  }

  /** Whether a thread could take a task of this kind now. */
  hasRoomFor(kind: TaskKind): boolean {
    if (this.#places.canGrow) return true;
    const limit = kind.concurrency + aheadOfKind(kind);
    return this.#places.list.some(
      ({ thread }) => thread?.isTaking === true && (thread.counts[kind.number] ?? 0) < limit,
    );
  }

  /** How many tasks wait for a thread. */
  countWaiting(): number {
    let count = 0;
    for (const kind of this.#kinds) count += kind.waiting.size - kind.endedWaiting;
    return count;
  }

  /** A task has ended in its queue. It stays there until it is met, or until it is one of the most. */
  endedWaiting({ kind }: PoolTask): void {
    kind.endedWaiting++;
    if (kind.isOwnOrder || kind.endedWaiting < ENDED_AMONG) return;
    if (kind.endedWaiting * 2 > kind.waiting.size) sift(kind);
  }

  /** Ends all threads: in order when they are idle, or where they stand. */
  end(how: 'in-order' | 'at-once'): void {
    this.#isEnding = true;
    this.#rebalance.end();
    this.#places.end(how);
  }

  #choose(task: PoolTask, limit: number): PoolThread | undefined {
    if (this.#placement !== undefined) return this.#ask(task, limit, this.#placement);
    const number = task.kind.number;
    let best: PoolThread | undefined;
    const places = this.#places.list;
    for (let i = 0; i < places.length; i++) {
      const thread = places[(this.#turn + i) % places.length]?.thread;
      if (thread === undefined || !thread.isTaking) continue;
      if ((thread.counts[number] ?? 0) >= limit) continue;
      if (best !== undefined && thread.unfinished >= best.unfinished) continue;
      best = thread;
      if (thread.unfinished === 0) break;
    }
    // Who has only just become idle is awake, and its caches are warm; busy ones take turns.
    if (best !== undefined) this.#turn = best.index + (best.unfinished === 0 ? 0 : 1);
    return best;
  }

  #ask(
    task: PoolTask,
    limit: number,
    placement: NonNullable<PoolSettings['placement']>,
  ): PoolThread | undefined {
    const able: PoolThread[] = [];
    const snapshots: ThreadSnapshot[] = [];
    let isBusy = false;
    for (const { index, thread } of this.#places.list) {
      isBusy ||= thread !== undefined && thread.unfinished > 0;
      if (thread === undefined || !thread.isTaking) continue;
      if ((thread.counts[task.kind.number] ?? 0) >= limit) continue;
      able.push(thread);
      snapshots.push(threadSnapshot(index, thread));
    }
    if (able.length === 0) return undefined;
    let index: number | undefined;
    try {
      index = placement(task, snapshots);
    } catch (error) {
      // No task's fault: it becomes an uncaught exception, and the task waits for the next to ask.
      queueMicrotask(() => {
        throw error;
      });
    }
    // An index that was not offered names no thread, as undefined does.
    const chosen = able.find((thread) => thread.index === index);
    if (chosen !== undefined || isBusy) return chosen;
    // Nothing would ever ask again.
    return able[0];
  }

  #chooseAhead(task: PoolTask): PoolThread | undefined {
    const room = aheadOf(task);
    return room === 0 ? undefined : this.#choose(task, task.kind.concurrency + room);
  }

  #post(thread: PoolThread, task: PoolTask): void {
    if (thread.unfinished > 0) this.#rebalance.watch();
    thread.post(task);
    task.watch?.posted();
    this.onPosted?.(task);
  }

  /** A thread has room for one more of this kind. */
  #next(thread: PoolThread, kind: TaskKind): void {
    if (this.#isEnding) return;
    if (this.#placement !== undefined) {
      // What the program's placement goes by has changed for tasks of every kind.
      for (const one of this.#kinds) this.#fillAll(one);
    } else if (kind.waiting.size > 0 && thread.isTaking) {
      this.#fill(thread, kind);
      return;
    }
    if (thread.isTaking && thread.unfinished === 0) this.#rebalance.takeOver(thread);
  }

  #fillAll(kind: TaskKind): void {
    if (this.#placement !== undefined) {
      this.#fill(undefined, kind);
      return;
    }
    for (const { thread } of this.#places.list) {
      if (thread?.isTaking === true) this.#fill(thread, kind);
    }
  }

  /** Gives out what waits: to this thread, or where the program's placement says. */
  #fill(thread: PoolThread | undefined, kind: TaskKind): void {
    for (let task = kind.waiting.first; task !== undefined; task = kind.waiting.first) {
      if (task.stage === 'waiting') {
        const to =
          thread === undefined ? this.#choose(task, kind.concurrency) : roomOn(thread, task);
        if (to === undefined) return;
        shift(kind);
        this.#post(to, task);
      } else shift(kind);
    }
  }

  #lost(thread: PoolThread, end: ThreadEnd): void {
    this.#takeBack(thread, end);
    for (const task of end.taken) this.#events.interrupted(task, thread, end);
    if (!this.#isEnding) for (const kind of this.#kinds) this.#fillAll(kind);
  }

  /** What the lost thread had not begun goes to the others, before all that came later. */
  #takeBack(thread: PoolThread, end: ThreadEnd): void {
    for (const task of [...end.untaken].reverse()) {
      if (end.suspects.has(task)) {
        task.lostThreads++;
        if (task.lostThreads >= IMPORTS) {
          this.#events.unloadable(task, thread, end);
          continue;
        }
      }
      if (task.packed.transfer !== undefined) {
        const why = 'its thread ended before it began, and what it moved went down with the thread';
        this.#events.notRun(task, why, end.cause);
      } else this.#requeue(task);
    }
  }

  #requeue(task: PoolTask): void {
    task.stage = 'waiting';
    task.thread = undefined;
    task.kind.waiting.pushFront(task);
    task.isQueued = true;
  }

  /** The thread takes nothing more: what it has not begun, and what can be taken back, goes elsewhere. */
  #empty(thread: PoolThread): void {
    for (const task of thread.recallAll((one) => one.packed.transfer === undefined).reverse()) {
      this.#requeue(task);
    }
  }

  #giveUp(end: ThreadEnd): void {
    const why = `no thread could be started (exit code ${end.exitCode})`;
    for (const task of this.takeAll()) this.#events.notRun(task, why, end.cause);
  }
}

/** The first of a queue leaves it. */
function shift(kind: TaskKind): PoolTask | undefined {
  const task = kind.waiting.shift();
  if (task === undefined) return undefined;
  task.isQueued = false;
  if (task.stage === 'ended') kind.endedWaiting--;
  return task;
}

/** Drops those that have ended from a queue of ours: what is pushed again in its order stays in it. */
function sift(kind: TaskKind): void {
  const kept: PoolTask[] = [];
  for (let task = shift(kind); task !== undefined; task = shift(kind)) {
    if (task.stage === 'waiting') kept.push(task);
  }
  for (const task of kept) {
    kind.waiting.push(task);
    task.isQueued = true;
  }
}

/** The thread, if it may be sent the task now. */
function roomOn(thread: PoolThread, task: PoolTask): PoolThread | undefined {
  const { kind } = task;
  if (!thread.isTaking) return undefined;
  return (thread.counts[kind.number] ?? 0) < kind.concurrency + aheadOf(task) ? thread : undefined;
}
