/** A coroutine that gives one value after the other, for `for await`: an async generator that can be stopped. */
import type { AsyncActionBase } from '../async-action.js';
import type { Operation, Suspension } from '../operation.js';
import { runBody } from '../start-body.js';
import { Channel } from './channel.js';

/** Gives a value to the loop, and waits until it has taken it. */
export type Emit<T> = (value: T) => Operation<void>;

/**
 * Makes something for `for await` out of a body that emits values.
 *
 * Each loop runs the body anew, from its first step on, and only as fast as the loop takes values. Leaving the loop
 * cancels the body and waits for its end; an error of the body is thrown in the loop.
 *
 * @example
 * ```ts
 * import { resumeAfter, toAsyncIterable } from '@netloom/coroutines';
 *
 * const countdown = toAsyncIterable<number>(function* countdown(emit) {
 *   try {
 *     for (let n = 3; ; n -= 1) {
 *       yield* emit(n);
 *       yield* resumeAfter(1);
 *     }
 *   } finally {
 *     console.log('stopped');
 *   }
 * });
 *
 * for await (const n of countdown) {
 *   console.log(n);
 *   if (n === 2) break;
 * }
 * ```
 *
 * ```text
 * 3
 * 2
 * stopped
 * ```
 */
export function toAsyncIterable<T>(
  body: (emit: Emit<T>) => Generator<Suspension, void, never> | Promise<void>,
): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => new Emitting<T>(body) };
}

class Emitting<T> implements AsyncIterator<T, undefined> {
  readonly #body: (emit: Emit<T>) => unknown;
  readonly #channel = new Channel<T>();
  #action: AsyncActionBase<unknown> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #isLeft = false;

  constructor(body: (emit: Emit<T>) => unknown) {
    this.#body = body;
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.#action === undefined && !this.#isLeft) this.#begin();
    const result = await this.#channel.next();
    const failure = this.#failure;
    if (!result.done || failure === undefined) return result;
    this.#failure = undefined;
    throw failure.error;
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#isLeft = true;
    const action = this.#action;
    this.#channel.close();
    // Cancels it. An error of its clean-up is thrown where the loop is left.
    await action?.[Symbol.asyncDispose]();
    return { done: true, value: undefined };
  }

  #begin(): void {
    const emit: Emit<T> = (value) => this.#channel.send(value);
    // SAFETY: the body takes emit, and runBody() passes it on.
    const action = runBody(this.#body as () => unknown, [emit]);
    this.#action = action;
    action.completed = () => {
      if (action.status !== 'Completed' && !this.#isLeft) {
        this.#failure = { error: action.errorCode };
      }
      this.#channel.close();
    };
  }
}
