/**
 * Drives a generator body: from wait to wait, one slice at a time.
 *
 * An operation says by `next()` how it ended, so that the driver only asks the generator to go on. The driver is
 * its own job and its own waiter: a coroutine costs this object and its generator.
 */
import type { AsyncActionBase, LiveState } from './async-action.js';
import { runInContext } from './carry-context.js';
import { type Cleanup, runCleanups } from './clean-up.js';
import { currentOwner } from './current-owner.js';
import { isOperation, type Operation, type Suspension, type Waiter } from './operation.js';
import { Run } from './run.js';
import { type Job, runNow, schedule } from './run-queue.js';
import { thread } from './thread-state.js';

/** A generator as its driver sees it: nothing is ever sent into it. */
export type Body = Iterator<Suspension, unknown, undefined>;

/** In the place of a wait: what a plain yield earns is thrown into the body in its next slice. */
class Misuse {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** @internal */
export class GeneratorRun<T> extends Run<T> implements Job, Waiter {
  // HOT: no private methods, which would be one more field; static ones are not.
  #body: Body | undefined;
  #waitsFor: Operation<unknown> | Misuse | undefined;

  get waitsFor(): readonly Operation<unknown>[] {
    const wait = this.#waitsFor;
    return wait === undefined || wait instanceof Misuse || wait.isSettled ? [] : [wait];
  }

  get liveState(): LiveState {
    return this.waitsFor.length > 0 ? 'waiting' : 'runnable';
  }

  /**
   * Runs it to its first wait.
   *
   * @param frame - the generator
   */
  begin(frame: unknown): this {
    // SAFETY: starterOf() hands over what a generator function gave.
    this.#body = frame as Body;
    if (thread.watcher !== undefined || thread.isTracing) this.started(currentOwner());
    runNow(this);
    return this;
  }

  /** There is no generator: a parameter's default has thrown, which is the body's error too. */
  refuse(error: unknown): this {
    this.bodyThrew(error);
    return this;
  }

  runSlice(): void {
    const context = this.ambient?.context;
    const owners = thread.asyncOwners;
    const isInAsyncBody = owners !== undefined && owners.getStore() !== undefined;
    if (context === undefined && !isInAsyncBody) {
      GeneratorRun.#step(this);
      return;
    }
    // Whoever woke it may be an async body: what this one calls must not be taken for that one's.
    const step = () =>
      isInAsyncBody
        ? owners.run(undefined, () => GeneratorRun.#step(this))
        : GeneratorRun.#step(this);
    if (context === undefined) step();
    else runInContext(context, step);
  }

  operationEnded(operation: Operation<unknown>): void {
    this.hasWaited(operation, true);
    schedule(this);
  }

  protected startCleanups(
    cleanups: Cleanup[],
    fails: (error: unknown) => void,
  ): AsyncActionBase<unknown> {
    return runCleanups(this.identity, cleanups, fails);
  }

  protected deliver(): void {
    const wait = this.#waitsFor;
    if (wait !== undefined && !(wait instanceof Misuse)) this.arrivesAt(wait);
  }

  static #step(run: GeneratorRun<unknown>): void {
    const before = thread.owner;
    const wait = run.#waitsFor;
    thread.owner = run;
    run.#waitsFor = undefined;
    let step: IteratorResult<unknown, unknown>;
    try {
      // SAFETY: begin() has set it before the first slice.
      const body = run.#body as Body;
      step = wait instanceof Misuse ? throwInto(body, wait.error) : body.next();
    } catch (error) {
      thread.owner = before;
      run.bodyThrew(error);
      return;
    }
    thread.owner = before;
    if (step.done === true) run.bodyEnded(step.value);
    else GeneratorRun.#wait(run, step.value);
  }

  static #wait(run: GeneratorRun<unknown>, yielded: unknown): void {
    if (!isOperation(yielded) || !yielded.tellWhenSettled(run)) {
      run.#waitsFor = new Misuse(plainYield(yielded));
      schedule(run);
      return;
    }
    run.#waitsFor = yielded;
    thread.watcher?.changed(run);
    if (run.hasCancellation) run.arrivesAt(yielded);
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
