/**
 * What a thread does when it has nothing to start: whatever its tasks left in the event loop has its turn, and then it
 * waits, in the way that is cheapest for as long as it had nothing to do the last time. Inside a thread.
 *
 *     nothing to start ──┬─ less than NAP_MS ────▶ promises and ticks ──▶ sleeps NAP_MS ──┐ nothing came
 *                        ├─ less than SLEEP_MS ──▶ a turn of the event loop ◀─────────────┘
 *                        │                           └─▶ sleeps SLEEP_MS ─┐ nothing came
 *                        └─ longer, or tasks that wait ─▶ listens ◀───────┘
 *
 * It sleeps only where nothing else waits on the thread.
 */
import { mayBlock } from './thread-idle.js';
import type { Waiter } from './wake-up.js';

/**
 * So long it may sleep before it waits in its event loop, where also what keeps no process alive is served: timers and
 * sockets that were `unref`ed are not seen from here.
 */
const SLEEP_MS = 10;
/** And so long without a turn of the event loop before. */
const NAP_MS = 1;
/** So long it goes without a turn of the event loop altogether. */
const TURN_MS = 5;

/** Its `then` costs a tenth of what Node's `queueMicrotask` does, which makes an AsyncResource. */
const settled = Promise.resolve();

/** What it asks of the thread's program. */
export interface RestingThread {
  /** Whether there are tasks to start. */
  hasOffers(): boolean;
  /** Whether there are messages that only the event loop brings. */
  hasMessages(): boolean;
  /** Whether tasks run, or import what they need. */
  isBusy(): boolean;
  /** Starts what there is to start, and comes back here when there is nothing more. */
  goOn(): void;
}

/** The thread's waiting. */
export class ThreadRest {
  readonly #waiter: Waiter;
  readonly #thread: RestingThread;
  #since = 0;
  #lastMs = 0;
  #lastTurn = 0;
  #hasTurned = true;
  #hasSlept = false;
  #isPending = false;

  constructor(waiter: Waiter, thread: RestingThread) {
    this.#waiter = waiter;
    this.#thread = thread;
  }

  /** The event loop has had its turn. */
  noteTurn(): void {
    this.#hasTurned = true;
  }

  /** There is something to start. */
  end(nowMs: number): void {
    this.#waiter.wakeUp();
    this.#lastMs = nowMs - this.#since;
    if (this.#hasTurned) this.#lastTurn = nowMs;
    if (this.#hasSlept) this.#waiter.noteSlept(this.#lastMs);
    this.#hasTurned = false;
    this.#hasSlept = false;
  }

  /** There is nothing more to start. */
  begin(nowMs: number): void {
    this.#since = nowMs;
    if (this.#isPending) return;
    if (this.#thread.isBusy() || this.#lastMs > SLEEP_MS) {
      this.#listen();
      return;
    }
    this.#isPending = true;
    if (this.#lastMs > NAP_MS || nowMs - this.#lastTurn > TURN_MS) setImmediate(this.#rest);
    // A tick queued by a microtask runs when all microtasks have run, and all that they have queued.
    else settled.then(this.#napSoon);
  }

  #napSoon = (): void => {
    process.nextTick(this.#nap);
  };

  #nap = (): void => {
    const { hasOffers, hasMessages, isBusy, goOn } = this.#thread;
    const mayStay = !isBusy() && mayBlock();
    if (mayStay && (hasOffers() || (!hasMessages() && this.#sleep(NAP_MS)))) {
      this.#isPending = false;
      goOn();
      // Messages, and whatever tasks left that is not seen, as ticks behind ticks, have their turn.
    } else setImmediate(this.#rest);
  };

  #rest = (): void => {
    const { hasOffers, hasMessages, isBusy, goOn } = this.#thread;
    this.#isPending = false;
    this.#hasTurned = true;
    if (hasOffers() || hasMessages()) goOn();
    else if (isBusy() || !mayBlock()) this.#listen();
    else if (this.#sleep(SLEEP_MS)) goOn();
  };

  #sleep(ms: number): boolean {
    this.#hasSlept = true;
    return this.#waiter.sleep(ms);
  }

  #listen(): void {
    // Not at once: whoever goes on may have come from here.
    if (!this.#waiter.listen()) setImmediate(this.#rest);
  }
}
