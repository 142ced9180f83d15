/**
 * A pool beside a simple model of one: who must be running, who must have ended, and how.
 *
 * The model knows no transport and no placement. Of each class `threads × concurrency` tasks run as soon as there are as
 * many; a task ends as it is told; a thread that dies takes down what had begun on it and nothing else; whoever is
 * stopped before it began never begins. Which thread a task begins on is the pool's choice, and is only heard of; so is
 * how many are sent ahead, which is why of a bounded queue only what must hold is asked.
 */
import { TaskError, type TaskTerms, type TerminateReport, ThreadPool } from '@netloom/threadpool';
import { Gives, Moves } from './fixtures/ledger.mjs';
import {
  type How,
  Obeys,
  ObeysInPairs,
  ObeysInRank,
  ObeysTogether,
  type Order,
} from './fixtures/obeying.mjs';
import { sharedInts } from './helpers.js';
import { type Rank, RankModel } from './rank-model.js';

/** What is to be seen after a step is seen within a moment; after so long it never will be. */
const STUCK_MS = 60_000;
const MOST_TASKS = 4096;

const CLASSES = {
  one: Obeys,
  pairs: ObeysInPairs,
  together: ObeysTogether,
  ranked: ObeysInRank,
} as const;
const CONCURRENCY = { one: 1, pairs: 2, together: Number.POSITIVE_INFINITY, ranked: 1 } as const;
export type Kind = keyof typeof CLASSES;
const KINDS: readonly Kind[] = ['one', 'pairs', 'together', 'ranked'];

/** The door of a pool. */
export interface Door {
  readonly maxQueue: number;
  readonly whenFull: 'wait' | 'reject' | 'dropOldest';
}

/** What a task is handed over with. */
export interface Limits {
  readonly timeoutMs?: number;
  readonly deadlineMs?: number;
  readonly graceMs?: number;
}

/** The pool did something else than the model. */
export class Difference extends Error {
  override name = 'Difference';
}

/** One task: what it was told, and what was seen of it. */
interface Tracked {
  readonly at: number;
  readonly kind: Kind;
  readonly task: Obeys;
  readonly stop: AbortController;
  readonly reason: object;
  tell: ((order: Order) => void) | undefined;
  /** Where it said that it had begun. */
  thread: number | undefined;
  order: Order | undefined;
  readonly how: How;
  readonly limits: Limits;
  /** There were as many before it as the pool can run and keep waiting. */
  readonly mayBeRefused: boolean;
  isStopped: boolean;
  outcome: Outcome | undefined;
}

type Outcome =
  | 'returned'
  | 'stopped'
  | 'threw'
  | 'lost'
  | 'not run'
  | 'reason'
  | 'timed out'
  | 'late'
  | 'refused';

export class ModelledPool {
  readonly threads: number;
  readonly #door: Door | undefined;
  readonly #ranks: RankModel;
  readonly #pool: ThreadPool;
  readonly #begun = sharedInts(MOST_TASKS);
  readonly #tasks: Tracked[] = [];
  readonly #dead = new Set<number>();
  readonly #inOrder = new Map<Kind, number[]>(KINDS.map((kind) => [kind, []]));
  #isClosed = false;
  #isTerminated = false;
  #next = 0;
  /** Short tasks that have not ended. */
  #passing = 0;
  readonly #journal = sharedInts(MOST_TASKS + 1);
  #lastDropped = -1;
  #fault: Difference | undefined;
  #changed: () => void = () => {};

  /** @param door - undefined: whatever comes may wait */
  constructor(threads: number, door?: Door) {
    this.threads = threads;
    this.#door = door;
    this.#ranks = new RankModel(threads);
    this.#pool = new ThreadPool(threads, { agingMs: Number.POSITIVE_INFINITY, ...door });
  }

  /** Tasks that run, as far as was heard, and have not been told anything. */
  get running(): readonly number[] {
    return this.#live.filter(isWaiting).map(({ at }) => at);
  }

  /** Tasks that have not ended and were not told to. */
  get open(): readonly number[] {
    return this.#live.filter(({ order, isStopped }) => order === undefined && !isStopped).map(atOf);
  }

  get isFull(): boolean {
    return this.#next > MOST_TASKS - 128;
  }

  /** @param how - brief tasks wait for nobody: a class whose tasks are short is sent ahead of its turn */
  add(kind: Kind, count: number, how: How = 'plain', limits: Limits = {}): void {
    for (let left = count; left > 0; left--) this.#hand(this.#track(kind, how, limits), limits);
  }

  /** One with a priority. Its memory moves with it, so that it goes to a thread only to begin at once. */
  rank(rank: Rank): void {
    const tracked = this.#track('ranked', 'plain', {});
    if (!this.#isClosed) this.#ranks.add(tracked.at, rank);
    this.#hand(tracked, { ...rank, transfer: [new ArrayBuffer(8)] });
  }

  #hand(tracked: Tracked, terms: TaskTerms): void {
    this.#pool.addTask(tracked.task, terms).then(
      (answer) => this.#ended(tracked, 'returned' in answer ? 'returned' : 'stopped', answer),
      (error: unknown) => this.#ended(tracked, outcomeOf(tracked, error), error),
    );
    const { queued } = this.#pool.snapshot();
    const most = this.#door?.maxQueue ?? Number.POSITIVE_INFINITY;
    if (queued > most) this.#notes(`${queued} wait in a queue of ${most}`);
  }

  /** Tells a running task what to do. */
  tell(at: number, order: Order): void {
    const tracked = this.#of(at);
    tracked.order = order;
    if ((order === 'exit' || order === 'uncaught') && tracked.thread !== undefined) {
      this.#dead.add(tracked.thread);
    }
    tracked.tell?.(order);
  }

  stop(at: number): void {
    const tracked = this.#of(at);
    tracked.isStopped = true;
    if (isThreadTaken(tracked)) this.#dead.add(tracked.thread);
    tracked.stop.abort(tracked.reason);
  }

  /** Short tasks of another class: they come through whatever the others wait for, and many travel together. */
  pass(count: number): void {
    const account = {
      begun: this.#begun,
      ended: sharedInts(MOST_TASKS),
      journal: this.#journal,
    };
    for (let left = count; left > 0; left--) {
      const at = this.#next++;
      this.#passes(at, this.#pool.addTask(new Gives(account, at)));
    }
  }

  /** One with memory that moves there and back. */
  move(): void {
    const at = this.#next++;
    const account = { begun: this.#begun, ended: sharedInts(MOST_TASKS), journal: sharedInts(1) };
    this.#passes(
      at,
      this.#pool.addTask(new Moves(account, at)).then(({ at: back }) => back),
    );
  }

  #passes(at: number, promise: Promise<number>): void {
    this.#passing++;
    const ended = (what: string | undefined) => {
      this.#passing--;
      if (what !== undefined) this.#notes(`task ${at} ${what}`);
      if ((this.#begun[at] ?? 0) > 1) this.#notes(`task ${at} began twice`);
      this.#changed();
    };
    promise.then(
      (answer) => ended(answer === at ? undefined : `gave ${answer}`),
      (error: unknown) => {
        // A thread that was told to die may have had it, or what it moved.
        const code = error instanceof TaskError ? error.code : String(error);
        const isLoss = code === 'ERR_TASK_THREAD_LOST' || code === 'ERR_TASK_NOT_RUN';
        ended(isLoss && this.#dead.size > 0 ? undefined : `rejected with ${code}`);
      },
    );
  }

  /** Waits until what is to be seen is seen. */
  async settle(): Promise<void> {
    // Who was refused is told so by a promise, as everybody is.
    await new Promise(setImmediate);
    for (;;) {
      const changed = new Promise<void>((resolve) => (this.#changed = resolve));
      if (this.#fault !== undefined) throw this.#fault;
      const missing = this.#missing();
      if (missing === undefined) break;
      await orLate(changed, () => this.#fails(missing()));
    }
    this.#audit();
  }

  /** Closes: what is open runs to its end, and whoever comes later is refused. */
  async close(): Promise<void> {
    const closed = this.#pool.close();
    this.#isClosed = true;
    this.add('one', 1);
    await this.settle();
    while (this.#live.length > 0) {
      for (const at of this.running) this.tell(at, 'return');
      await this.settle();
    }
    await orLate(closed, () => this.#fails('close() does not resolve'));
    this.#audit();
  }

  async terminate(): Promise<void> {
    const terminated = this.#pool.terminate();
    this.#isClosed = true;
    this.#isTerminated = true;
    this.add('one', 1);
    const report = await orLate(terminated, () => this.#fails('terminate() does not resolve'));
    await this.settle();
    this.#compareReport(report);
  }

  /** Ends everything, whatever state it is in; for after a difference. */
  async abandon(): Promise<void> {
    await this.#pool.terminate();
  }

  get #live(): Tracked[] {
    return this.#tasks.filter(({ outcome }) => outcome === undefined);
  }

  #of(at: number): Tracked {
    const tracked = this.#tasks.find((one) => one.at === at);
    if (tracked === undefined) throw new RangeError(`there is no task ${at}`);
    return tracked;
  }

  #track(kind: Kind, how: How, limits: Limits): Tracked {
    const at = this.#next++;
    const stop = new AbortController();
    const onRequest = (threadId: unknown) =>
      new Promise<Order>((tell) => {
        if (tracked.thread !== undefined) this.#notes(`task ${at} began twice`);
        tracked.thread = Number(threadId);
        tracked.tell = tell;
        if (isThreadTaken(tracked)) this.#dead.add(tracked.thread);
        this.#inOrder.get(kind)?.push(at);
        this.#changed();
      });
    const tracked: Tracked = {
      at,
      kind,
      task: new CLASSES[kind](this.#begun, at, how, stop.signal, onRequest),
      stop,
      reason: { stopped: at },
      tell: undefined,
      thread: undefined,
      order: how === 'brief' ? 'return' : undefined,
      how,
      limits,
      mayBeRefused: this.#mayRefuse(kind),
      isStopped: false,
      outcome: undefined,
    };
    this.#tasks.push(tracked);
    if (this.#isClosed) tracked.isStopped = true;
    return tracked;
  }

  #ended(tracked: Tracked, outcome: Outcome | undefined, what: unknown): void {
    if (outcome === undefined) this.#notes(`task ${tracked.at} ended with ${String(what)}`);
    else if (!this.#mayEnd(tracked, outcome)) {
      this.#notes(`${describe(tracked)} ended: ${outcome}, ${String(what)}`);
    }
    tracked.outcome = outcome ?? 'lost';
    if (outcome === 'refused') this.#refused(tracked);
    if (tracked.kind === 'ranked') this.#ranks.ended(tracked.at);
    this.#changed();
  }

  /** Whether somebody may be refused: every place with a thread and in the queue is taken, as far as was heard. */
  #mayRefuse(kind: Kind): boolean {
    if (this.#door === undefined || this.#door.whenFull === 'wait') return false;
    const live = this.#live;
    const places = this.threads * CONCURRENCY[kind];
    const ofKind = live.filter((one) => one.kind === kind).length;
    return ofKind >= places && live.length >= places + this.#door.maxQueue;
  }

  #refused({ at }: Tracked): void {
    if (this.#door?.whenFull !== 'dropOldest' || this.#door.maxQueue === 0) return;
    if (at < this.#lastDropped) {
      this.#notes(`task ${at} was dropped after ${this.#lastDropped}, which is newer`);
    }
    this.#lastDropped = at;
  }

  #mayEnd(tracked: Tracked, outcome: Outcome): boolean {
    const { order, isStopped, thread, at, how, kind, limits } = tracked;
    const times = this.#begun[at] ?? 0;
    const hasLimit = limits.timeoutMs !== undefined || limits.deadlineMs !== undefined;
    if (outcome === 'returned') return order === 'return' && times === 1;
    if (outcome === 'threw') return order === 'throw' && times === 1;
    if (outcome === 'stopped') return (isStopped || hasLimit) && times === 1;
    // Also one that heeds, when its thread is taken under another before it has: it had been told.
    const isTaken = how === 'deaf' || (thread !== undefined && this.#dead.has(thread));
    if (outcome === 'reason') return isStopped && (times === 0 || isTaken);
    if (outcome === 'timed out') return hasLimit && isTaken && times === 1;
    if (outcome === 'late') return limits.deadlineMs !== undefined && times === 0;
    if (outcome === 'refused') {
      const isDropped = this.#door?.whenFull === 'dropOldest';
      return (isDropped || tracked.mayBeRefused) && times === 0;
    }
    if (outcome === 'not run') {
      // What it moved went down with the thread.
      const isMoved = kind === 'ranked' && this.#dead.size > 0;
      return (this.#isClosed || isMoved) && times === 0;
    }
    // It began: on a thread that is dead, or was taken down before it could say on which one.
    if (this.#isTerminated) return times <= 1;
    return times <= 1 && (thread === undefined ? this.#dead.size > 0 : this.#dead.has(thread));
  }

  /** What is not yet as it has to be; undefined when all is. */
  #missing(): (() => string) | undefined {
    const live = this.#live;
    const isDoomed = ({ order, how, isStopped, thread, limits }: Tracked) =>
      (order !== undefined && how !== 'brief') ||
      isStopped ||
      limits.deadlineMs !== undefined ||
      (thread !== undefined && (limits.timeoutMs !== undefined || this.#dead.has(thread)));
    if (this.#passing > 0) return () => `${this.#passing} short tasks have no end`;
    const overdue = live.find((one) => isDoomed(one) || this.#isTerminated);
    if (overdue !== undefined) return () => `${describe(overdue)} has no end`;
    const held = new Set(this.#held);
    for (const kind of KINDS) {
      const ofKind = live.filter((one) => one.kind === kind && !held.has(one));
      const running = ofKind.filter(isWaiting).length;
      const most = this.threads * CONCURRENCY[kind];
      if (running > most) this.#fails(`${running} of class ${kind} run at a time, not ${most}`);
      // Behind those that wait to be told, brief ones may wait as well.
      const brief = ofKind.filter(({ how }) => how === 'brief');
      const due = Math.min(ofKind.length - brief.length, most);
      if (running < due || (running < most && brief.length > 0)) {
        return () => `of class ${kind} ${running} run, but ${due} should of ${ofKind.length}`;
      }
    }
    return undefined;
  }

  /** Those before the door: the last that came of those that have not begun. */
  get #held(): Tracked[] {
    const { heldBack } = this.#pool.snapshot();
    if (heldBack === 0) return [];
    return this.#live
      .filter(({ thread, isStopped }) => thread === undefined && !isStopped)
      .slice(-heldBack);
  }

  /** Whoever is held back has a reason: the queue is full, and no thread may take the first of them. */
  #auditDoor(): void {
    const held = this.#held;
    const [first] = held;
    if (first === undefined) return;
    const { queued } = this.#pool.snapshot();
    const most = this.#door?.maxQueue ?? Number.POSITIVE_INFINITY;
    if (queued < most)
      this.#fails(`${held.length} are held back, but only ${queued} wait of ${most}`);
    const inside = this.#live.filter(
      (one) => one.kind === first.kind && !held.includes(one),
    ).length;
    const places = this.threads * CONCURRENCY[first.kind];
    if (inside < places) {
      this.#fails(`${describe(first)} is held back, but only ${inside} of its class are inside`);
    }
  }

  /** Priorities: who has begun is who was to begin, and with one thread in this very order. */
  #auditRanks(): void {
    const heard = this.#inOrder.get('ranked') ?? [];
    const due = this.#ranks.begun.filter((at) => (this.#begun[at] ?? 0) > 0);
    const isSame =
      this.threads === 1
        ? heard.join() === due.join()
        : heard.toSorted((a, b) => a - b).join() === due.toSorted((a, b) => a - b).join();
    if (!isSame) this.#fails(`ranked began as ${heard.join(' ')}, not as ${due.join(' ')}`);
  }

  #audit(): void {
    if (this.#fault !== undefined) throw this.#fault;
    this.#auditDoor();
    this.#auditRanks();
    const { unfinished } = this.#pool;
    if (unfinished !== this.#live.length + this.#passing) {
      this.#fails(`the pool says ${unfinished} unfinished, but it is ${this.#live.length}`);
    }
    const perThread = new Map<string, number>();
    for (const { kind, thread } of this.#live.filter(isWaiting)) {
      const key = `${kind} on ${thread}`;
      const count = (perThread.get(key) ?? 0) + 1;
      perThread.set(key, count);
      if (count > CONCURRENCY[kind]) this.#fails(`${count} of class ${key}`);
    }
    if (this.threads > 1) return;
    // With one thread there is nothing to choose: first come, first served.
    const passed = [...this.#journal.subarray(1, 1 + (this.#journal[0] ?? 0))];
    for (const [kind, order] of [...this.#inOrder, ['short', passed] as const]) {
      if (kind === 'ranked') continue;
      const sorted = order.toSorted((a, b) => a - b);
      if (order.some((at, i) => at !== sorted[i]))
        this.#fails(`${kind} began as ${order.join(' ')}`);
    }
  }

  #compareReport({ notRun, interrupted }: TerminateReport): void {
    for (const [name, tasks, outcome] of [
      ['notRun', notRun, 'not run'],
      ['interrupted', interrupted, 'lost'],
    ] as const) {
      const said = tasks.map((task) => (task instanceof Obeys ? task.at : -1));
      for (const at of said) {
        const { outcome: seen } = this.#of(at);
        if (seen !== outcome) this.#fails(`${name} names task ${at}, which ended: ${seen}`);
      }
      if (new Set(said).size !== said.length) this.#fails(`${name} names a task twice`);
    }
  }

  /** Where nobody can be thrown at. */
  #notes(what: string): void {
    this.#fault ??= new Difference(what);
  }

  #fails(what: string): never {
    throw new Difference(what);
  }
}

function isWaiting({ thread, order, isStopped, outcome }: Tracked): boolean {
  return thread !== undefined && order === undefined && !isStopped && outcome === undefined;
}

/** It does not heed what it is told, so that its thread is taken to stop it; once it is told. */
function isThreadTaken(tracked: Tracked): tracked is Tracked & { thread: number } {
  const { how, thread, isStopped, limits } = tracked;
  const isTold = isStopped || limits.timeoutMs !== undefined || limits.deadlineMs !== undefined;
  return how === 'deaf' && thread !== undefined && isTold;
}

function atOf({ at }: Tracked): number {
  return at;
}

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  ERR_TASK_THREAD_LOST: 'lost',
  ERR_TASK_NOT_RUN: 'not run',
  ERR_TASK_TIMEOUT: 'timed out',
  ERR_TASK_DEADLINE: 'late',
  ERR_TASK_QUEUE_FULL: 'refused',
};

function outcomeOf({ reason, at }: Tracked, error: unknown): Outcome | undefined {
  if (error === reason) return 'reason';
  if (error instanceof RangeError && error.message === `task ${at} throws`) return 'threw';
  if (!(error instanceof TaskError)) return undefined;
  return OUTCOMES[error.code];
}

function describe({ at, kind, thread, order, isStopped, how, limits }: Tracked): string {
  const told = [order ?? 'nothing', ...(isStopped ? ['to stop'] : [])].join(', ');
  return `${how} task ${at} of class ${kind} ${JSON.stringify(limits)} (begun on ${thread ?? 'none'}, told ${told})`;
}

/** Gives up when it is too late to wait. */
async function orLate<T>(promise: Promise<T>, late: () => never): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const isLate = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, STUCK_MS, 'late');
  });
  try {
    const first = await Promise.race([promise.then((value) => ({ value })), isLate]);
    return first === 'late' ? late() : first.value;
  } finally {
    clearTimeout(timer);
  }
}
