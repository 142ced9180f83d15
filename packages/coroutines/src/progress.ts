/**
 * How a body tells how far it is: C++/WinRT's `get_progress_token`, agave's `get_progress_controller`.
 *
 * A launched coroutine reports through its task's requests: the handler on the launching thread hears of it.
 */
import { runningBody } from './cancellation-token.js';
import type { Suspension } from './operation.js';

declare const PROGRESS: unique symbol;

/** Not a value: how the type of a report gets from `yield* getProgressToken<P>()` to the coroutine's action. */
export interface ProgressMark<P> {
  readonly [PROGRESS]: P;
}

/** What a body's generator may yield: its waits, and the mark of a progress token. */
export type Yielded = Suspension | ProgressMark<unknown>;

/** The type of the reports that a body yields a mark for; `never` for none. */
export type ProgressOf<Y> = Y extends ProgressMark<infer P> ? P : never;

/** Reports progress: call it. */
export interface ProgressToken<P> {
  (progress: P): void;
  /** So that `yield* getProgressToken<P>()` reads as in C++ and gives the coroutine its type; it does not wait. */
  [Symbol.iterator](): Iterator<ProgressMark<P>, ProgressToken<P>, undefined>;
}

/**
 * What the calling coroutine reports its progress with; `progress` on its action is called with each report.
 *
 * Reports made before a handler is set: it gets the latest. Of a launched coroutine every report crosses, as an
 * argument does; one that cannot cross fails the coroutine.
 *
 * @throws {TypeError} no coroutine is running
 *
 * @example
 * ```ts
 * import { coroutine, getProgressToken, resumeAfter } from '@netloom/coroutines';
 *
 * const copy = coroutine(function* copy(files: number) {
 *   const progress = yield* getProgressToken<number>();
 *   for (let n = 1; n <= files; n += 1) {
 *     yield* resumeAfter(1);
 *     progress(n / files);
 *   }
 *   return files;
 * });
 *
 * const action = copy(2); // IAsyncOperationWithProgress<number, number>
 * action.progress = (_, part) => console.log(part);
 * console.log(await action);
 * ```
 *
 * ```text
 * 0.5
 * 1
 * 2
 * ```
 */
export function getProgressToken<P>(): ProgressToken<P> {
  const run = runningBody('getProgressToken()');
  const report = (progress: P): void => run.reportProgress(progress);
  return Object.assign(report, {
    [Symbol.iterator]: () => ({
      // SAFETY: Object.assign() gives back its first argument, which has this very iterator.
      next: () => ({ done: true as const, value: report as ProgressToken<P> }),
    }),
  });
}
