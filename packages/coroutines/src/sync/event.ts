/**
 * Events, under the names of .NET and Win32: one that stays set until it is reset, and one that lets a single waiter
 * through and is reset by that. Trio's Event is the first.
 */
import type { Operation } from '../operation.js';
import { GateWait } from './gate-wait.js';
import { grantAll, type Wait, type WaitOptions } from './wait.js';
import { WaitQueue } from './wait-queue.js';

/** What both have: a line, and whether it is set. */
abstract class ResetEvent {
  /** For its waits. @internal */
  readonly line = new WaitQueue<Wait<unknown>>();
  protected isOn: boolean;

  /** @param isSet - at first; default false */
  constructor(isSet = false) {
    this.isOn = isSet;
  }

  get isSet(): boolean {
    return this.isOn;
  }

  /** How many wait. */
  get waiting(): number {
    return this.line.length;
  }

  reset(): void {
    this.isOn = false;
  }

  /** For its waits. @internal */
  get isOpen(): boolean {
    return this.isOn;
  }
}

/** Stays set, and lets everybody through, until `reset()`. */
export class ManualResetEvent extends ResetEvent {
  /** Wakes all who wait. They have their turn even if it is reset at once. */
  set(): void {
    this.isOn = true;
    grantAll(this.line);
  }

  /** Waits until it is set; at once if it is. */
  wait(options?: WaitOptions): Operation<void> {
    return new GateWait(this, 'manualResetEvent.wait()', options);
  }
}

/** Lets one waiter through each time it is set; set while nobody waits, it lets the next one through. */
export class AutoResetEvent extends ResetEvent {
  /** Wakes the one that has waited longest, or remembers it for the next. Set twice, it is remembered once. */
  set(): void {
    const { first } = this.line;
    if (first === undefined) this.isOn = true;
    else first.grant(undefined);
  }

  /** Waits until it is set, and resets it. One that is stopped has not used it up. */
  wait(options?: WaitOptions): Operation<void> {
    return new GateWait(this, 'autoResetEvent.wait()', options);
  }

  /** For its waits. @internal */
  passed(): void {
    this.isOn = false;
  }
}
