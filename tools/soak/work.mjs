/** What the soak's threads run. Each notes in shared memory that it began, which nobody else reads until the end. */
import { coroutine, resumeAfter, resumeBackground } from '@netloom/coroutines';

async function work(begun, at, what, signal) {
  Atomics.add(begun, at, 1);
  if (what === 'throw') throw new RangeError(`unit ${at} throws`);
  if (what === 'exit') process.exit(3);
  if (what === 'uncaught') {
    setImmediate(() => {
      throw new RangeError('nobody catches this');
    });
    await new Promise(() => {});
  }
  if (what === 'wait') await new Promise((resolve) => setTimeout(resolve, at % 5));
  if (what === 'last' && !signal.aborted) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  }
  return at;
}

export class Work {
  static module = import.meta.url;
  static exportName = 'Work';
  static concurrency = 8;
  constructor(begun, at, what, signal) {
    Object.assign(this, { begun, at, what, signal, load: what === 'load' ? 'x'.repeat(1000) : '' });
  }
  runTask(context) {
    return work(this.begun, this.at, this.what, context.signal);
  }
}

/** One at a time on a thread, and short: such tasks are sent ahead. */
export class Short {
  static module = import.meta.url;
  static exportName = 'Short';
  constructor(begun, at) {
    Object.assign(this, { begun, at });
  }
  runTask() {
    Atomics.add(this.begun, this.at, 1);
    return this.at;
  }
}

export const there = coroutine(import.meta.url, 'there', function* (begun, at, ms) {
  yield* resumeBackground();
  Atomics.add(begun, at, 1);
  yield* resumeAfter(ms);
  return at;
});
