/**
 * The pool's view of one thread: post, recall, taken, lost. The only file of this side that knows the transport.
 *
 * Decides nothing: which task goes where is the dispatcher's affair, what a result means the pool's.
 */
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from 'node:worker_threads';
import { discard, discardArrived, discardRest, type Packed } from './crossing.js';
import type { Repairs } from './crossing-wire.js';
import { longTimer } from './long-timer.js';
import { addSource, look, removeSource, type Source, waitingWord } from './lookout.js';
import {
  ABORT,
  ANSWER,
  END,
  type Ending,
  type FromThread,
  OUTPUT,
  type ParcelNumber,
  PROGRESS,
  READY,
  REFUSED,
  REQUEST,
  RESULTS,
  RETURNED,
  TAKEN,
  type ThreadStart,
  type ToThread,
  WAKE,
  WORN,
} from './messages.js';
import { Outbox } from './outbox.js';
import type { PoolTask, TaskKind } from './pool-task.js';
import { newControl } from './shared-control.js';
import { BLOCK_SLOTS, LAST_ID, newBlock, Slots } from './slots.js';
import { TaskQueue } from './task-queue.js';
import { setUpOf, startOptions, type ThreadOptions } from './thread-options.js';
import { type TellOutput, tellerOf } from './thread-output.js';

/** So many tasks that have ended may stand among those that have not begun, before they are looked for. */
const ENDED_AMONG = 16;

/** Its `then` costs a tenth of what Node's `queueMicrotask` does, which makes an AsyncResource. */
const settled = Promise.resolve();

/** How a task ended over there. */
export interface TaskEnd {
  readonly ending: Ending;
  readonly value: unknown;
  readonly repairs: Repairs | undefined;
  /** The crossers of the task that the thread could not release; undefined: none of them was touched. */
  readonly left: readonly number[] | undefined;
}

/** How a thread ended. */
export interface ThreadEnd {
  readonly exitCode: number;
  /** What it died of, when it said so. */
  readonly cause: unknown;
  /** Whether its program had been loaded. */
  readonly wasReady: boolean;
  /** Tasks it had begun. */
  readonly taken: readonly PoolTask[];
  /** Tasks it had been sent and had not begun, in their order. */
  readonly untaken: readonly PoolTask[];
  /** Those among them whose modules it was importing, if that may be what it ended of. */
  readonly suspects: ReadonlySet<PoolTask>;
}

/** What a thread reports. */
export interface ThreadEvents {
  settled(thread: PoolThread, task: PoolTask, end: TaskEnd): void;
  asked(
    thread: PoolThread,
    task: PoolTask,
    request: number,
    value: unknown,
    repairs: Repairs | undefined,
  ): void;
  progressed(task: PoolTask, value: unknown, repairs: Repairs | undefined): void;
  /** It is set up: what waits in its port is begun now. */
  ready(thread: PoolThread): void;
  /** Its heap has outgrown the limit at which it is to be replaced. */
  worn(thread: PoolThread): void;
  /** It could not be posted: nothing of it has left. */
  unpostable(thread: PoolThread, task: PoolTask, error: unknown): void;
  lost(thread: PoolThread, end: ThreadEnd): void;
}

/** One thread, from its start to its end. */
export class PoolThread implements Source {
  readonly index: number;
  readonly name: string;
  readonly threadId: number;
  readonly startedMs: number = performance.now();
  /** Tasks handed to it that have not settled. */
  unfinished = 0;
  /** The same by kind. */
  readonly counts: number[] = [];
  completed = 0;

  #worker: Worker;
  #port: MessagePort;
  #events: ThreadEvents;
  #slots: Slots;
  /** By slot. */
  #tasks: (PoolTask | undefined)[] = [];
  #freeSlots: number[] = [];
  /** As posted; those that have begun are dropped when they come to the front. */
  #order = new TaskQueue<PoolTask>();
  #outbox: Outbox;
  /** Answers and reasons with something in them to release, until the thread has taken them. */
  #underway = new Map<number, Packed>();
  #mostTasks: number;
  #nextParcel = 1;
  #nextId = 1;
  #isReady = false;
  #isGone = false;
  #isEnding = false;
  #isStopped = false;
  #cause: unknown;
  #tellOutput: TellOutput | undefined;
  #grace: NodeJS.Timeout | undefined;

  constructor(index: number, options: ThreadOptions, events: ThreadEvents) {
    const setUp = setUpOf(index, options);
    this.index = index;
    this.name = setUp.name;
    this.#events = events;
    this.#mostTasks = options.recycleAfter?.tasks ?? Number.POSITIVE_INFINITY;
    const control = newControl();
    this.#slots = new Slots(control);
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#outbox = new Outbox(port1, control, this.#slots, {
      isOwn: (task) => this.#tasks[task.slot] === task,
      unpostable: (task, error) => this.#unpostable(task, error),
    });
    const start: ThreadStart = {
      netloomThreadpool: { port: port2, control, waiting: waitingWord(), setUp },
    };
    this.#worker = new Worker(new URL('./worker-entry.js', import.meta.url), {
      ...startOptions(options),
      name: setUp.name,
      workerData: start,
      transferList: [port2],
    });
    this.threadId = this.#worker.threadId;
    this.#worker.on('error', (error) => {
      this.#cause ??= error;
    });
    this.#worker.on('exit', (code) => this.#exited(code));
    this.#tellOutput = options.onOutput && tellerOf(this, options.onOutput);
    port1.on('message', (message: FromThread) => this.#received(message));
    port1.on('messageerror', (error) => this.#fail(error));
    // What is pending keeps the process alive, and the pool knows what is; see KeepAlive.
    this.#worker.unref();
    port1.unref();
    addSource(this);
  }

  /** It has looked at a task: from here on, what it does not look at stands behind something. */
  get hasLooked(): boolean {
    return (
      this.completed > 0 || this.#tasks.some((task) => task !== undefined && !this.#isUntaken(task))
    );
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Whether it takes nothing more: it is gone or told to end. */
  get isLeaving(): boolean {
    return this.#isGone || this.#isEnding;
  }

  /** Whether it may be given a task: it is not leaving, and has not had as many as it is to have. */
  get isTaking(): boolean {
    return !this.isLeaving && this.completed + this.unfinished < this.#mostTasks;
  }

  /** Whether it was stopped where it stood. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Whether its program is loaded and set up. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** The part of the time, from 0 to 1, in which its event loop was busy since it started. */
  get utilization(): number {
    if (this.#isGone) return 0;
    const { active, idle } = this.#worker.performance.eventLoopUtilization();
    if (active + idle === 0) return 0;
    return Math.max(0, active - this.#outbox.sleptMs) / (active + idle);
  }

  /** What it has begun and not finished. */
  running(): PoolTask[] {
    return this.#tasks.filter(
      (task): task is PoolTask => task !== undefined && this.#slots.isClaimed(task.slot, task.id),
    );
  }

  /** When the task was called there, on the shared clock; 0 when it was not. Also while it settles. */
  beginOf(task: PoolTask): number {
    return this.#slots.beginOf(task.slot);
  }

  /** How long the task ran there. Only while it settles. */
  timeOf(task: PoolTask): number {
    return this.#slots.timeOf(task.slot);
  }

  /** Hands a task over: at once to an idle thread, else with the others of this turn. */
  post(task: PoolTask): void {
    const slot = this.#freeSlots.pop() ?? this.#slotOfNewBlock();
    const id = this.#nextId;
    this.#nextId = id === LAST_ID ? 1 : id + 1;
    this.#tasks[slot] = task;
    task.stage = 'posted';
    task.thread = this;
    task.slot = slot;
    task.id = id;
    this.#slots.offer(slot, id);
    const wasIdle = this.unfinished === 0;
    this.unfinished++;
    this.counts[task.kind.number] = (this.counts[task.kind.number] ?? 0) + 1;
    this.#outbox.add(task);
    // Looking drops what has begun, so that the queue stays as short as what has not.
    this.#dropTaken();
    if (this.#order.size > 2 * this.unfinished + ENDED_AMONG) this.#sift();
    this.#order.push(task);
    if (wasIdle || task.packed.transfer !== undefined) this.#flush();
    else if (this.#outbox.size === 1) settled.then(this.#flushLater);
  }

  /** Takes a task back; false when the thread has it. */
  recall(task: PoolTask): boolean {
    if (!this.#slots.recall(task.slot, task.id)) return false;
    this.#release(task);
    return true;
  }

  /** All that it has been sent and has not begun, in the order in which they were sent. */
  untaken(): PoolTask[] {
    return [...this.#order].filter((task) => this.#isUntaken(task));
  }

  /** Takes back all that the thread has not begun, or those among them that may be; in their order. */
  recallAll(mayBe: (task: PoolTask) => boolean = () => true): PoolTask[] {
    const back = this.#tasks.filter(
      (task): task is PoolTask => task !== undefined && mayBe(task) && this.recall(task),
    );
    return back.sort((a, b) => a.id - b.id);
  }

  /** Tells a running task that its signal aborted. */
  abort(task: PoolTask, reason: Packed): void {
    const parcel = this.#keep(reason);
    this.#send([ABORT, task.slot, task.id, reason.value, reason.repairs, parcel], reason, parcel);
  }

  /** Gives a running task what its original answered. */
  answer(request: number, isError: boolean, answer: Packed): void {
    const parcel = this.#keep(answer);
    this.#send([ANSWER, request, isError, answer.value, answer.repairs, parcel], answer, parcel);
  }

  /** Takes nothing more, as one that is to be replaced when it has finished. */
  retire(): void {
    this.#isEnding = true;
  }

  /** Ends an idle thread, in order: `threadExit` and its `exit` handlers run. `lost` follows. */
  end(graceMs: number): void {
    this.#isEnding = true;
    this.#send([END]);
    this.#grace ??= longTimer(graceMs, () => this.#worker.terminate());
  }

  /** Stops the thread where it stands. `lost` follows. */
  stop(): void {
    this.#isEnding = true;
    this.#isStopped = true;
    this.#worker.terminate();
  }

  #dropTaken(): void {
    for (let task = this.#order.first; task !== undefined; task = this.#order.first) {
      if (this.#isUntaken(task)) return;
      this.#order.shift();
    }
  }

  /** Drops those behind the first as well. */
  #sift(): void {
    const all = this.#order;
    this.#order = new TaskQueue();
    for (let task = all.shift(); task !== undefined; task = all.shift()) {
      if (this.#isUntaken(task)) this.#order.push(task);
    }
  }

  #isUntaken(task: PoolTask): boolean {
    return this.#tasks[task.slot] === task && this.#slots.isOffered(task.slot, task.id);
  }

  #slotOfNewBlock(): number {
    const first = this.#tasks.length;
    const memory = newBlock();
    this.#slots.addBlock(memory);
    this.#outbox.addBlock(memory);
    this.#tasks.length = first + BLOCK_SLOTS;
    for (let i = BLOCK_SLOTS - 1; i > 0; i--) this.#freeSlots.push(first + i);
    return first;
  }

  #flush(): void {
    if (!this.#isGone) this.#outbox.flush();
  }

  #flushLater = (): void => this.#flush();

  #unpostable(task: PoolTask, error: unknown): void {
    // It may have been recalled between post and flush; nobody else could have claimed it.
    if (!this.recall(task)) return;
    this.#events.unpostable(this, task, error);
  }

  #keep(packed: Packed): ParcelNumber {
    if (packed.moved === undefined || packed.moved.length === 0) return undefined;
    const parcel = this.#nextParcel++;
    this.#underway.set(parcel, packed);
    return parcel;
  }

  #send(message: ToThread, packed?: Packed, parcel?: number): void {
    try {
      this.#outbox.send(message, packed);
    } catch (error) {
      // It stays with the caller, who releases it.
      if (parcel !== undefined) this.#underway.delete(parcel);
      throw error;
    }
  }

  #received(message: FromThread): void {
    if (message !== WAKE) {
      if (message[0] === RESULTS) {
        for (const [slot, id, ending, value, repairs, left] of message[1]) {
          const task = this.#tasks[slot];
          if (task?.id === id) this.#settle(task, { ending, value, repairs, left });
        }
      } else if (message[0] === REQUEST) {
        const [, slot, id, request, value, repairs] = message;
        const task = this.#tasks[slot];
        if (task?.id === id) this.#events.asked(this, task, request, value, repairs);
        else discardArrived(repairs);
      } else if (message[0] === TAKEN) {
        const packed = this.#underway.get(message[1]);
        this.#underway.delete(message[1]);
        if (packed !== undefined) discard(packed, message[2]);
      } else if (message[0] === PROGRESS) {
        const [, slot, id, value, repairs] = message;
        const task = this.#tasks[slot];
        if (task?.id === id) this.#events.progressed(task, value, repairs);
        else discardArrived(repairs);
      } else if (message[0] === READY) {
        this.#isReady = true;
        this.#events.ready(this);
      } else if (message[0] === WORN) this.#events.worn(this);
      else if (message[0] === OUTPUT) this.#tellOutput?.(message[1], message[2]);
    }
    look();
    // What found the ring full.
    if (this.#outbox.size > 0) this.#flush();
  }

  /** Whether there are results that were not taken. @internal */
  get hasResults(): boolean {
    return this.#slots.hasResults;
  }

  /** Takes the results that have come; whether there was one. @internal */
  drain(): boolean {
    return this.#slots.drain(this.#publishedResult);
  }

  #publishedResult = (slot: number, value: unknown): void => {
    const task = this.#tasks[slot];
    if (task === undefined) return;
    this.#settle(task, { ending: RETURNED, value, repairs: undefined, left: undefined });
  };

  #settle(task: PoolTask, end: TaskEnd): void {
    // One that never began says nothing of how long such tasks run.
    if (end.ending !== REFUSED) noteTime(task.kind, this.#slots.timeOf(task.slot));
    this.completed++;
    this.#release(task);
    this.#events.settled(this, task, end);
  }

  #release(task: PoolTask): void {
    this.#tasks[task.slot] = undefined;
    this.#freeSlots.push(task.slot);
    this.#outbox.left(task.slot);
    this.unfinished--;
    this.counts[task.kind.number] = (this.counts[task.kind.number] ?? 0) - 1;
    // An idle thread holds nothing of what it has run.
    if (this.unfinished === 0) this.#dropTaken();
  }

  /** A message that cannot be read may have been the end of any task here: none can be trusted any more. */
  #fail(error: unknown): void {
    this.#cause ??= error;
    this.#worker.terminate();
  }

  #exited(exitCode: number): void {
    // Nobody may give it work for what it is now seen to have finished.
    this.#isGone = true;
    clearTimeout(this.#grace);
    // Whatever it said before it ended counts.
    for (;;) {
      const last = receiveMessageOnPort(this.#port);
      if (last === undefined) break;
      this.#received(last.message);
    }
    // Also of the others: it may have ended when it had undertaken to wake this side.
    look();
    this.drain();
    removeSource(this);
    this.#port.close();
    const taken: PoolTask[] = [];
    const untaken: PoolTask[] = [];
    const suspects = new Set<PoolTask>();
    const { isInside } = this.#slots;
    for (const task of this.#tasks) {
      if (task === undefined) continue;
      if (!isInside && this.#slots.isReserved(task.slot, task.id)) suspects.add(task);
      (this.#slots.recall(task.slot, task.id) ? untaken : taken).push(task);
    }
    for (const packed of this.#underway.values()) discard(packed);
    this.#underway.clear();
    for (const { packed, slot } of taken) discardRest(packed, this.#slots.partsOf(slot));
    for (const task of [...taken, ...untaken]) this.#release(task);
    untaken.sort((a, b) => a.id - b.id);
    this.#events.lost(this, {
      exitCode,
      cause: this.#cause,
      wasReady: this.#isReady,
      taken,
      untaken,
      suspects,
    });
  }
}

function noteTime(kind: TaskKind, ms: number): void {
  kind.averageMs = kind.averageMs === undefined ? ms : kind.averageMs + (ms - kind.averageMs) / 8;
}
