/** A clock for tests: time stands still until the test moves it, and then passes without being waited for. */
import type { Clock, Timer } from '../clock.js';
import { throwLater } from '../run-queue.js';
import { turnOfTheLoop } from './turn.js';

interface VirtualTimer extends Timer {
  readonly dueMs: number;
  readonly fire: () => void;
}

/** Put in with `setClock(new VirtualClock())`; `runTest()` does so by itself. */
export class VirtualClock implements Clock {
  /** By time, those of one time in the order of setting. */
  readonly #timers: VirtualTimer[] = [];
  #nowMs: number;

  /** @param nowMs - what `now()` gives at first; default 0 */
  constructor(nowMs = 0) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  setTimer(ms: number, fire: () => void): Timer {
    const timer: VirtualTimer = {
      dueMs: this.#nowMs + Math.max(ms, 0),
      fire,
      cancel: () => {
        const place = this.#timers.indexOf(timer);
        if (place >= 0) this.#timers.splice(place, 1);
      },
    };
    this.#timers.splice(this.#placeFor(timer.dueMs), 0, timer);
    return timer;
  }

  /** How many timers have not fired. */
  get pending(): number {
    return this.#timers.length;
  }

  /** When the next timer is due; undefined when there is none. */
  get nextDueMs(): number | undefined {
    return this.#timers[0]?.dueMs;
  }

  /**
   * Lets time pass. Each timer that becomes due fires at its own time, and what it wakes runs before the next one fires.
   *
   * @param ms - from 0
   */
  async advance(ms: number): Promise<void> {
    const until = this.#nowMs + ms;
    await turnOfTheLoop();
    while ((this.nextDueMs ?? Number.POSITIVE_INFINITY) <= until) {
      this.fireNext();
      await turnOfTheLoop();
    }
    this.#nowMs = Math.max(this.#nowMs, until);
  }

  /**
   * Moves time to the next timers, and fires all that are due then.
   *
   * @returns whether there were any
   */
  fireNext(): boolean {
    const dueMs = this.nextDueMs;
    if (dueMs === undefined) return false;
    this.#nowMs = Math.max(this.#nowMs, dueMs);
    // Those that are set meanwhile have their turn after what has been woken.
    const due = this.#timers.filter((timer) => timer.dueMs <= this.#nowMs);
    for (const timer of due) {
      const place = this.#timers.indexOf(timer);
      if (place < 0) continue;
      this.#timers.splice(place, 1);
      try {
        timer.fire();
      } catch (error) {
        throwLater(error);
      }
    }
    return true;
  }

  /** Behind all that are due before or at this time. */
  #placeFor(dueMs: number): number {
    let from = 0;
    let to = this.#timers.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      // SAFETY: middle is below the length.
      if ((this.#timers[middle] as VirtualTimer).dueMs <= dueMs) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
