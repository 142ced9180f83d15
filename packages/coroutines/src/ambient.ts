/** What surrounds a coroutine, worked out once when it is called; nothing is made where nothing differs. */
import { captureContext } from './carry-context.js';
import { currentOwner } from './current-owner.js';
import type { Ambient, LaunchContext } from './thread-state.js';

/** What a new coroutine gets: what was `given` to it, or its caller's; and its own context. @internal */
export function ambientOf(given: Ambient | undefined): Ambient | undefined {
  const around = given ?? callers();
  const context = captureContext();
  if (context === undefined && around?.context === undefined) return around;
  return { launch: around?.launch, deadline: around?.deadline, context, inner: around?.inner };
}

/** What surrounds a coroutine that another thread has launched. @internal */
export function launchedBy(launch: LaunchContext): Ambient {
  const inner = { launch, deadline: undefined, context: undefined, inner: undefined };
  return { ...inner, inner };
}

/** The caller's surroundings with a deadline; the nearer one counts. @internal */
export function withDeadline(deadline: number): Ambient {
  const around = callers();
  const nearest = Math.min(deadline, around?.deadline ?? Number.POSITIVE_INFINITY);
  return { launch: around?.launch, deadline: nearest, context: undefined, inner: undefined };
}

/**
 * When the nearest deadline around the calling coroutine is, on the `clock`; undefined without one, and outside of
 * coroutines. A deadline of the launching thread is not known on a pool thread; its stop comes all the same.
 */
export function currentDeadline(): number | undefined {
  return currentOwner()?.ambient?.deadline;
}

function callers(): Ambient | undefined {
  const around = currentOwner()?.ambient;
  return around?.inner ?? around;
}
