/**
 * Which task goes to which thread, and what becomes of the tasks of a thread that is lost.
 *
 * A task goes to the thread with the fewest unfinished ones among those that may run another of its kind; when none
 * may, it waits. Only tasks that were seen to be short are sent ahead of their turn, so that a thread does not idle
 * for a round trip between them; whoever has nothing to do takes such tasks back from the others.
 */
import type { PoolTask, TaskKind } from './pool-task.js';
import type { ThreadOptions } from './thread-options.js';
import { PoolThread, type ThreadEnd, type ThreadEvents } from './worker.js';

/** How much work, by measured time, a thread may have ahead of what it runs. */
const AHEAD_MS = 0.2;
/** And how many tasks at most. */
const AHEAD_TASKS = 31;

/** How often it is looked whether tasks stand behind one that blocks. */
const RESCUE_MS = 100;

/** Failed starts in a row after which a thread no longer counts as coming. */
const STARTS = 5;
/** Threads that may end while they import the modules of a task, before the task is given up. */
const IMPORTS = 3;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 5000;

/** One of the pool's places for a thread; threads in it come and go. */
interface Place {
  thread: PoolThread | undefined;
  failedStarts: number;
  pause: NodeJS.Timeout | undefined;
  /** What had not begun here when it was last looked for. */
  oldest: PoolTask | undefined;
}

/** What the dispatcher reports, beside what it handles itself. */
export interface DispatcherEvents extends Omit<ThreadEvents, 'lost' | 'ready' | 'worn'> {
  /** The thread ended under a task that it had begun; or stopped, when the pool asked for it. */
  interrupted(task: PoolTask, thread: PoolThread, end: ThreadEnd): void;
  /** It never began, and cannot be placed again. */
  notRun(task: PoolTask, why: string, cause: unknown): void;
  /** It never began: thread after thread has ended while it imported the task's modules. */
  unloadable(task: PoolTask, thread: PoolThread, end: ThreadEnd): void;
  /** All threads have ended after `end` or `stop`. */
  ended(): void;
}

/** The threads of a pool and the tasks on them. */
export class Dispatcher {
  #places: Place[] = [];
  #options: ThreadOptions;
  #events: DispatcherEvents;
  #kinds: TaskKind[] = [];
  #isEnding = false;
  /** Where the search starts among equally busy threads: they take turns. */
  #turn = 0;
  #watching: NodeJS.Timeout | undefined;

  constructor(threads: number, options: ThreadOptions, events: DispatcherEvents) {
    this.#options = options;
    this.#events = events;
    for (let index = 0; index < threads; index++) {
      const place: Place = {
        thread: undefined,
        failedStarts: 0,
        pause: undefined,
        oldest: undefined,
      };
      this.#places.push(place);
      this.#start(index, place);
    }
  }

  addKind(kind: TaskKind): void {
    this.#kinds.push(kind);
  }

  /** The threads by place; undefined while one is being replaced after a failed start. */
  get threads(): readonly (PoolThread | undefined)[] {
    return this.#places.map((place) => place.thread);
  }

  /** Gives a task to a thread, or lets it wait. */
  place(task: PoolTask): void {
    const { kind } = task;
    if (kind.waiting.size > 0) {
      kind.waiting.push(task);
      this.#fillAll(kind);
      return;
    }
    const thread = this.#choose(task, kind.concurrency) ?? this.#chooseAhead(task);
    if (thread === undefined) kind.waiting.push(task);
    else this.#post(thread, task);
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
    this.#next(thread, task.kind);
  }

  /** Takes every task out that has not begun. */
  takeAll(): PoolTask[] {
    const taken: PoolTask[] = [];
    for (const kind of this.#kinds) {
      for (let task = kind.waiting.shift(); task !== undefined; task = kind.waiting.shift()) {
        if (task.stage === 'waiting') taken.push(task);
      }
    }
    for (const { thread } of this.#places) {
      for (const task of thread?.recallAll() ?? []) {
        taken.push(task);
      }
    }
    return taken;
  }

  /** Ends all threads: in order when they are idle, or where they stand. */
  end(how: 'in-order' | 'at-once'): void {
    this.#isEnding = true;
    clearTimeout(this.#watching);
    for (const place of this.#places) {
      clearTimeout(place.pause);
      if (how === 'in-order') place.thread?.end(1000);
      else place.thread?.stop();
    }
    if (this.#places.every((place) => place.thread === undefined)) this.#events.ended();
  }

  #choose(task: PoolTask, limit: number): PoolThread | undefined {
    const number = task.kind.number;
    let best: PoolThread | undefined;
    const places = this.#places;
    for (let i = 0; i < places.length; i++) {
      const thread = places[(this.#turn + i) % places.length]?.thread;
      if (thread === undefined || thread.isGone) continue;
      if ((thread.counts[number] ?? 0) >= limit) continue;
      if (best !== undefined && thread.unfinished >= best.unfinished) continue;
      best = thread;
      if (thread.unfinished === 0) break;
    }
    if (best !== undefined) this.#turn = (best.index + 1) % places.length;
    return best;
  }

  #chooseAhead(task: PoolTask): PoolThread | undefined {
    const room = aheadOf(task);
    return room === 0 ? undefined : this.#choose(task, task.kind.concurrency + room);
  }

  #post(thread: PoolThread, task: PoolTask): void {
    if (thread.unfinished > 0) this.#watch();
    thread.post(task);
  }

  /** A thread has room for one more of this kind. */
  #next(thread: PoolThread, kind: TaskKind): void {
    if (this.#isEnding || thread.isGone) return;
    if (kind.waiting.size > 0) this.#fill(thread, kind);
    else if (thread.unfinished === 0) this.#takeOver(thread);
  }

  #fillAll(kind: TaskKind): void {
    for (const { thread } of this.#places) {
      if (thread !== undefined && !thread.isGone) this.#fill(thread, kind);
    }
  }

  #fill(thread: PoolThread, kind: TaskKind): void {
    while (kind.waiting.size > 0) {
      const count = thread.counts[kind.number] ?? 0;
      const task = kind.waiting.shift();
      if (task === undefined) return;
      if (task.stage !== 'waiting') continue;
      if (count >= kind.concurrency + aheadOf(task)) {
        kind.waiting.pushFront(task);
        return;
      }
      this.#post(thread, task);
    }
  }

  /** The thread would idle: it takes over what the busiest other has not begun. */
  #takeOver(thread: PoolThread): void {
    let busiest: PoolThread | undefined;
    for (const { thread: other } of this.#places) {
      // The only task of a thread is about to begin there.
      if (other === undefined || other === thread || other.unfinished < 2) continue;
      if (busiest === undefined || other.unfinished > busiest.unfinished) busiest = other;
    }
    const task = busiest?.oldestUntaken;
    if (task !== undefined && busiest !== undefined) this.#move(task, busiest, thread);
  }

  #move(task: PoolTask, from: PoolThread, to: PoolThread): boolean {
    if (task.packed.transfer !== undefined || !this.#hasRoom(to, task.kind)) return false;
    if (!from.recall(task)) return false;
    this.#post(to, task);
    return true;
  }

  #hasRoom(thread: PoolThread, kind: TaskKind): boolean {
    return (thread.counts[kind.number] ?? 0) < kind.concurrency;
  }

  /**
   * A task may stand behind one that blocks its thread, while all others stay busy and none asks for work: looked
   * for at intervals, as long as there are tasks that have not begun.
   */
  #watch(): void {
    if (this.#watching !== undefined || this.#places.length === 1) return;
    this.#watching = setTimeout(() => {
      this.#watching = undefined;
      if (this.#rescue()) this.#watch();
    }, RESCUE_MS);
    this.#watching.unref();
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
      if (thread === undefined || thread === except || !this.#hasRoom(thread, kind)) continue;
      // One that has not begun its own is no help.
      if (thread.oldestUntaken !== undefined) continue;
      if (best === undefined || thread.unfinished < best.unfinished) best = thread;
    }
    return best;
  }

  #start(index: number, place: Place): void {
    place.pause = undefined;
    const events: ThreadEvents = {
      settled: (thread, task, end) => this.#events.settled(thread, task, end),
      asked: (thread, task, request, value, repairs) =>
        this.#events.asked(thread, task, request, value, repairs),
      progressed: (task, value, repairs) => this.#events.progressed(task, value, repairs),
      ready: () => {},
      worn: () => {},
      unpostable: (thread, task, error) => {
        this.#events.unpostable(thread, task, error);
        this.#next(thread, task.kind);
      },
      lost: (thread, end) => this.#lost(index, place, thread, end),
    };
    place.thread = new PoolThread(index, this.#options, events);
    for (const kind of this.#kinds) this.#fill(place.thread, kind);
  }

  #lost(index: number, place: Place, thread: PoolThread, end: ThreadEnd): void {
    place.thread = undefined;
    this.#takeBack(thread, end);
    for (const task of end.taken) this.#events.interrupted(task, thread, end);
    if (this.#isEnding) {
      if (this.#places.every((one) => one.thread === undefined)) this.#events.ended();
      return;
    }
    // It did start if it ended of a task, or of a task's module.
    const hasServed = thread.completed > 0 || end.taken.length > 0 || end.suspects.size > 0;
    if (end.wasReady && hasServed) {
      place.failedStarts = 0;
      this.#start(index, place);
    } else {
      const pause = FIRST_PAUSE_MS * 3 ** place.failedStarts;
      place.failedStarts++;
      // What is pending keeps the process alive, not the pause.
      place.pause = setTimeout(() => this.#start(index, place), Math.min(pause, LONGEST_PAUSE_MS));
      place.pause.unref();
    }
    for (const kind of this.#kinds) this.#fillAll(kind);
    this.#giveUpWithoutThreads(end);
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
        continue;
      }
      task.stage = 'waiting';
      task.thread = undefined;
      task.kind.waiting.pushFront(task);
    }
  }

  #giveUpWithoutThreads(end: ThreadEnd): void {
    for (const place of this.#places) {
      if (place.thread !== undefined || place.failedStarts < STARTS) return;
    }
    const why = `no thread could be started (exit code ${end.exitCode})`;
    for (const task of this.takeAll()) this.#events.notRun(task, why, end.cause);
  }
}

/** How many such tasks a thread may be sent beyond those it may run. */
function aheadOf({ kind, packed }: PoolTask): number {
  // What was moved cannot be taken back, so it is sent only to whoever begins it at once.
  if (kind.averageMs === undefined || packed.transfer !== undefined) return 0;
  if (kind.concurrency === Number.POSITIVE_INFINITY) return 0;
  return Math.min(AHEAD_TASKS, Math.floor(AHEAD_MS / Math.max(kind.averageMs, 0.001)));
}
