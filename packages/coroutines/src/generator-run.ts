/**
 * Drives a generator body: from wait to wait, one slice at a time.
 *
 * An operation says by `next()` how it ended, so that the driver only asks the generator to go on. The driver is
 * its own job and its own waiter: a coroutine costs this object and its generator.
 */

import type { LiveState } from './async-action.js';
import { type CapturedContext, captureContext, runInContext } from './carry-context.js';
import { currentOwner } from './current-owner.js';
import { isOperation, type Operation, type Suspension, type Waiter } from './operation.js';
import { Run } from './run.js';
import { type Job, runNow, schedule } from './run-queue.js';
import { type Identity, type LaunchContext, thread } from './thread-state.js';

/** A generator as its driver sees it: nothing is ever sent into it. */
export type Body = Iterator<Suspension, unknown, undefined>;

/** @internal */
export class GeneratorRun<T> extends Run<T> implements Job, Waiter {
  /** Absent until its first slice: a parameter's default that throws is the body's error too. */
  #body: Body | undefined;
  readonly #make: (...args: readonly unknown[]) => unknown;
  readonly #args: readonly unknown[];
  #waitsFor: Operation<unknown> | undefined;
  /** Boxed: what a plain yield earns is thrown into the body in its next slice. */
  #toThrow: { readonly error: unknown } | undefined;
  readonly #context: CapturedContext | undefined;

  /** @param make - the generator function */
  constructor(
    identity: Identity,
    launch: LaunchContext | undefined,
    make: (...args: readonly unknown[]) => unknown,
    args: readonly unknown[],
  ) {
    super(identity, launch);
    this.#make = make;
    this.#args = args;
    this.#context = captureContext();
  }

  get waitsFor(): readonly Operation<unknown>[] {
    const operation = this.#waitsFor;
    return operation === undefined || operation.isSettled ? [] : [operation];
  }

  get liveState(): LiveState {
    return this.waitsFor.length > 0 ? 'waiting' : 'runnable';
  }

  /** Runs it to its first wait. */
  begin(): this {
    if (thread.watcher !== undefined || thread.isTracing) this.started(currentOwner());
    runNow(this);
    return this;
  }

  runSlice(): void {
    const context = this.#context;
    const owners = thread.asyncOwners;
    if (context === undefined && owners === undefined) {
      this.#step();
      return;
    }
    // Whoever woke it may be an async body: what this one calls must not be taken for that one's.
    const step = () =>
      owners === undefined ? this.#step() : owners.run(undefined, () => this.#step());
    if (context === undefined) step();
    else runInContext(context, step);
  }

  operationEnded(operation: Operation<unknown>): void {
    this.hasWaited(operation, true);
    schedule(this);
  }

  protected deliver(): void {
    if (this.#waitsFor !== undefined) this.arrivesAt(this.#waitsFor);
  }

  #step(): void {
    const before = thread.owner;
    thread.owner = this;
    this.#waitsFor = undefined;
    let ended = false;
    let result: unknown;
    let thrown: { readonly error: unknown } | undefined;
    try {
      const toThrow = this.#toThrow;
      this.#toThrow = undefined;
      // SAFETY: coroutine() accepts generator functions only, by their types and by their kind.
      this.#body ??= this.#make(...this.#args) as Body;
      const step = toThrow === undefined ? this.#body.next() : throwInto(this.#body, toThrow.error);
      ended = step.done === true;
      result = step.value;
    } catch (error) {
      thrown = { error };
    } finally {
      thread.owner = before;
    }
    if (thrown !== undefined) this.endByThrow(thrown.error);
    else if (ended) this.end('Completed', result);
    else this.#wait(result);
  }

  #wait(yielded: unknown): void {
    if (!isOperation(yielded) || !yielded.tellWhenSettled(this)) {
      this.#toThrow = { error: plainYield(yielded) };
      schedule(this);
      return;
    }
    this.#waitsFor = yielded;
    thread.watcher?.changed(this);
    if (this.hasCancellation) this.arrivesAt(yielded);
  }
}

/** A generator has throw(); an iterator that somebody wrote by hand may not, and simply ends. */
function throwInto(body: Body, error: unknown): IteratorResult<unknown, unknown> {
  if (body.throw === undefined) throw error;
  return body.throw(error);
}

function plainYield(value: unknown): TypeError {
  const seen = isOperation(value) ? `an operation that ${fateOf(value)}` : describe(value);
  return new TypeError(
    `a coroutine waits with yield*, not yield: got ${seen}; write yield* operation, and fromPromise() around a promise`,
  );
}

function fateOf(operation: Operation<unknown>): string {
  if (!operation.isUsed) return 'was not started';
  return operation.isSettled ? 'has ended' : 'another waits for';
}

function describe(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    const isThenable = 'then' in value && typeof value.then === 'function';
    return isThenable ? 'a promise' : Object.prototype.toString.call(value);
  }
  return typeof value === 'function' ? 'a function' : String(value);
}
