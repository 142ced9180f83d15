/**
 * For packages that bring work to another thread by tasks of their own: how a coroutine is run there as if it had been
 * launched, and who answers its `foreground()` calls on this side.
 *
 * Subpath `@netloom/coroutines/launched`. Programs need `setBgEntry` and `CoroutineTask` only.
 */
import { declarationOf } from './coroutine.js';
import { launchEnded } from './foreground.js';
import { ForegroundCalls } from './foreground-calls.js';
import type { LaunchContext } from './thread-state.js';

export type { LaunchContext } from './thread-state.js';
export { ForegroundCalls, launchEnded };

/**
 * Calls a function; a coroutine runs here from its beginning, and its `foreground()` calls go through the launch.
 *
 * @param fn - a coroutine; anything else is simply called, and cannot call back
 * @param launch - the context of the task that runs it; `launchEnded` is to be told when the coroutine has ended
 * @returns what the call returns
 */
export function runLaunched<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  launch: LaunchContext,
  ...args: A
): R {
  const declaration = declarationOf(fn);
  if (declaration === undefined) return fn(...args);
  const action: unknown = declaration.runHere(args, launch);
  // SAFETY: the action that calling this coroutine gives.
  return action as R;
}
