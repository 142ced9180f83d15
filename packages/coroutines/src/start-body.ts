/** From a function to a running coroutine: what kind of body it is, looked up once, and how each kind is started. */
import type { AsyncActionBase } from './async-action.js';
import { AsyncRun } from './async-run.js';
import { GeneratorRun } from './generator-run.js';
import type { Ambient, Identity } from './thread-state.js';

/** @internal */
export type AnyBody = (...args: readonly unknown[]) => unknown;

/** Starts a body on this thread. @internal */
export type Starter = (
  given: Ambient | undefined,
  ...args: readonly unknown[]
) => AsyncActionBase<unknown>;

/**
 * How a body is started.
 *
 * @param made - told of each run before it begins
 * @throws {TypeError} it is an async generator
 * @internal
 */
export function starterOf(
  body: AnyBody,
  identity: Identity,
  made?: (run: AsyncActionBase<unknown>) => void,
): Starter {
  const kind = Object.prototype.toString.call(body).slice(8, -1);
  if (kind === 'AsyncGeneratorFunction') {
    throw new TypeError(
      `${identity.label}: the body is an async generator; use function* with yield*, or async with await`,
    );
  }
  if (kind === 'GeneratorFunction') {
    // HOT: the arguments go straight through, so that no array is made of them.
    return (given, ...args) => {
      const run = new GeneratorRun(identity, given);
      made?.(run);
      let frame: unknown;
      try {
        frame = body(...args);
      } catch (error) {
        return run.refuse(error);
      }
      return run.begin(frame);
    };
  }
  return (given, ...args) => {
    const run = new AsyncRun(identity, given, () => promised(body(...args), identity));
    made?.(run);
    return run.begin();
  };
}

/** Runs a body that has no name, without declaring it. @internal */
export function runBody(
  body: AnyBody,
  args: readonly unknown[],
  given?: Ambient,
  made?: (run: AsyncActionBase<unknown>) => void,
): AsyncActionBase<unknown> {
  const label = `coroutine ${body.name || '(anonymous)'}`;
  return starterOf(body, { label, isNamed: false }, made)(given, ...args);
}

/** A plain function may stand in for either kind: a wrapper, or what a compiler made of one. */
function promised(result: unknown, identity: Identity): PromiseLike<unknown> {
  if (typeof result === 'object' && result !== null) {
    // First, because an action is its own iterator too.
    if ('then' in result && typeof result.then === 'function') {
      // SAFETY: it has then(), which is all that is used.
      return result as PromiseLike<unknown>;
    }
    if ('next' in result && Symbol.iterator in result) {
      return new GeneratorRun(identity, undefined).begin(result);
    }
  }
  throw new TypeError(`${identity.label}: the body returned neither a generator nor a promise`);
}
