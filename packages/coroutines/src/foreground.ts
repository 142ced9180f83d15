/** Calling back: from a pool thread, a coroutine runs on the thread that launched. */
import { type Coroutine, type Declaration, declarationOf } from './coroutine.js';
import { currentOwner } from './current-owner.js';
import { callerEnded, type ForegroundCall, type ForegroundCancel } from './foreground-calls.js';
import { noWayBack, unnamed } from './hop-error.js';
import { isInBackground } from './launch.js';
import { Operation } from './operation.js';
import { Started } from './started.js';
import type { LaunchContext } from './thread-state.js';

let lastId = 0;

/** Calls that wait for their answer, by the launch that they go through. */
const unanswered = /* @__PURE__ */ new WeakMap<LaunchContext, Set<Foreground>>();

class Foreground extends Operation<unknown> {
  readonly #launch: LaunchContext;
  readonly #call: ForegroundCall;

  constructor(launch: LaunchContext, call: ForegroundCall) {
    super();
    this.#launch = launch;
    this.#call = call;
  }

  protected start(): void {
    const calls = unanswered.get(this.#launch) ?? new Set();
    unanswered.set(this.#launch, calls.add(this));
    this.#launch
      .request(this.#call)
      .then(
        (value) => this.complete(value),
        (error) => this.fail(error),
      )
      .finally(() => calls.delete(this));
  }

  /** Nobody will answer any more. */
  giveUp(): void {
    this.fail(callerEnded());
  }

  protected stop(reason: unknown): boolean {
    const cancel: ForegroundCancel = { netloom: 'cancel', id: this.#call.id, reason };
    // Its answer says nothing: the call's own answer comes when it has ended.
    this.#launch.request(cancel).then(undefined, (error) => this.fail(error));
    return false;
  }
}

/**
 * Runs an exported coroutine on the thread that launched this one, and gives its result. There it simply runs.
 *
 * Arguments and result cross as all others do. Stopping the wait stops the coroutine, and waits for its end. It is
 * stopped too when the launched coroutine has ended without it (who still waits then gets a `CanceledError`), or when
 * that one's thread is lost.
 *
 * @param fn - declared with its module and name
 * @throws {TypeError} `fn` is no coroutine
 * @throws {HopError} ERR_HOP_UNNAMED; ERR_HOP_BACK: on a pool thread, outside of a launched coroutine
 */
export function foreground<A extends readonly unknown[], R, P>(
  fn: Coroutine<A, R, P>,
  ...args: A
): Operation<R> {
  const declaration = declarationOf(fn);
  if (declaration === undefined) {
    throw new TypeError(
      'foreground() needs a coroutine: declare it with coroutine(module, name, body)',
    );
  }
  if (!isInBackground()) return new Started<R>(() => declaration.runHere(args));
  const launch = currentOwner()?.ambient?.launch;
  if (launch === undefined) throw noWayBack('foreground()');
  const operation: Operation<unknown> = new Foreground(launch, callOf(declaration, args));
  // SAFETY: the answer is the result of this coroutine.
  return operation as Operation<R>;
}

/**
 * Says on the pool thread that a launched coroutine has ended: a coroutine that it left behind, and that waits in
 * `foreground()`, gets a `CanceledError`, as nobody answers it any more.
 *
 * @param launch - what the coroutine was run with
 */
export function launchEnded(launch: LaunchContext): void {
  for (const call of unanswered.get(launch) ?? []) call.giveUp();
  unanswered.delete(launch);
}

function callOf(declaration: Declaration, args: readonly unknown[]): ForegroundCall {
  const { label, module, exportName } = declaration;
  if (module === undefined || exportName === undefined) throw unnamed(label);
  lastId += 1;
  return { netloom: 'foreground', id: lastId, module, exportName, args };
}
