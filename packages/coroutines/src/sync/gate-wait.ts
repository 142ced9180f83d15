/** The wait for something that is either open or not, and wakes all or some when it opens: events, latches. */
import { Wait, type WaitOptions } from './wait.js';
import type { WaitQueue } from './wait-queue.js';

/** What such a wait asks. @internal */
export interface Gate {
  readonly line: WaitQueue<Wait<unknown>>;
  readonly isOpen: boolean;
  /** One has gone through without waiting. */
  passed?(): void;
}

/** @internal */
export class GateWait extends Wait<void> {
  readonly #gate: Gate;
  readonly #name: string;

  constructor(gate: Gate, name: string, options: WaitOptions | undefined) {
    super(options);
    this.#gate = gate;
    this.#name = name;
  }

  override toString(): string {
    return this.#name;
  }

  get isReady(): boolean {
    return this.#gate.isOpen;
  }

  protected get line(): WaitQueue<Wait<unknown>> {
    return this.#gate.line;
  }

  protected endNow(): void {
    this.#gate.passed?.();
    this.complete();
  }
}
