/**
 * How many tasks have not settled, and that the process stays alive for them, and only for them.
 */
import { KeepAlive } from './keep-alive.js';

/** The count of a pool. */
export class Ledger {
  #pending = 0;
  #keepAlive = new KeepAlive();
  #isHeld = false;
  #onEmpty: () => void;

  /** @param onEmpty - called whenever the last task has settled */
  constructor(onEmpty: () => void) {
    this.#onEmpty = onEmpty;
  }

  get pending(): number {
    return this.#pending;
  }

  enter(): void {
    this.#pending++;
    if (this.#pending === 1 && !this.#isHeld) this.#keepAlive.hold();
  }

  leave(): void {
    this.#pending--;
    if (this.#pending > 0) return;
    if (!this.#isHeld) this.#keepAlive.release();
    this.#onEmpty();
  }

  /** Keeps the process alive also without tasks, until the end. */
  hold(): void {
    this.#isHeld = true;
    this.#keepAlive.hold();
  }

  close(): Promise<void> {
    return this.#keepAlive.close();
  }
}
