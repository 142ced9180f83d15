/**
 * Work of one thread in an order of its own: at a time, as agave's job scheduler has it, by priority, again and again.
 *
 * A job is a coroutine that first waits for its turn. Turns are given in batches: after `budgetMs` the event loop has its
 * own, so that a long line starves neither sockets nor timers. Waiting counts as priority, so that a low one is late
 * and never forgotten: what a job of priority p is worth after w ms is p + w / AGING_MS, and as all age alike, their
 * order never changes.
 */
import type { ActionOwner, AsyncActionBase } from './async-action.js';
import type { IAsyncAction, IAsyncOperation } from './async-info.js';
import { clock, type Timer } from './clock.js';
import { yieldTurn } from './fairness.js';
import { toOperation } from './from-promise.js';
import { Operation, type OperationOptions, type Suspension } from './operation.js';
import { PriorityQueue, type Ranked } from './priority-queue.js';
import { runBody } from './start-body.js';
import { ClosedError } from './sync/closed-error.js';
import { Interval, type IntervalOptions } from './sync/interval.js';

/** One step of priority is worth this much waiting. */
const AGING_MS = 1000;
/** A frame at 60 Hz has 16 ms: half of one at most goes to jobs. */
const DEFAULT_BUDGET_MS = 8;

export interface JobSchedulerOptions {
  /** For how long jobs may follow one another before the event loop has its turn, in ms from 0. Default 8. */
  readonly budgetMs?: number | undefined;
}

export interface TurnOptions extends OperationOptions {
  /** Higher goes first; any number. Default 0. One step is worth a second of waiting. */
  readonly priority?: number | undefined;
  /** Not before so many ms from now. Default 0. */
  readonly delayMs?: number | undefined;
}

export interface PeriodicOptions extends TurnOptions, IntervalOptions {}

/** What a job may be: a generator function, an async or a plain one. */
export type Job<R> = () => R | PromiseLike<R> | Generator<Suspension, R, never>;

/** Runs jobs on the thread that made it. */
export class JobScheduler implements ActionOwner, AsyncDisposable {
  readonly #budgetMs: number;
  readonly #line = new PriorityQueue<Turn>();
  /** Started and not ended. */
  readonly #jobs = new Set<AsyncActionBase<unknown>>();
  readonly #periodic = new Set<AsyncActionBase<unknown>>();
  /** Who wants to know that no job is left. */
  #onIdle: (() => void)[] = [];
  #isAsked = false;
  #closed: ClosedError | undefined;

  /** @throws {RangeError} `budgetMs` is not a number from 0 */
  constructor({ budgetMs = DEFAULT_BUDGET_MS }: JobSchedulerOptions = {}) {
    if (!(budgetMs >= 0)) {
      throw new RangeError(
        `budgetMs must be a number of milliseconds from 0: got ${String(budgetMs)}`,
      );
    }
    this.#budgetMs = budgetMs;
  }

  /** How many wait for their turn; those that are delayed are not among them yet. */
  get waiting(): number {
    return this.#line.length;
  }

  /** How many jobs have been taken and have not ended. */
  get size(): number {
    return this.#jobs.size;
  }

  /**
   * Waits for a turn: what comes after it runs as a job of this scheduler. Always a real wait.
   *
   * @throws {ClosedError} it is closed
   * @throws {RangeError} `priority` is no number, `delayMs` not a finite one from 0
   */
  turn(options?: TurnOptions): Operation<void> {
    if (this.#closed !== undefined) throw this.#closed;
    return new Turn(this, options);
  }

  /**
   * Runs a job when its turn comes. An error of it is its own: the others go on.
   *
   * @param job - its result is what the operation gives; a wait in it lets the next job have its turn
   * @returns to be awaited, cancelled (also while it waits), or left alone
   * @throws as {@link turn}
   */
  run<R>(job: Job<R>, options?: TurnOptions): IAsyncOperation<R> {
    const turn = this.turn(options);
    const action: AsyncActionBase<unknown> = this.#start(function* run() {
      yield* turn;
      return yield* resultOf(job());
    });
    // SAFETY: the job gives an R.
    return action as AsyncActionBase<R>;
  }

  /**
   * Runs a job at a steady pace, one run after the other, until it is cancelled, fails, or the scheduler is closed.
   *
   * @param periodMs - the first run is due after this, or after `delayMs` where that is given
   * @param options.missed - as for {@link Interval}: what becomes of runs that were due while one still ran
   * @throws as {@link turn}; {RangeError} `periodMs` is not a finite number above 0
   */
  every(periodMs: number, job: Job<unknown>, options: PeriodicOptions = {}): IAsyncAction {
    const scheduler = this;
    const { delayMs = 0, ...turnOptions } = options;
    const first = this.turn(options);
    // Checked here, begun with the first run.
    new Interval(periodMs, options);
    const action = this.#start(function* every() {
      if (delayMs > 0) {
        yield* first;
        yield* resultOf(job());
      }
      const interval = new Interval(periodMs, options);
      for (;;) {
        yield* interval.tick(options);
        yield* new Turn(scheduler, turnOptions);
        yield* resultOf(job());
      }
    });
    this.#periodic.add(action);
    // SAFETY: it has no result.
    return action as AsyncActionBase<void>;
  }

  /** Cancels all jobs, those that run and those that wait for their turn. */
  cancel(reason?: unknown): void {
    for (const job of [...this.#jobs]) job.cancel(reason);
  }

  /** Takes no more jobs, ends the periodic ones, and waits for all others. May be called twice. */
  async close(): Promise<void> {
    this.#closed ??= new ClosedError('the job scheduler was closed');
    for (const job of [...this.#periodic]) job.cancel(this.#closed);
    if (this.#jobs.size > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** For its jobs. @internal */
  childEnded(
    child: AsyncActionBase<unknown>,
    unobserved: { readonly error: unknown } | undefined,
  ): void {
    this.#jobs.delete(child);
    this.#periodic.delete(child);
    if (this.#jobs.size === 0) for (const tell of this.#onIdle.splice(0)) tell();
    // Nobody waits for it yet: it is the program's unless somebody asks in time, as that of any coroutine.
    if (unobserved !== undefined) child.extras.unhandled = Promise.reject(unobserved.error);
  }

  /** For its turns. @internal */
  stand(turn: Turn): void {
    this.#line.add(turn);
    this.#ask();
  }

  /** For its turns. @internal */
  leave(turn: Turn): void {
    this.#line.remove(turn);
  }

  #start(body: () => Generator<Suspension, unknown, never>): AsyncActionBase<unknown> {
    const action = runBody(body, []);
    this.#jobs.add(action);
    action.adoptBy(this);
    return action;
  }

  #ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    yieldTurn(() => {
      this.#isAsked = false;
      this.#giveTurns();
    });
  }

  #giveTurns(): void {
    const until = clock.now() + this.#budgetMs;
    // Who comes meanwhile is for the next turn: a job that adds another one could go on for ever.
    for (let left = this.#line.length; left > 0; left -= 1) {
      this.#line.shift()?.come();
      if (clock.now() >= until) break;
    }
    if (this.#line.length > 0) this.#ask();
  }
}

let sequence = 0;

class Turn extends Operation<void> implements Ranked {
  rank = 0;
  readonly sequence = ++sequence;
  place = -1;
  readonly #scheduler: JobScheduler;
  readonly #priority: number;
  readonly #delayMs: number;
  #timer: Timer | undefined;

  constructor(scheduler: JobScheduler, options: TurnOptions = {}) {
    super(options);
    const { priority = 0, delayMs = 0 } = options;
    if (!Number.isFinite(priority)) {
      throw new RangeError(`priority must be a finite number: got ${String(priority)}`);
    }
    if (!(delayMs >= 0) || !Number.isFinite(delayMs)) {
      throw new RangeError(
        `delayMs must be a finite number of milliseconds from 0: got ${String(delayMs)}`,
      );
    }
    this.#scheduler = scheduler;
    this.#priority = priority;
    this.#delayMs = delayMs;
  }

  override toString(): string {
    return 'jobScheduler.turn()';
  }

  protected start(): void {
    if (this.#delayMs === 0) this.#stand();
    else this.#timer = clock.setTimer(this.#delayMs, () => this.#stand());
  }

  protected stop(): boolean {
    this.#timer?.cancel();
    this.#scheduler.leave(this);
    return true;
  }

  come(): void {
    this.complete();
  }

  #stand(): void {
    this.rank = clock.now() - this.#priority * AGING_MS;
    this.#scheduler.stand(this);
  }
}

function* resultOf<R>(
  result: R | PromiseLike<R> | Generator<Suspension, R, never>,
): Generator<Suspension, R, undefined> {
  if (typeof result === 'object' && result !== null) {
    if ('then' in result && typeof result.then === 'function') return yield* toOperation(result);
    if ('next' in result && Symbol.iterator in result) {
      // SAFETY: an iterable iterator that a job returned: a generator, whose yields the driver checks.
      return yield* result as Generator<Suspension, R, undefined>;
    }
  }
  // SAFETY: what is neither a promise nor a generator is the result itself.
  return result as R;
}
