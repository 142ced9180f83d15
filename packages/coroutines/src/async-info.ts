/**
 * What a started coroutine looks like to its caller: C++/WinRT's IAsyncInfo, IAsyncAction, IAsyncOperation and their
 * forms with progress. Types only; what stands behind them is async-action.ts.
 *
 *     Started --> Completed | Canceled | Error       once, for good
 */
import type { Suspension } from './operation.js';

/** Where an action stands. `Canceled`: its body ended by a `CanceledError`. */
export type AsyncStatus = 'Started' | 'Completed' | 'Canceled' | 'Error';

/** Called once, when the action has ended. */
export type CompletedHandler<S> = {
  // Written as a method, whose parameters TypeScript compares loosely: an IAsyncOperation<number> shall do where an
  // IAsyncOperation<unknown> is asked for.
  call(sender: S, status: AsyncStatus): void;
}['call'];

/** Called with each report of progress. */
export type ProgressHandler<S, P> = { call(sender: S, progress: P): void }['call'];

export interface CancelOptions {
  /**
   * How long it may take to end, in milliseconds from now. After that every wait in it fails at once, those in its
   * `finally` and behind a `shield()` too, so that it ends unless it computes for ever. 0: at once. Absent: it may
   * take its time. What runs on a pool thread has the pool's own grace instead.
   */
  readonly graceMs?: number | undefined;
}

/** What every started coroutine can be asked. */
export interface IAsyncInfo {
  readonly status: AsyncStatus;
  /** What it failed with (status `Error`) or was cancelled with (`Canceled`); otherwise undefined. */
  readonly errorCode: unknown;
  /**
   * Asks it to stop: a `CanceledError` arrives at the operation it waits for, or at the next one, once. Its
   * `finally` runs and may wait itself. Does nothing once it has ended; a second call can only set a shorter grace.
   *
   * @param reason - becomes the `cause` of the `CanceledError`
   * @throws {RangeError} `graceMs` is not a number from 0
   */
  cancel(reason?: unknown, options?: CancelOptions): void;
  /**
   * Lets go of the result. May be called twice.
   *
   * @throws {TypeError} it still runs: cancel it and wait first
   */
  close(): void;
  /** Cancels it if it still runs, and waits for its end; an end by cancellation is not an error here. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A started coroutine with a result. */
export interface IAsyncOperation<T> extends IAsyncInfo, PromiseLike<T> {
  /** Called once as `(sender, status)` when it has ended, at once if it has. Can be set once. */
  completed: CompletedHandler<this> | undefined;
  /**
   * The result.
   *
   * @throws the error it ended with; {TypeError} it still runs, or `close()` was called
   */
  getResults(): T;
  [Symbol.iterator](): Iterator<Suspension, T, undefined>;
}

/** A started coroutine without a result. */
export interface IAsyncAction extends IAsyncOperation<void> {}

/** A started coroutine with a result that tells how far it is: its body has a `getProgressToken<P>()`. */
export interface IAsyncOperationWithProgress<T, P> extends IAsyncOperation<T> {
  /**
   * Called as `(sender, progress)` with each report; with the latest at once if there has been one. `undefined` takes
   * it away. An error that it throws is the program's, not the coroutine's.
   */
  progress: ProgressHandler<this, P> | undefined;
}

/** The same without a result. */
export interface IAsyncActionWithProgress<P> extends IAsyncOperationWithProgress<void, P> {}
