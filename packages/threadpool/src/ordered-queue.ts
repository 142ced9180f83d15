/**
 * The queue of a class of tasks that come with priorities or with names of queues.
 *
 * Names take turns; within one name the highest priority comes first, and the older of two alike. Waiting counts as
 * priority: one level per `agingMs`. What two tasks have waited grows alike, so that their order never changes: it
 * is that of `priority − entered / agingMs`, and a heap keeps it.
 */

/** A task that waits, as the program's own order or placement sees it. */
export interface WaitingTask {
  /** The task, or what was given to `run`. */
  readonly original: object;
  /** The name of its class's export, or of the function. */
  readonly name: string;
  readonly priority: number;
  readonly queue: string;
  /** When it came, by `performance.now()`. */
  readonly enteredMs: number;
}

/** A queue of waiting tasks. Those that have been cancelled are asked for and skipped like the others. */
export interface WaitingOrder<T = WaitingTask> {
  /** How many are in it. */
  readonly size: number;
  /** The next one, which stays; undefined when there is none. The same until it is taken or another comes. */
  readonly first: T | undefined;
  push(task: T): void;
  /** Takes one back in that had been its turn before, as its thread was lost. */
  pushFront(task: T): void;
  /** Takes {@link first} out; undefined when there is none. */
  shift(): T | undefined;
}

/** What {@link OrderedQueue} orders by. */
export interface Ranked {
  readonly priority: number;
  readonly queue: string;
  readonly enteredMs: number;
}

interface Entry<T> {
  readonly item: T;
  readonly rank: number;
  readonly turn: number;
}

/** Turns, then priorities with aging, then age. */
export class OrderedQueue<T extends Ranked> implements WaitingOrder<T> {
  /** By name of queue; in the order of their turns. */
  #lanes = new Map<string, Entry<T>[]>();
  #agingMs: number;
  #turn = 0;
  #size = 0;

  constructor(agingMs: number) {
    this.#agingMs = agingMs;
  }

  get size(): number {
    return this.#size;
  }

  get first(): T | undefined {
    for (const lane of this.#lanes.values()) return lane[0]?.item;
    return undefined;
  }

  push(item: T): void {
    const { priority, queue, enteredMs } = item;
    const isAging = this.#agingMs !== Number.POSITIVE_INFINITY;
    const rank = isAging ? priority - enteredMs / this.#agingMs : priority;
    let lane = this.#lanes.get(queue);
    if (lane === undefined) {
      lane = [];
      this.#lanes.set(queue, lane);
    }
    lane.push({ item, rank, turn: this.#turn++ });
    rise(lane);
    this.#size++;
  }

  /** Its place is where its priority and age put it: in front of those alike. */
  pushFront(item: T): void {
    const turn = this.#turn;
    this.#turn = -turn - 1;
    this.push(item);
    this.#turn = turn + 1;
  }

  shift(): T | undefined {
    for (const [queue, lane] of this.#lanes) {
      const entry = lane[0];
      const last = lane.pop();
      // The turn passes on; a name with nothing left comes back behind all others.
      this.#lanes.delete(queue);
      if (entry === undefined || last === undefined) continue;
      if (lane.length > 0) {
        lane[0] = last;
        sink(lane);
        this.#lanes.set(queue, lane);
      }
      this.#size--;
      return entry.item;
    }
    return undefined;
  }
}

function isBefore<T>(a: Entry<T>, b: Entry<T>): boolean {
  return a.rank === b.rank ? a.turn < b.turn : a.rank > b.rank;
}

/** The last one finds its place upwards. */
function rise<T>(heap: Entry<T>[]): void {
  let at = heap.length - 1;
  const entry = heap[at];
  if (entry === undefined) return;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || !isBefore(entry, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = entry;
}

/** The first one finds its place downwards. */
function sink<T>(heap: Entry<T>[]): void {
  const entry = heap[0];
  if (entry === undefined) return;
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    let child = heap[below];
    if (child === undefined) break;
    const other = heap[below + 1];
    if (other !== undefined && isBefore(other, child)) {
      child = other;
      below++;
    }
    if (!isBefore(child, entry)) break;
    heap[at] = child;
    at = below;
  }
  heap[at] = entry;
}
