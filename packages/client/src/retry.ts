/**
 * Trying again: how often, how long to wait between, and when to stop for the sake of everybody else.
 *
 * Waiting times grow by a factor and are drawn at random below their bound ("full jitter"), so that many clients that lost
 * their server at one moment do not come back at one moment. A budget bounds what retries add to the load of a server that
 * is in trouble already: each first try puts a part of a retry in, each retry takes one out.
 */
import { CanceledError, clock, Operation, type OperationOptions } from '@netloom/coroutines';
import { checkInteger, checkTimeoutMs } from './checks.js';

export interface RetryOptions extends OperationOptions {
  /** Tries in all, the first included; default: 5. */
  readonly attempts?: number | undefined;
  /** The bound of the first wait; default: 100 ms. */
  readonly initialDelayMs?: number | undefined;
  /** What the bound grows by from wait to wait; default: 2. */
  readonly factor?: number | undefined;
  /** The largest bound; default: 10 s. */
  readonly maxDelayMs?: number | undefined;
  /** Which part of a wait is left to chance, 0 to 1; default: 1, all of it ("full jitter"). */
  readonly jitter?: number | undefined;
  /** For all tries and waits together; default: none. A wait that would go beyond it is not begun. */
  readonly timeoutMs?: number | undefined;
  /** Whom the retries are charged to; shared by all that talk to one server. Default: nobody. */
  readonly budget?: RetryBudget | undefined;
  /** Whether this failure may pass; default: each but wrong arguments, cancellations and the signal's. */
  readonly isRetryable?: ((error: unknown, attempt: number) => boolean) | undefined;
  /** Told before each wait: which try has failed, from 1, and how long is waited. */
  readonly onRetry?: ((error: unknown, attempt: number, delayMs: number) => void) | undefined;
  /** Chance, 0 to 1 (exclusive); for tests. Default: `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** How many retries there may be for so many first tries. */
export class RetryBudget {
  readonly #ratio: number;
  readonly #most: number;
  #left: number;

  /**
   * @param ratio - retries that each first try allows; default: 0.2, so that retries add a fifth to the load at most
   * @param reserve - retries there are at first, and the most that are saved up; default: 10
   * @throws {RangeError} `ratio` is negative or no number, or `reserve` is not an integer from 0 on
   */
  constructor({ ratio = 0.2, reserve = 10 }: { ratio?: number; reserve?: number } = {}) {
    if (typeof ratio !== 'number' || !(ratio >= 0 && ratio < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`ratio must be a number from 0 on: got ${String(ratio)}`);
    }
    checkInteger('reserve', reserve, 0, Number.MAX_SAFE_INTEGER);
    this.#ratio = ratio;
    this.#most = reserve;
    this.#left = reserve;
  }

  /** Retries that are left; fractions are on their way to one. */
  get left(): number {
    return this.#left;
  }

  /** A first try was made. */
  earn(): void {
    this.#left = Math.min(this.#most, this.#left + this.#ratio);
  }

  /** Takes a retry out. @returns false where there is none */
  spend(): boolean {
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}

/**
 * Runs `task` until it succeeds, or there is no sense in going on; then it fails with the last error.
 *
 * @param task - begins a try, an operation or a promise; gets its number, from 1, and a signal that aborts when this
 *   is stopped
 * @throws what the last try failed with; `timeoutMs` and the budget end it so, too
 * @throws {RangeError} a time, a count or a part is out of range
 *
 * @example
 * ```ts
 * import { connectTcp, RetryBudget, retry } from '@netloom/client';
 *
 * const budget = new RetryBudget();
 * const connect = (attempt: number, signal: AbortSignal) =>
 *   connectTcp({ host: '127.0.0.1', port: 1, signal });
 * try {
 *   await retry(connect, { attempts: 3, initialDelayMs: 5, budget });
 * } catch (error) {
 *   console.log(String(error), budget.left);
 * }
 * ```
 *
 * ```text
 * SocketError: connect to 127.0.0.1:1: connection refused (ECONNREFUSED, 10061) 8
 * ```
 */
export function retry<T>(
  task: (attempt: number, signal: AbortSignal) => PromiseLike<T>,
  options: RetryOptions = {},
): Operation<T> {
  return new RetryOperation(task, options);
}

class RetryOperation<T> extends Operation<T> {
  readonly #task: (attempt: number, signal: AbortSignal) => PromiseLike<T>;
  readonly #options: RetryOptions;
  readonly #attempts: number;
  readonly #controller = new AbortController();
  #attempt = 0;
  #endsAtMs = Number.POSITIVE_INFINITY;
  #timer: { cancel(): void } | undefined = undefined;

  constructor(
    task: (attempt: number, signal: AbortSignal) => PromiseLike<T>,
    options: RetryOptions,
  ) {
    super(options);
    const { attempts = 5, initialDelayMs = 100, maxDelayMs = 10_000 } = options;
    const { factor = 2, jitter = 1, timeoutMs = Number.POSITIVE_INFINITY } = options;
    checkInteger('attempts', attempts, 1, Number.MAX_SAFE_INTEGER);
    checkTimeoutMs('initialDelayMs', initialDelayMs);
    checkTimeoutMs('maxDelayMs', maxDelayMs);
    checkTimeoutMs('timeoutMs', timeoutMs);
    if (!(factor >= 1)) throw new RangeError(`factor must be a number from 1 on: got ${factor}`);
    if (!(jitter >= 0 && jitter <= 1)) {
      throw new RangeError(`jitter must be a number from 0 to 1: got ${jitter}`);
    }
    this.#task = task;
    this.#options = options;
    this.#attempts = attempts;
  }

  protected override start(): void {
    this.#endsAtMs = clock.now() + (this.#options.timeoutMs ?? Number.POSITIVE_INFINITY);
    this.#options.budget?.earn();
    this.#try();
  }

  protected override stop(reason: unknown): boolean {
    this.#timer?.cancel();
    this.#controller.abort(reason);
    return true;
  }

  #try(): void {
    this.#attempt += 1;
    const { signal } = this.#controller;
    // A task that throws has failed as one that rejects.
    Promise.resolve()
      .then(() => this.#task(this.#attempt, signal))
      .then(
        (value) => {
          // Stopped meanwhile: what came all the same is nobody's.
          if (signal.aborted) discard(value);
          else this.complete(value);
        },
        (error: unknown) => {
          if (!signal.aborted) this.#failed(error);
        },
      );
  }

  #failed(error: unknown): void {
    const { isRetryable = mayPass, budget, onRetry } = this.#options;
    const delayMs = this.#delayMs();
    const isLast = this.#attempt >= this.#attempts || clock.now() + delayMs > this.#endsAtMs;
    try {
      if (isLast || !isRetryable(error, this.#attempt) || budget?.spend() === false) {
        this.fail(error);
        return;
      }
      onRetry?.(error, this.#attempt, delayMs);
    } catch (fault) {
      this.fail(fault);
      return;
    }
    this.#timer = clock.setTimer(delayMs, () => this.#try());
  }

  #delayMs(): number {
    const { initialDelayMs = 100, factor = 2, maxDelayMs = 10_000 } = this.#options;
    const { jitter = 1, random = Math.random } = this.#options;
    const bound = Math.min(maxDelayMs, initialDelayMs * factor ** (this.#attempt - 1));
    return bound * (1 - jitter * random());
  }
}

/** Whatever the network says may be otherwise next time; a caller's mistake is not, and who stops wants no more. */
function mayPass(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof RangeError) return false;
  if (error instanceof CanceledError) return false;
  return !(error instanceof Error && error.name === 'AbortError');
}

/** Closes what has a handle and came too late. */
function discard(value: unknown): void {
  if (typeof value !== 'object' || value === null || !(Symbol.dispose in value)) return;
  const { [Symbol.dispose]: dispose } = value;
  if (typeof dispose === 'function') dispose.call(value);
}
