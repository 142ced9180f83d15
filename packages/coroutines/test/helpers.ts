/** What several tests of coroutines use. */
import { coroutine, resumeAfter } from '@netloom/coroutines';

/** What a promise is rejected with. @throws {Error} it is not */
export async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it did not reject');
}

/** Sleeps, and says how that went. */
export const sleeper = coroutine(function* (log: string[], name: string, ms: number) {
  try {
    yield* resumeAfter(ms);
    log.push(`${name} done`);
  } catch (error) {
    log.push(`${name} stopped`);
    throw error;
  }
});

export const failing = coroutine(function* (ms: number, error: Error) {
  yield* resumeAfter(ms);
  throw error;
});
