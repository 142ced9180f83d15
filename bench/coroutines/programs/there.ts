/** What runs on the pool's threads. */
import { coroutine, resumeBackground } from '@netloom/coroutines';
import type { ITask } from '@netloom/threadpool';

export const launched = coroutine(import.meta.url, 'launched', function* (n: number) {
  yield* resumeBackground();
  return n;
});

export class Task implements ITask<number> {
  static readonly module = import.meta.url;
  static readonly exportName = 'Task';
  /** As a coroutine's: several at a time on one thread. */
  static readonly concurrency = Number.POSITIVE_INFINITY;
  readonly n: number;

  constructor(n: number) {
    this.n = n;
  }

  runTask(): number {
    return this.n;
  }
}
