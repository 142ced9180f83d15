/**
 * What both kinds of body have in common when they run here: whom they serve, and the way of a cancellation.
 *
 *     none --cancel()--> due --arrives at an operation--> arriving --it failed--> arrived
 *                         ^---------------------------------- it completed all the same
 *
 *     due <--token.enablePropagation()--> held           nothing arrives while it is held
 *     any --its grace is over--> final                   arrives at every wait from now on
 *
 * A result that was won before the stop could take it back is kept, and the cancellation arrives at the next wait.
 * Sent to several, by an async body that waits for them together, it has arrived when one of them has failed.
 */
import { ambientOf } from './ambient.js';
import { AsyncActionBase } from './async-action.js';
import { type CanceledError, isFinal } from './cancellation.js';
import type { Cleanup } from './clean-up.js';
import type { ProgressReport } from './foreground-calls.js';
import { asOne } from './suppressed.js';
import type { Ambient, Identity, Owner } from './thread-state.js';

/** Cancellation: nobody asked. */
const NONE = 0;
/** What was interrupted has not ended. */
const ARRIVING = 1;
/** It was thrown into the body; there is no second time. */
const ARRIVED = 2;
/** The body does not want to be stopped: nobody has asked yet. */
const DEAF = 3;
/** The same, and somebody has asked. */
const HELD = 4;
/** Asked for; the next operation shall bring it. */
const DUE = 5;
/** Every wait fails from now on. */
const FINAL = 6;

/** A coroutine that runs on this thread. @internal */
export abstract class Run<T> extends AsyncActionBase<T> implements Owner {
  readonly ambient: Ambient | undefined;
  #cancellation = NONE;

  constructor(identity: Identity, given: Ambient | undefined) {
    super(identity);
    this.ambient = ambientOf(given);
  }

  get hasCancellation(): boolean {
    return this.#cancellation >= DUE;
  }

  takeCancellation(): CanceledError {
    if (this.#cancellation !== FINAL) this.#cancellation = ARRIVED;
    // SAFETY: only asked while one is due, and cancel() has stored it.
    return this.extras.stopReason as CanceledError;
  }

  /** Whether a stop arrives at its waits. @returns whether it did before */
  enablePropagation(isOn: boolean): boolean {
    const before = this.#cancellation;
    const was = before !== DEAF && before !== HELD;
    if (isOn && before === DEAF) this.#cancellation = NONE;
    else if (isOn && before === HELD) this.#cancellation = DUE;
    else if (!isOn && before === NONE) this.#cancellation = DEAF;
    else if (!isOn && before === DUE) this.#cancellation = HELD;
    return was;
  }

  /** That of a launched coroutine is heard of where it was launched. */
  override reportProgress(progress: unknown): void {
    const launch = this.ambient?.inner?.launch;
    if (launch !== undefined && this.status === 'Started') {
      if (launch.progress !== undefined) launch.progress(progress);
      else {
        const message: ProgressReport = { netloom: 'progress', progress };
        launch.request(message).then(undefined, (error) => this.cancel(error));
      }
    }
    super.reportProgress(progress);
  }

  protected requestStop(reason: CanceledError): void {
    if (isFinal(reason)) {
      this.#cancellation = FINAL;
      this.extras.cleaning?.cancel(reason);
      this.deliver();
    } else if (this.#cancellation === DEAF) {
      this.#cancellation = HELD;
    } else {
      this.#cancellation = DUE;
      this.deliver();
    }
  }

  /** Interrupts what is waited for, if anything is; see `arrivesAt`. */
  protected abstract deliver(): void;

  /** Sends the cancellation to an operation. One that has ended cannot take it: then it stays due. */
  protected arrivesAt(operation: {
    readonly isPending: boolean;
    interrupt(reason: unknown): void;
  }): void {
    if (!operation.isPending) return;
    if (this.#cancellation === DUE) this.#cancellation = ARRIVING;
    operation.interrupt(this.extras.stopReason);
  }

  /**
   * An operation has ended that was waited for.
   *
   * @param isLast - whether the cancellation is on its way to no other
   */
  protected hasWaited(operation: { readonly hasFailed: boolean }, isLast: boolean): void {
    if (this.#cancellation !== ARRIVING) return;
    if (operation.hasFailed) this.#cancellation = ARRIVED;
    else if (isLast) this.#cancellation = DUE;
  }

  /** The body has returned: clean-ups run before anybody hears of it. */
  protected bodyEnded(outcome: unknown): void {
    if (this.cleanups === undefined) this.end('Completed', outcome);
    else this.cleanUp(this.cleanups, [], outcome);
  }

  /** The body has thrown; the same. */
  protected bodyThrew(error: unknown): void {
    if (this.cleanups === undefined) this.endByThrow(error);
    else this.cleanUp(this.cleanups, [error], undefined);
  }

  /** Runs what `ensure()` has remembered. @internal */
  protected abstract startCleanups(
    cleanups: Cleanup[],
    fails: (error: unknown) => void,
  ): AsyncActionBase<unknown>;

  /**
   * Cleans up, then ends: by the first error, with the others attached.
   *
   * @param failures - the body's own, if it has failed
   */
  protected cleanUp(cleanups: Cleanup[], failures: unknown[], outcome: unknown): void {
    const run = this.startCleanups(cleanups, (error) => failures.push(error));
    this.extras.cleaning = run;
    // The grace may have been over before they began.
    if (this.#cancellation === FINAL) run.cancel(this.extras.stopReason);
    run.completed = () => {
      if (failures.length === 0) this.end('Completed', outcome);
      else this.endByThrow(asOne(failures));
    };
  }
}
