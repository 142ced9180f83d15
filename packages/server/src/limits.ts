/**
 * How many connections may live at a time, as permits: one is taken before a connection is accepted and given back when
 * it has ended. Taking it first is what makes the limit exact, and leaves newcomers in the kernel's backlog.
 */

/** A fixed number of permits and at most one who waits for the next: the accept loop. */
export class Permits {
  readonly #limit: number;
  #taken = 0;
  #whenFree: (() => void) | undefined;

  /** @param limit - a positive integer, or Infinity */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Takes a permit if there is one. */
  tryTake(): boolean {
    if (this.#taken >= this.#limit) return false;
    this.#taken += 1;
    return true;
  }

  /** Gives a permit back, and wakes the one who waits. */
  release(): void {
    if (this.#taken === 0) throw new RangeError('a permit was given back twice: none is taken');
    this.#taken -= 1;
    const wake = this.#whenFree;
    this.#whenFree = undefined;
    wake?.();
  }

  /** Calls back once, inside the next {@link release}. The permit is not taken yet then. */
  whenFree(wake: () => void): void {
    this.#whenFree = wake;
  }

  /** Takes {@link whenFree} back. */
  stopWaiting(): void {
    this.#whenFree = undefined;
  }
}
