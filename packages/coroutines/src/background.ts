/** "Go to the background, do this, come back": the frame stays, another coroutine runs over there. */
import type { AsyncActionBase } from './async-action.js';
import { type Coroutine, declarationOf } from './coroutine.js';
import { isInBackground, launch } from './launch.js';
import type { Operation } from './operation.js';
import { Started } from './started.js';

/**
 * Runs an exported coroutine on a pool thread and gives its result. On a pool thread it runs right there.
 *
 * Stopping the wait stops the coroutine, and waits for its end.
 *
 * @param fn - declared with its module and name
 * @throws {TypeError} `fn` is no coroutine
 * @throws {HopError} ERR_HOP_UNNAMED, ERR_HOP_NO_ENTRY, ERR_HOP_ENTRY, ERR_HOP_ENTRY_MODULE
 */
export function background<A extends readonly unknown[], R, P>(
  fn: Coroutine<A, R, P>,
  ...args: A
): Operation<R> {
  const declaration = declarationOf(fn);
  if (declaration === undefined) {
    throw new TypeError(
      'background() needs a coroutine: declare it with coroutine(module, name, body)',
    );
  }
  return new Started<R>(
    (): AsyncActionBase<unknown> =>
      isInBackground() ? declaration.runHere(args) : launch(declaration, args),
  );
}
