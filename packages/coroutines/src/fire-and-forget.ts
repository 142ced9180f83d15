/** Work that nobody waits for: C++/WinRT's `fire_and_forget`. */

import { isAction } from './async-action.js';
import type { IAsyncInfo } from './async-info.js';

/**
 * Says that nobody waits for a coroutine. It is owned by no scope and may outlive its caller: prefer `s.spawn()`.
 *
 * In C++ an error of such a coroutine ends the process. Here it goes to `onError`; without one it is Node's
 * `unhandledRejection`, which a program may catch. An end by cancellation is silent.
 *
 * @param action - what calling a coroutine gave
 * @param onError - gets the error that it ends with
 * @throws {TypeError} it is no action
 *
 * @example
 * ```ts
 * import { coroutine, fireAndForget } from '@netloom/coroutines';
 *
 * const log = coroutine(async function log(line: string) {
 *   if (line === '') throw new RangeError('nothing to log');
 * });
 *
 * fireAndForget(log('started'));
 * fireAndForget(log(''), (error) => console.log(String(error)));
 * ```
 *
 * ```text
 * RangeError: nothing to log
 * ```
 */
export function fireAndForget(action: IAsyncInfo, onError?: (error: unknown) => void): void {
  if (!isAction(action)) throw new TypeError('fireAndForget() needs what calling a coroutine gave');
  if (onError === undefined) return;
  action.completed = (_, status) => {
    if (status === 'Error') onError(action.errorCode);
  };
}
