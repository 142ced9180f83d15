/**
 * Calls from a pool thread back to the thread that launched: what is asked, and who answers.
 *
 * A call is a request of the task, with the place of a coroutine; to stop one is a second request with its number.
 */
import type { AsyncActionBase } from './async-action.js';
import { CanceledError, toCanceledError } from './cancellation.js';
import { fgEntry } from './entries.js';
import { findCoroutine } from './find-coroutine.js';

/** @internal */
export interface ForegroundCall {
  readonly netloom: 'foreground';
  readonly id: number;
  readonly module: string;
  readonly exportName: string;
  readonly args: readonly unknown[];
}

/** @internal */
export interface ForegroundCancel {
  readonly netloom: 'cancel';
  readonly id: number;
  readonly reason: unknown;
}

/** How far a launched coroutine is, from an executor that has no other way to tell. @internal */
export interface ProgressReport {
  readonly netloom: 'progress';
  readonly progress: unknown;
}

/** A call from its arrival to its end. */
interface Running {
  /** Absent while its module is looked for. */
  action?: AsyncActionBase<unknown>;
  /** Boxed: stopped before it could begin. */
  stop?: { readonly reason: unknown };
}

/** What one launch is asked by its coroutine over there. */
export class ForegroundCalls {
  readonly #running = new Map<number, Running>();
  readonly #onProgress: ((progress: unknown) => void) | undefined;
  #isClosed = false;

  /** @param onProgress - hears how far the launched coroutine is; absent: nobody does */
  constructor(onProgress?: (progress: unknown) => void) {
    this.#onProgress = onProgress;
  }

  /**
   * Answers one request of the task: runs the coroutine that it names, here, or stops one that runs.
   *
   * @throws what the coroutine throws; a TypeError for a message that is no call of `foreground()`
   */
  async answer(message: unknown): Promise<unknown> {
    if (isMessage(message, 'foreground')) return this.#call(message);
    if (isMessage(message, 'cancel')) {
      const running = this.#running.get(message.id);
      if (running !== undefined) stop(running, message.reason);
      return undefined;
    }
    if (isMessage(message, 'progress')) {
      this.#onProgress?.(message.progress);
      return undefined;
    }
    throw new TypeError(
      'a coroutine task was asked something that neither is a call of foreground() nor its progress',
    );
  }

  /** The launch has ended, or its thread is gone: nobody waits for what still runs for it. */
  close(): void {
    this.#isClosed = true;
    if (this.#running.size === 0) return;
    const reason = callerEnded();
    for (const running of [...this.#running.values()]) stop(running, reason);
  }

  async #call({ id, module, exportName, args }: ForegroundCall): Promise<unknown> {
    if (this.#isClosed) throw callerEnded();
    const running: Running = {};
    this.#running.set(id, running);
    try {
      const found = findCoroutine(module, exportName);
      const declaration = found instanceof Promise ? await found : found;
      const entry = fgEntry();
      if (entry !== undefined) await new Promise<void>((resolve) => entry(resolve));
      if (running.stop !== undefined) throw toCanceledError(running.stop.reason);
      running.action = declaration.runHere(args);
      return await running.action;
    } finally {
      this.#running.delete(id);
    }
  }
}

function stop(running: Running, reason: unknown): void {
  running.stop ??= { reason };
  running.action?.cancel(reason);
}

/** @internal */
export function callerEnded(): CanceledError {
  return new CanceledError(undefined, 'canceled: the coroutine that called foreground() has ended');
}

type Messages = {
  foreground: ForegroundCall;
  cancel: ForegroundCancel;
  progress: ProgressReport;
};

function isMessage<K extends keyof Messages>(message: unknown, kind: K): message is Messages[K] {
  return (
    typeof message === 'object' &&
    message !== null &&
    'netloom' in message &&
    message.netloom === kind
  );
}
