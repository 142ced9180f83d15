/**
 * Many operations, one signal: listens once to each AbortSignal, however many operations heed it.
 *
 * A listener per operation would make Node warn of a leak from the eleventh on. While no operation waits there is no
 * listener at all: it would keep a signal of `AbortSignal.timeout()` alive until its time.
 */

/** What a signal interrupts. */
interface Heeding {
  interrupt(reason: unknown): void;
}

class Listener {
  readonly #signal: AbortSignal;
  readonly #waiting = new Set<Heeding>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(operation: Heeding): void {
    if (this.#waiting.size === 0) this.#signal.addEventListener('abort', this);
    this.#waiting.add(operation);
  }

  delete(operation: Heeding): void {
    if (!this.#waiting.delete(operation) || this.#waiting.size > 0) return;
    this.#signal.removeEventListener('abort', this);
  }

  handleEvent(): void {
    // A copy: whoever is interrupted leaves the set. Who left before its turn came is not pending, and not disturbed.
    for (const operation of [...this.#waiting]) operation.interrupt(this.#signal.reason);
  }
}

const listeners = /* @__PURE__ */ new WeakMap<AbortSignal, Listener>();

/** Interrupts the operation with the signal's reason when it aborts; until {@link unlisten}. */
export function listen(signal: AbortSignal, operation: Heeding): void {
  let listener = listeners.get(signal);
  if (listener === undefined) {
    listener = new Listener(signal);
    listeners.set(signal, listener);
  }
  listener.add(operation);
}

/** Does nothing for an operation that does not listen. */
export function unlisten(signal: AbortSignal, operation: Heeding): void {
  listeners.get(signal)?.delete(operation);
}
