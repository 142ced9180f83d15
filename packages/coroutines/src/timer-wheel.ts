/**
 * All timers of a thread on one `setTimeout`: setting and cancelling one costs the linking of two neighbours, however
 * many there are. A hierarchical timing wheel (Varghese and Lauck, 1987).
 *
 * Time is counted in ticks of a millisecond, and a tick is written with digits of base 32. A timer stands on the level
 * of the highest digit in which its tick differs from the present one, in the slot of its own digit there:
 *
 *     level 0   32 slots of      1 ms        present 1|4|7, timer at 1|4|9:  level 0, slot 9
 *     level 1   32 slots of     32 ms                       timer at 1|6|2:  level 1, slot 6
 *     level 2   32 slots of  1 024 ms …                     timer at 3|0|0:  level 2, slot 3
 *
 * So the first slot in use of the lowest level in use is the next to come. When its time comes, its timers move to the
 * levels below, in the order in which they were set; those of level 0 fire.
 */
import type { Timer } from './clock.js';
import { throwLater } from './run-queue.js';

const DIGIT_BITS = 5;
const SLOTS = 1 << DIGIT_BITS;
const LEVELS = 8;
/** 34 years after the wheel was made; what is set for later fires then. */
const LAST_TICK = SLOTS ** LEVELS - 1;
/** setTimeout turns anything longer into 1 ms. */
const LONGEST_MS = 2 ** 31 - 1;

/** A timer in its slot, or a slot: a ring that begins and ends with the slot itself. */
class Link implements Timer {
  before: Link = this;
  after: Link = this;
  readonly tick: number;
  readonly wheel: TimerWheel | undefined;
  fire: (() => void) | undefined;

  constructor(tick: number, wheel: TimerWheel | undefined, fire: (() => void) | undefined) {
    this.tick = tick;
    this.wheel = wheel;
    this.fire = fire;
  }

  cancel(): void {
    if (this.fire === undefined) return;
    this.fire = undefined;
    this.unlink();
    this.wheel?.left();
  }

  unlink(): void {
    this.before.after = this.after;
    this.after.before = this.before;
    this.before = this;
    this.after = this;
  }

  /** Puts a timer at the end of this slot. */
  append(timer: Link): void {
    const last = this.before;
    timer.before = last;
    timer.after = this;
    last.after = timer;
    this.before = timer;
  }
}

/** @internal */
export class TimerWheel {
  readonly #slots: Link[] = Array.from(
    { length: LEVELS * SLOTS },
    () => new Link(0, undefined, undefined),
  );
  /** Per level a bit for each slot that may be in use: one that was emptied by cancelling is found out later. */
  readonly #used = new Int32Array(LEVELS);
  readonly #startMs = performance.now();
  /** All up to this tick have fired. */
  #present = 0;
  #count = 0;
  /** The tick that setTimeout is set for. */
  #armed = Number.POSITIVE_INFINITY;
  #handle: ReturnType<typeof setTimeout> | undefined;
  /** A test may put timers of its own in: then this wheel is not the right one any more. */
  readonly #setTimeout = globalThis.setTimeout;

  get isCurrent(): boolean {
    return this.#setTimeout === globalThis.setTimeout;
  }

  /** @param ms - from 0 */
  set(ms: number, fire: () => void): Timer {
    const tick = Math.min(Math.max(Math.ceil(this.#nowMs() + ms), this.#present + 1), LAST_TICK);
    const timer = new Link(tick, this, fire);
    this.#place(timer);
    this.#count += 1;
    if (tick < this.#armed) this.#arm(tick);
    return timer;
  }

  /** A timer has been cancelled. */
  left(): void {
    this.#count -= 1;
    // A timer keeps the process alive, and there is nothing left to live for.
    if (this.#count === 0) this.#disarm();
  }

  /** Milliseconds since the wheel was made; never before what has fired, though setTimeout may be early by a part of one. */
  #nowMs(): number {
    return Math.max(performance.now() - this.#startMs, this.#present);
  }

  #place(timer: Link): void {
    let level = 0;
    let here = Math.floor(this.#present / SLOTS);
    let digits = timer.tick;
    for (let there = Math.floor(digits / SLOTS); there !== here; level += 1) {
      digits = there;
      here = Math.floor(here / SLOTS);
      there = Math.floor(there / SLOTS);
    }
    const slot = digits % SLOTS;
    // SAFETY: a tick has LEVELS digits, and a digit is below SLOTS.
    (this.#slots[level * SLOTS + slot] as Link).append(timer);
    this.#used[level] = (this.#used[level] ?? 0) | (1 << slot);
  }

  /** The next slot with timers in it: where, and from which tick on. */
  #next(): { readonly level: number; readonly slot: Link; readonly tick: number } | undefined {
    let unit = 1;
    for (let level = 0; level < LEVELS; level += 1) {
      for (let used = this.#used[level] ?? 0; used !== 0; used = this.#used[level] ?? 0) {
        const number = 31 - Math.clz32(used & -used);
        // SAFETY: as in #place.
        const slot = this.#slots[level * SLOTS + number] as Link;
        if (slot.after !== slot) {
          const above = unit * SLOTS;
          return { level, slot, tick: Math.floor(this.#present / above) * above + number * unit };
        }
        this.#used[level] = used & ~(1 << number);
      }
      unit *= SLOTS;
    }
    return undefined;
  }

  #arm(tick: number): void {
    if (this.#handle !== undefined) clearTimeout(this.#handle);
    const now = this.#nowMs();
    this.#armed = Math.min(tick, Math.floor(now) + LONGEST_MS);
    this.#handle = setTimeout(this.#ring, Math.ceil(this.#armed - now));
  }

  #disarm(): void {
    if (this.#handle !== undefined) clearTimeout(this.#handle);
    this.#handle = undefined;
    this.#armed = Number.POSITIVE_INFINITY;
  }

  readonly #ring = (): void => {
    const armed = this.#armed;
    this.#handle = undefined;
    this.#armed = Number.POSITIVE_INFINITY;
    // setTimeout counts whole milliseconds, so that it may be early by less than one: what it was set for is due.
    const until = Math.max(Math.floor(this.#nowMs()), armed);
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      if (next.tick > until) {
        if (next.tick < this.#armed) this.#arm(next.tick);
        return;
      }
      this.#present = Math.max(this.#present, next.tick);
      if (next.level === 0) this.#fireAll(next.slot);
      else this.#moveDown(next.slot);
    }
  };

  #fireAll(slot: Link): void {
    for (let timer = slot.after; timer !== slot; timer = slot.after) {
      const { fire } = timer;
      timer.fire = undefined;
      timer.unlink();
      this.left();
      try {
        fire?.();
      } catch (error) {
        throwLater(error);
      }
    }
  }

  #moveDown(slot: Link): void {
    for (let timer = slot.after; timer !== slot; timer = slot.after) {
      timer.unlink();
      this.#place(timer);
    }
  }
}
