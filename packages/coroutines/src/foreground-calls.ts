/**
 * Calls from a pool thread back to the thread that launched: what is asked, and who answers.
 *
 * A call is a request of the task, with the place of a coroutine; to stop one is a second request with its number.
 */
import type { AsyncActionBase } from './async-action.js';
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

/** What one launch is asked by its coroutine over there. @internal */
export class ForegroundCalls {
  readonly #running = new Map<number, AsyncActionBase<unknown>>();
  /** Stopped before its module was there. */
  readonly #stopped = new Map<number, unknown>();

  async answer(message: unknown): Promise<unknown> {
    if (isMessage(message, 'foreground')) return this.#call(message);
    if (isMessage(message, 'cancel')) {
      const running = this.#running.get(message.id);
      if (running === undefined) this.#stopped.set(message.id, message.reason);
      else running.cancel(message.reason);
      return undefined;
    }
    throw new TypeError('a coroutine task was asked something that is no call of foreground()');
  }

  async #call({ id, module, exportName, args }: ForegroundCall): Promise<unknown> {
    const declaration = await findCoroutine(module, exportName);
    const action = declaration.runHere(args);
    this.#running.set(id, action);
    if (this.#stopped.has(id)) action.cancel(this.#stopped.get(id));
    try {
      return await action;
    } finally {
      this.#running.delete(id);
      this.#stopped.delete(id);
    }
  }
}

type Messages = { foreground: ForegroundCall; cancel: ForegroundCancel };

function isMessage<K extends keyof Messages>(message: unknown, kind: K): message is Messages[K] {
  return (
    typeof message === 'object' &&
    message !== null &&
    'netloom' in message &&
    message.netloom === kind
  );
}
