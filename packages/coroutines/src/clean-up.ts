/** Clean-ups: functions that run when something has ended, one by one, the last one first, and may wait. */
import { type AsyncActionBase, isAction } from './async-action.js';
import { type Awaitable, toOperation } from './from-promise.js';
import { GeneratorRun } from './generator-run.js';
import { isOperation, type Suspension } from './operation.js';
import type { Identity } from './thread-state.js';

/** May be a generator function, or return an operation, an action or a promise, which is waited for. */
export type Cleanup = () => unknown;

/**
 * Runs them all, also when some fail: each failure is told, none ends it.
 *
 * @param of - whose they are
 * @internal
 */
export function runCleanups(
  of: Identity,
  cleanups: Cleanup[],
  fails: (error: unknown) => void,
): AsyncActionBase<unknown> {
  const identity = { label: `the clean-up of ${of.label}`, isNamed: false };
  return new GeneratorRun(identity, undefined).begin(oneByOne(cleanups, fails));
}

function* oneByOne(
  cleanups: Cleanup[],
  fails: (error: unknown) => void,
): Generator<Suspension, void, undefined> {
  for (let next = cleanups.pop(); next !== undefined; next = cleanups.pop()) {
    try {
      yield* waitFor(next());
    } catch (error) {
      fails(error);
    }
  }
}

function* waitFor(result: unknown): Generator<Suspension, void, undefined> {
  if (typeof result !== 'object' || result === null) return;
  if (isOperation(result) || isAction(result)) {
    yield* toOperation(result);
  } else if ('next' in result && Symbol.iterator in result) {
    // SAFETY: an iterable iterator that a clean-up returned: a generator, whose yields the driver checks.
    yield* result as Generator<Suspension, unknown, undefined>;
  } else if ('then' in result && typeof result.then === 'function') {
    // SAFETY: it has then().
    yield* toOperation(result as Awaitable<unknown>);
  }
}
