/**
 * The pool's places for threads: who starts, who is replaced after what pause, who ends because nothing is to do.
 *
 * Knows nothing of tasks but that a thread has some. A place is empty while its thread is to start again after a
 * pause, and, in a pool with fewer threads at least than at most, while nobody needs it.
 */
import type { PoolSettings } from './pool-options.js';
import type { PoolTask, TaskKind } from './pool-task.js';
import { PoolThread, type ThreadEnd, type ThreadEvents } from './worker.js';

/** Failed starts in a row after which a thread no longer counts as coming. */
const STARTS = 5;
/** A thread that has lived so long has started, also if no task has settled on it. */
const STEADY_MS = 5000;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 5000;
/** Node's timers reach no further, 24 days: who is to wait longer waits for ever. */
const LONGEST_TIMER_MS = 0x7fff_ffff;

/** Why a thread ended. */
export type ThreadEndReason = 'closed' | 'idle' | 'recycled' | 'stopped' | 'lost';

/** One of the pool's places for a thread; threads in it come and go. */
export interface Place {
  readonly index: number;
  thread: PoolThread | undefined;
  failedStarts: number;
  pause: NodeJS.Timeout | undefined;
  /** Since when its thread has had nothing to do; only kept where that ends it. */
  idleSinceMs: number;
  /** Of each kind the first that had not begun here when it was last looked for. */
  oldest: ReadonlyMap<TaskKind, PoolTask>;
}

/** What the places report. */
export interface PlaceEvents {
  /** A thread was made; it may be given tasks. */
  started(thread: PoolThread): void;
  /** A thread has ended: its tasks are free. Told before the place gets another. */
  lost(thread: PoolThread, end: ThreadEnd): void;
  /** It is about to end and takes nothing more: what it has not begun is to go elsewhere. */
  retiring(thread: PoolThread): void;
  /** For the program: a thread has ended. */
  threadEnded(thread: PoolThread, end: ThreadEnd, why: ThreadEndReason): void;
  /** No thread can be started any more. */
  hopeless(end: ThreadEnd): void;
  /** Whether tasks wait for a thread. */
  isWanted(): boolean;
  /** All threads have ended after `end`. */
  ended(): void;
}

/** The places of a pool. */
export class Places {
  readonly list: readonly Place[];
  /** Whether an empty place could get a thread at once. */
  canGrow = false;
  /** What a thread's `threadExit` threw, the first of its kind. */
  tearDownError: { readonly error: unknown } | undefined;

  #settings: PoolSettings;
  #events: PlaceEvents;
  #forThreads: Omit<ThreadEvents, 'lost' | 'worn'>;
  /** Threads that have left their place and have not ended, and why. */
  #leaving = new Map<PoolThread, ThreadEndReason>();
  #isEnding = false;
  #sweep: NodeJS.Timeout | undefined;
  #isElastic: boolean;
  #recycleTasks: number;
  #exitGraceMs: number;

  constructor(
    settings: PoolSettings,
    events: PlaceEvents,
    forThreads: Omit<ThreadEvents, 'lost' | 'worn'>,
    exitGraceMs: number,
  ) {
    this.#settings = settings;
    this.#events = events;
    this.#forThreads = forThreads;
    this.#exitGraceMs = exitGraceMs;
    this.#isElastic = settings.minThreads < settings.maxThreads;
    this.#recycleTasks = settings.thread.recycleAfter?.tasks ?? Number.POSITIVE_INFINITY;
    this.list = Array.from({ length: settings.maxThreads }, (_, index) => ({
      index,
      thread: undefined,
      failedStarts: 0,
      pause: undefined,
      idleSinceMs: 0,
      oldest: new Map(),
    }));
  }

  /** Starts the threads that are always there. */
  open(): void {
    for (const place of this.list.slice(0, this.#settings.minThreads)) this.#start(place);
    this.#count();
  }

  /** Starts one more thread; undefined when all places are taken. */
  grow(): PoolThread | undefined {
    const place = this.list.find(isEmpty);
    if (place === undefined || this.#isEnding) return undefined;
    const thread = this.#start(place);
    this.#count();
    return thread;
  }

  /** A task has settled on the thread. */
  settled(thread: PoolThread): void {
    if (thread.completed >= this.#recycleTasks) this.#recycle(thread);
    if (thread.isLeaving) this.#endIfDone(thread);
    else if (this.#isElastic && thread.unfinished === 0) this.#noteIdle(thread);
  }

  /** Ends all threads: in order when they are idle, or where they stand. `ended` follows. */
  end(how: 'in-order' | 'at-once'): void {
    this.#isEnding = true;
    clearTimeout(this.#sweep);
    for (const place of this.list) {
      clearTimeout(place.pause);
      place.pause = undefined;
      if (how === 'in-order') place.thread?.end(this.#exitGraceMs);
      else place.thread?.stop();
    }
    if (how === 'at-once') for (const thread of this.#leaving.keys()) thread.stop();
    this.#tellIfEnded();
  }

  #start(place: Place): PoolThread {
    place.pause = undefined;
    place.idleSinceMs = performance.now();
    const thread = new PoolThread(place.index, this.#settings.thread, {
      ...this.#forThreads,
      worn: (worn) => this.#recycle(worn),
      lost: (lost, end) => this.#lost(place, lost, end),
    });
    place.thread = thread;
    this.#events.started(thread);
    this.#watchIdle();
    return thread;
  }

  #lost(place: Place, thread: PoolThread, end: ThreadEnd): void {
    const left = this.#leaving.get(thread);
    this.#leaving.delete(thread);
    const isPlaced = place.thread === thread;
    if (isPlaced) place.thread = undefined;
    // One that was told to end has no task that could be told what its tear-down threw.
    if (end.cause !== undefined && (left !== undefined || this.#isEnding)) {
      this.tearDownError ??= { error: end.cause };
    }
    this.#events.lost(thread, end);
    this.#events.threadEnded(thread, end, left ?? this.#reason(thread));
    if (this.#isEnding) this.#tellIfEnded();
    else if (isPlaced) this.#replace(place, thread, end);
  }

  #reason(thread: PoolThread): ThreadEndReason {
    if (this.#isEnding) return 'closed';
    return thread.isStopped ? 'stopped' : 'lost';
  }

  #replace(place: Place, thread: PoolThread, end: ThreadEnd): void {
    // It did start if it ended of a task, or of a task's module.
    const hasServed = thread.completed > 0 || end.taken.length > 0 || end.suspects.size > 0;
    const livedMs = performance.now() - thread.startedMs;
    if (end.wasReady && (hasServed || livedMs >= STEADY_MS)) place.failedStarts = 0;
    else place.failedStarts++;
    if (place.failedStarts === 0) {
      if (this.#isNeeded()) this.#start(place);
    } else {
      const pauseMs = FIRST_PAUSE_MS * 3 ** (place.failedStarts - 1);
      // What is pending keeps the process alive, not the pause.
      place.pause = setTimeout(
        () => {
          place.pause = undefined;
          if (this.#isNeeded()) this.#start(place);
          this.#count();
        },
        Math.min(pauseMs, LONGEST_PAUSE_MS),
      );
      place.pause.unref();
    }
    this.#count();
    if (this.#isHopeless()) this.#events.hopeless(end);
  }

  #isNeeded(): boolean {
    const taken = this.list.reduce((sum, place) => sum + (isEmpty(place) ? 0 : 1), 0);
    return taken < this.#settings.minThreads || this.#events.isWanted();
  }

  #isHopeless(): boolean {
    const tried = this.list.filter((place) => !isEmpty(place));
    if (tried.length === 0) return false;
    return tried.every((place) => place.thread === undefined && place.failedStarts >= STARTS);
  }

  #count(): void {
    this.canGrow = this.#isElastic && this.list.some(isEmpty);
  }

  /** The thread finishes what it has begun and ends; another takes its place at once. */
  #recycle(thread: PoolThread): void {
    const place = this.list[thread.index];
    if (place?.thread !== thread || this.#isEnding || thread.isLeaving) return;
    this.#retire(place, thread, 'recycled');
    this.#start(place);
    this.#endIfDone(thread);
  }

  #retire(place: Place, thread: PoolThread, why: ThreadEndReason): void {
    place.thread = undefined;
    this.#leaving.set(thread, why);
    thread.retire();
    this.#events.retiring(thread);
  }

  #endIfDone(thread: PoolThread): void {
    if (thread.unfinished === 0 && this.#leaving.has(thread)) thread.end(this.#exitGraceMs);
  }

  #noteIdle(thread: PoolThread): void {
    const place = this.list[thread.index];
    if (place !== undefined) place.idleSinceMs = performance.now();
    this.#watchIdle();
  }

  /** Armed only while there are more threads than stay. */
  #watchIdle(): void {
    const { idleTimeoutMs, minThreads } = this.#settings;
    if (!this.#isElastic || this.#sweep !== undefined || this.#isEnding) return;
    if (idleTimeoutMs > LONGEST_TIMER_MS || this.#threadCount() <= minThreads) return;
    const now = performance.now();
    const idle = this.list.filter(isIdle).map((place) => place.idleSinceMs + idleTimeoutMs - now);
    if (idle.length === 0) return;
    const pauseMs = Math.max(0, Math.ceil(Math.min(...idle)));
    this.#sweep = setTimeout(() => {
      this.#sweep = undefined;
      this.#endIdle();
      this.#watchIdle();
    }, pauseMs);
    this.#sweep.unref();
  }

  #endIdle(): void {
    const { idleTimeoutMs, minThreads } = this.#settings;
    const now = performance.now();
    for (const place of [...this.list].reverse()) {
      const { thread } = place;
      if (this.#threadCount() <= minThreads) break;
      if (thread === undefined || !isIdle(place)) continue;
      if (now - place.idleSinceMs < idleTimeoutMs) continue;
      this.#retire(place, thread, 'idle');
      thread.end(this.#exitGraceMs);
    }
    this.#count();
  }

  #threadCount(): number {
    return this.list.filter((place) => place.thread !== undefined).length;
  }

  #tellIfEnded(): void {
    if (this.#leaving.size > 0) return;
    if (this.list.every((place) => place.thread === undefined)) this.#events.ended();
  }
}

function isEmpty(place: Place): boolean {
  return place.thread === undefined && place.pause === undefined;
}

function isIdle({ thread }: Place): boolean {
  return thread?.isTaking === true && thread.unfinished === 0;
}
