/**
 * How a thread is woken: one word that both sides change, so that no wake-up is lost and few are spent.
 *
 *                       ┌───────────── pool: knock, then a message ─────────────┐
 *              listen   ▼                                                       │
 *     AWAKE ─────────▶ … ──▶ LISTENS   in its event loop, which waits for all that a task left there
 *       ▲ │
 *       │ └── sleep ──────▶ SLEEPS     in Atomics.wait, for a moment, where nothing else waits on the thread
 *       │                     │
 *       └─ pool: knock, notify┘        three times as fast as a message
 *
 * The thread writes the word, then looks whether there is something for it; the pool publishes, then looks at the word.
 * So at least one of them sees the other.
 */
import { SLEPT, STATE } from './shared-control.js';

const AWAKE = 0;
const LISTENS = 1;
const SLEEPS = 2;

/** The pool's side: wakes a thread that waits. */
export class Knocker {
  readonly #control: Int32Array;
  readonly #slept: Float64Array;
  readonly #post: () => void;

  /** @param post - posts a message that says nothing */
  constructor(control: SharedArrayBuffer, post: () => void) {
    this.#control = new Int32Array(control);
    this.#slept = new Float64Array(control);
    this.#post = post;
  }

  /** How long the thread has slept, which its event loop takes for work. */
  get sleptMs(): number {
    return this.#slept[SLEPT] ?? 0;
  }

  /**
   * Wakes the thread if it waits; after what it is to find is there.
   *
   * @param hasPosted - a message was posted, which wakes an event loop by itself
   */
  knock(hasPosted: boolean): void {
    for (;;) {
      const seen = Atomics.load(this.#control, STATE);
      if (seen === AWAKE || (hasPosted && seen === LISTENS)) return;
      // Not exchanged: it may have received the message meanwhile, and listen for the next.
      if (Atomics.compareExchange(this.#control, STATE, seen, AWAKE) !== seen) continue;
      if (seen === SLEEPS) Atomics.notify(this.#control, STATE, 1);
      else this.#post();
      return;
    }
  }
}

/** The thread's side: says how it waits. */
export class Waiter {
  readonly #control: Int32Array;
  readonly #slept: Float64Array;
  readonly #hasWork: () => boolean;

  /** @param hasWork - whether there is something that the thread has not seen */
  constructor(control: SharedArrayBuffer, hasWork: () => boolean) {
    this.#control = new Int32Array(control);
    this.#slept = new Float64Array(control);
    this.#hasWork = hasWork;
  }

  /** It looks by itself: nobody need wake it. */
  wakeUp(): void {
    if (this.#control[STATE] !== AWAKE) Atomics.store(this.#control, STATE, AWAKE);
  }

  /** Before it goes into its event loop; false, and awake again, when there is something already. */
  listen(): boolean {
    return this.#wait(LISTENS);
  }

  /** Sleeps until there is something, `ms` at most; false when there was nothing: then it listens. */
  sleep(ms: number): boolean {
    if (!this.#wait(SLEEPS)) return true;
    Atomics.wait(this.#control, STATE, SLEEPS, ms);
    // Whoever knocked has changed the word; else it goes on waiting, in its event loop.
    if (Atomics.compareExchange(this.#control, STATE, SLEEPS, LISTENS) !== SLEEPS) return true;
    return false;
  }

  /** Notes how long it has slept. */
  noteSlept(ms: number): void {
    this.#slept[SLEPT] = (this.#slept[SLEPT] ?? 0) + ms;
  }

  #wait(how: typeof LISTENS | typeof SLEEPS): boolean {
    Atomics.store(this.#control, STATE, how);
    if (!this.#hasWork()) return true;
    Atomics.store(this.#control, STATE, AWAKE);
    return false;
  }
}
