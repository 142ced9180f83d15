/**
 * Something that has to be given back, as one body: what stands before `provide` opens it, what stands behind closes it.
 * effection's `resource`, Python's context manager.
 */
import type { ActionOwner, AsyncActionBase } from './async-action.js';
import { CanceledError, isFinal } from './cancellation.js';
import { Operation, type Suspension, type Waiter } from './operation.js';
import { type AnyBody, runBody } from './start-body.js';

/** Hands the resource out; waits until it is to be closed, which arrives here as a `CanceledError`. */
export type Provide<T> = (value: T) => Operation<never>;

/** What a resource is made of. */
export type ResourceBody<T> = (provide: Provide<T>) => Generator<Suspension, void, never>;

/** A resource that is open. */
export class OpenResource<T> implements AsyncDisposable {
  readonly value: T;
  readonly #run: AsyncActionBase<unknown>;
  readonly #provided: Operation<never>;
  /** A failure while it was open, in Node's own book of such errors until somebody closes it. */
  #unhandled: Promise<never> | undefined;
  #isTold = false;
  #isClosing = false;

  /** @internal */
  constructor(value: T, run: AsyncActionBase<unknown>, provided: Operation<never>) {
    this.value = value;
    this.#run = run;
    this.#provided = provided;
  }

  /**
   * Closes it and waits until that is done. May be called twice.
   *
   * @throws what its body throws
   */
  async close(): Promise<void> {
    await this.closing();
  }

  /** As `close()`: `await using it = await resource.open()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** As `close()`, for who may have to hurry it: the end of a grace reaches what it waits for. @internal */
  closing(): Operation<void> {
    return new Closing(this.#run, () => this.#close());
  }

  #close(): boolean {
    this.#isClosing = true;
    this.#unhandled?.catch(() => {});
    if (this.#isTold) return false;
    const wasStopped = this.#run.isCancelRequested;
    const reason = new CanceledError(undefined, 'canceled: the resource is closed');
    this.#run.cancel(reason);
    // A stop comes once, and it has had its own while it opened.
    if (wasStopped) this.#provided.interrupt(reason);
    return true;
  }

  /** Its body has failed on its own. @internal */
  failed(error: unknown, tell: ((error: unknown) => void) | undefined): void {
    // Then close() throws it.
    if (this.#isClosing) return;
    if (tell === undefined) {
      this.#unhandled = Promise.reject(error);
    } else {
      this.#isTold = true;
      tell(error);
    }
  }
}

/** How to open and close something. Made by {@link resource}; may be opened any number of times. */
export class Resource<T> {
  readonly #body: ResourceBody<T>;

  /** @internal */
  constructor(body: ResourceBody<T>) {
    this.#body = body;
  }

  /**
   * Opens it: `await using it = await resource.open()`. In a scope `yield* s.acquire(resource)` does without the block.
   *
   * Stopping the wait closes what has been opened until then. A failure of the body between opening and closing is
   * thrown by `close()`.
   */
  open(): Operation<OpenResource<T>> {
    return this.openAs((opened) => opened);
  }

  /** @param tell - takes a failure between opening and closing @internal */
  openAs<R>(use: (opened: OpenResource<T>) => R, tell?: (error: unknown) => void): Operation<R> {
    return new Opening(this.#body, use, tell);
  }
}

/**
 * Makes a resource of a body: what stands before `yield* provide(value)` opens it, what stands behind, in `finally`,
 * closes it. It is closed when the scope that acquired it ends, after the children and before what was acquired earlier.
 *
 * @param body - a generator function; it must call `provide` once
 *
 * @example
 * ```ts
 * import { resource, resumeAfter, scope } from '@netloom/coroutines';
 *
 * const database = (name: string) =>
 *   resource<string>(function* (provide) {
 *     yield* resumeAfter(1); // connecting
 *     try {
 *       yield* provide(name);
 *     } finally {
 *       yield* resumeAfter(1); // saying goodbye
 *       console.log(`${name} is closed`);
 *     }
 *   });
 *
 * await scope(function* (s) {
 *   const one = yield* s.acquire(database('one'));
 *   const two = yield* s.acquire(database('two'));
 *   console.log(one, two);
 * });
 * {
 *   await using three = await database('three').open();
 *   console.log(three.value);
 * }
 * ```
 *
 * ```text
 * one two
 * two is closed
 * one is closed
 * three
 * three is closed
 * ```
 */
export function resource<T>(body: ResourceBody<T>): Resource<T> {
  return new Resource(body);
}

class Opening<T, R> extends Operation<R> implements ActionOwner {
  readonly #body: ResourceBody<T>;
  readonly #use: (opened: OpenResource<T>) => R;
  readonly #tell: ((error: unknown) => void) | undefined;
  #run: AsyncActionBase<unknown> | undefined;
  /** Provided before the run was known, as its body needed no wait. */
  #early: { readonly value: T; readonly by: Provided } | undefined;
  #opened: OpenResource<T> | undefined;

  constructor(
    body: ResourceBody<T>,
    use: (opened: OpenResource<T>) => R,
    tell: ((error: unknown) => void) | undefined,
  ) {
    super();
    this.#body = body;
    this.#use = use;
    this.#tell = tell;
  }

  override toString(): string {
    return 'opening a resource';
  }

  override get coroutine(): object | undefined {
    return this.#run;
  }

  protected start(): void {
    // SAFETY: it is called with this one function.
    const body = this.#body as AnyBody;
    const run = runBody(body, [(value: T) => new Provided((by) => this.#provided({ value, by }))]);
    this.#run = run;
    run.adoptBy(this);
    if (this.#early !== undefined && run.status === 'Started') this.#provided(this.#early);
  }

  protected stop(reason: unknown): boolean {
    this.#run?.cancel(reason);
    return false;
  }

  childEnded(
    run: AsyncActionBase<unknown>,
    unobserved: { readonly error: unknown } | undefined,
  ): void {
    if (this.#opened === undefined) {
      const isFailure = run.status !== 'Completed';
      this.fail(
        isFailure ? run.errorCode : new TypeError('resource(): the body ended without provide()'),
      );
    } else if (unobserved !== undefined) {
      this.#opened.failed(unobserved.error, this.#tell);
    }
  }

  #provided(given: { readonly value: T; readonly by: Provided }): void {
    const run = this.#run;
    if (run === undefined) {
      this.#early = given;
    } else if (this.#opened === undefined) {
      this.#opened = new OpenResource(given.value, run, given.by);
      this.complete(this.#use(this.#opened));
    }
  }
}

/** Pending until it is stopped. */
class Provided extends Operation<never> {
  readonly #provide: (by: Provided) => void;

  constructor(provide: (by: Provided) => void) {
    super();
    this.#provide = provide;
  }

  override toString(): string {
    return 'provide';
  }

  protected start(): void {
    this.#provide(this);
  }

  protected stop(): boolean {
    return true;
  }
}

/** Waits until the body behind a resource has ended. */
class Closing extends Operation<void> implements Waiter {
  readonly #run: AsyncActionBase<unknown>;
  readonly #close: () => boolean;

  /** @param close - begins it; false where there is nothing to wait for */
  constructor(run: AsyncActionBase<unknown>, close: () => boolean) {
    super();
    this.#run = run;
    this.#close = close;
  }

  override toString(): string {
    return 'closing a resource';
  }

  override get coroutine(): object {
    return this.#run;
  }

  /** What is open is closed, also where no time is left for it. */
  protected override get holdsStartedWork(): boolean {
    return true;
  }

  protected start(): void {
    if (!this.#close()) {
      this.complete();
      return;
    }
    const end = this.#run.join();
    end.beginFor(this);
    if (end.isSettled) this.operationEnded(end);
  }

  protected stop(reason: unknown): boolean {
    if (isFinal(reason)) this.#run.cancel(reason);
    return false;
  }

  operationEnded(end: Operation<unknown>): void {
    if (!end.hasFailed || this.#run.status === 'Canceled') this.complete();
    else this.fail(end.outcome);
  }
}
