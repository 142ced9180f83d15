/**
 * One connection and its handler, from the first statement to the closed socket; the same on this thread and on a pool's.
 *
 * However the handler ends, the connection is closed before anybody hears of it: a freed permit never finds the
 * descriptor still taken.
 */
import { Connection } from '@netloom/connection';
import type { IAsyncOperation } from '@netloom/coroutines';
import { type LaunchContext, launchEnded, runLaunched } from '@netloom/coroutines/launched';
import type { Socket } from '@netloom/winsock-native';
import type { ConnectionDefaults, Handler } from '../handler.js';
import { DEFAULT_TIMEOUTS } from './default-timeouts.js';

/** How a handler ended. */
export interface ServingEnd {
  handlerReturned(result: unknown): void;
  handlerFailed(error: unknown): void;
}

/** @param options - undefined stands for the server's defaults, which so need not cross */
export function openConnection(
  socket: Socket,
  options: ConnectionDefaults | undefined,
): Connection {
  return new Connection(socket, options ?? DEFAULT_TIMEOUTS);
}

/** A handler at work. */
export class Serving {
  readonly #connection: Connection;
  readonly #end: ServingEnd;
  #action: IAsyncOperation<unknown> | undefined;
  #launch: LaunchContext | undefined;
  #hasEnded = false;

  constructor(connection: Connection, end: ServingEnd) {
    this.#connection = connection;
    this.#end = end;
  }

  /**
   * Calls the handler; what it returns says whether it has ended. Never throws, whatever the handler returns.
   *
   * @param launch - on a pool's thread: by it a coroutine calls back
   */
  start(handler: Handler, launch?: LaunchContext): void {
    this.#launch = launch;
    let result: unknown;
    try {
      result =
        launch === undefined
          ? handler(this.#connection)
          : runLaunched(handler, launch, this.#connection);
      if (this.#follows(result)) return;
    } catch (error) {
      this.#failed(error);
      return;
    }
    this.#returned(result);
  }

  /**
   * Stops the handler: a coroutine is cancelled where it waits; every handler finds its connection closed.
   *
   * Closed at once, so that a `finally` that waits for the peer cannot hold up the end.
   */
  cancel(reason: unknown): void {
    this.#action?.cancel(reason);
    this.#connection.close();
  }

  /** Waits for the end of what a handler returned, if that has one. Its methods are the handler's code, and may throw. */
  #follows(result: unknown): boolean {
    if (!isThenable(result)) return false;
    if (isAction(result)) {
      this.#action = result;
      // Costs no promise, unlike then().
      result.completed = this.#completed;
    } else result.then(this.#returned, this.#failed);
    return true;
  }

  readonly #completed = (action: IAsyncOperation<unknown>): void => {
    if (action.status === 'Completed') this.#returned(action.getResults());
    else this.#failed(action.errorCode);
  };

  readonly #returned = (result: unknown): void => {
    if (!this.#isFirstEnd()) return;
    this.#end.handlerReturned(result);
  };

  readonly #failed = (error: unknown): void => {
    if (!this.#isFirstEnd()) return;
    this.#end.handlerFailed(error);
  };

  /** Closes the connection. A thenable that is no promise may call back twice, or call back and throw. */
  #isFirstEnd(): boolean {
    if (this.#hasEnded) return false;
    this.#hasEnded = true;
    this.#connection.close();
    if (this.#launch !== undefined) launchEnded(this.#launch);
    return true;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> & object {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}

/** What calling a coroutine gives; one whose `completed` is taken is awaited like any promise. */
function isAction(value: object): value is IAsyncOperation<unknown> {
  return 'completed' in value && 'getResults' in value && value.completed === undefined;
}
