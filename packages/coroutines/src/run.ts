/**
 * What both kinds of body have in common when they run here: whom they serve, and the way of a cancellation.
 *
 *     none --cancel()--> due --arrives at an operation--> arriving --it failed--> arrived
 *                         ^---------------------------------- it completed all the same
 *
 * A result that was won before the stop could take it back is kept, and the cancellation arrives at the next wait.
 * Sent to several, by an async body that waits for them together, it has arrived when one of them has failed.
 */
import { AsyncActionBase } from './async-action.js';
import type { CanceledError } from './cancellation.js';
import { currentOwner } from './current-owner.js';
import type { Identity, LaunchContext, Owner } from './thread-state.js';

/** Cancellation: nobody asked. */
const NONE = 0;
/** Asked for; the next operation shall bring it. */
const DUE = 1;
/** What was interrupted has not ended. */
const ARRIVING = 2;
/** It was thrown into the body; there is no second time. */
const ARRIVED = 3;

/** A coroutine that runs on this thread. @internal */
export abstract class Run<T> extends AsyncActionBase<T> implements Owner {
  readonly launch: LaunchContext | undefined;
  #cancellation = NONE;
  #reason: CanceledError | undefined;

  constructor(identity: Identity, launch: LaunchContext | undefined) {
    super(identity);
    // A nested coroutine stays where its caller was launched.
    this.launch = launch ?? currentOwner()?.launch;
  }

  get hasCancellation(): boolean {
    return this.#cancellation === DUE;
  }

  takeCancellation(): CanceledError {
    this.#cancellation = ARRIVED;
    // SAFETY: only asked while one is due, and requestStop() stored it.
    return this.#reason as CanceledError;
  }

  protected requestStop(reason: CanceledError): void {
    this.#reason = reason;
    this.#cancellation = DUE;
    this.deliver();
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
    operation.interrupt(this.#reason);
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
}
