// biome-ignore-all lint/correctness/useYield: a body that ends at once is what one of these is about.
/** A stop arrives: where, when, how often, and what happens on its way. */
import {
  CanceledError,
  type Coroutine,
  cancelRequested,
  coroutine,
  fromPromise,
  isCanceledError,
  Operation,
  resumeAfter,
} from '@netloom/coroutines';
import { expect, it } from 'vitest';
import { rejection } from './helpers.js';

class Ready extends Operation<void> {
  starts = 0;
  protected start(): void {
    this.starts += 1;
    this.complete();
  }
  protected stop(): boolean {
    return true;
  }
}

/** Ends when the test says so, inside of whoever says it. */
class Gate extends Operation<void> {
  protected start(): void {}
  protected stop(): boolean {
    return true;
  }
  pass(): void {
    this.complete();
  }
}

/** Fails while it starts. */
class Failing extends Operation<void> {
  protected start(): void {
    this.fail(new RangeError('its own'));
  }
  protected stop(): boolean {
    return true;
  }
}

/** Cannot be taken back: completes by itself although it was asked to stop. */
class Stubborn extends Operation<string> {
  protected start(): void {}
  protected stop(): boolean {
    setImmediate(() => this.complete('won'));
    return false;
  }
}

/** The same behaviour for both kinds of body. */
const KINDS = [
  [
    'generator',
    coroutine(function* (log: unknown[]) {
      try {
        log.push('waits');
        yield* resumeAfter(1e8);
      } catch (error) {
        log.push(error);
        throw error;
      } finally {
        yield* resumeAfter(1);
        log.push('cleaned up', cancelRequested());
      }
    }),
  ],
  [
    'async',
    coroutine(async (log: unknown[]) => {
      try {
        log.push('waits');
        await resumeAfter(1e8);
      } catch (error) {
        log.push(error);
        throw error;
      } finally {
        await resumeAfter(1);
        log.push('cleaned up', cancelRequested());
      }
    }),
  ],
] as const;

for (const [kind, work] of KINDS) {
  it(`cancel() arrives at the wait as CanceledError; finally runs and may wait (${kind} body)`, async () => {
    const log: unknown[] = [];
    const action = work(log);
    await new Promise((resolve) => setImmediate(resolve));
    expect(log).toEqual(['waits']);
    const reason = new Error('enough');
    action.cancel(reason);
    action.cancel(new Error('a second time does nothing'));
    const error = await rejection(action);
    expect(error).toBeInstanceOf(CanceledError);
    expect(error).toMatchObject({ cause: reason, message: 'canceled: enough' });
    expect(log).toEqual(['waits', error, 'cleaned up', true]);
    expect([action.status, action.errorCode]).toEqual(['Canceled', error]);
  });
}

it('cancel() before an async body has reached its first wait arrives there, which is not started', async () => {
  const ready = new Ready();
  const action = coroutine(async () => {
    await ready;
  })();
  action.cancel();
  expect(isCanceledError(await rejection(action))).toBe(true);
  expect(ready.starts).toBe(0);
});

it('cancel() of a running body arrives at its next operation, even one that would complete at once', async () => {
  const ready = new Ready();
  const self: { cancel?: () => void } = {};
  const log: unknown[] = [];
  const work = coroutine(function* () {
    yield* resumeAfter(0);
    self.cancel?.();
    log.push(cancelRequested());
    try {
      yield* ready;
    } catch (error) {
      log.push(isCanceledError(error));
    }
    yield* new Ready();
    log.push('delivered once');
  });
  const action = work();
  self.cancel = () => action.cancel();
  await action;
  expect(log).toEqual([true, true, 'delivered once']);
  expect(ready.starts).toBe(0);
  expect(action.status).toBe('Completed');
});

it('after the end cancel() does nothing', async () => {
  const action = coroutine(function* () {
    return 1;
  })();
  action.cancel();
  expect(action.status).toBe('Completed');
  expect(await action).toBe(1);
});

it('a nested coroutine is cancelled along, and waited for, innermost first', async () => {
  const log: string[] = [];
  const inner = coroutine(function* () {
    try {
      yield* resumeAfter(1e8);
    } finally {
      yield* resumeAfter(2);
      log.push('inner');
    }
  });
  const outer = coroutine(function* () {
    try {
      yield* inner();
    } finally {
      log.push('outer');
    }
  });
  const action = outer();
  action.cancel('why');
  const error = await rejection(action);
  expect(error).toMatchObject({ name: 'CanceledError', cause: 'why' });
  expect(log).toEqual(['inner', 'outer']);
});

it('a stop goes 20,000 deep, and back, without needing the stack', async () => {
  let ended = 0;
  let arrive = () => {};
  const isDeepest = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const deep: Coroutine<[number], void> = coroutine(function* (n: number) {
    try {
      if (n === 0) {
        arrive();
        yield* resumeAfter(1e8);
      } else yield* deep(n - 1);
    } finally {
      ended += 1;
    }
  });
  const action = deep(20_000);
  await isDeepest;
  action.cancel();
  await Promise.allSettled([action]);
  expect([action.status, ended]).toEqual(['Canceled', 20_001]);
});

it('a coroutine that is called when the stop is due already is stopped too, not left alone', async () => {
  const log: string[] = [];
  const inner = coroutine(function* () {
    try {
      yield* resumeAfter(1e8);
    } finally {
      log.push('inner ended');
    }
  });
  const self: { cancel?: () => void } = {};
  const generator = coroutine(function* () {
    yield* resumeAfter(0);
    self.cancel?.();
    yield* inner();
  });
  const inAsync = coroutine(async () => {
    await resumeAfter(0);
    self.cancel?.();
    await inner();
  });
  for (const work of [generator, inAsync]) {
    const action = work();
    self.cancel = () => action.cancel();
    expect(isCanceledError(await rejection(action))).toBe(true);
  }
  expect(log).toEqual(['inner ended', 'inner ended']);
});

it('what others wait for too is not stopped by one of them', async () => {
  const shared = coroutine(function* () {
    yield* resumeAfter(5);
    return 'whole';
  })();
  const waiter = coroutine(function* () {
    return yield* shared;
  });
  const [one, two] = [waiter(), waiter()];
  one.cancel();
  expect(isCanceledError(await rejection(one))).toBe(true);
  expect(shared.status).toBe('Started');
  expect(await two).toBe('whole');
});

it('a result that was won before the stop could take it back is kept; the stop arrives at the next wait', async () => {
  const log: unknown[] = [];
  const action = coroutine(function* () {
    log.push(yield* new Stubborn());
    yield* resumeAfter(1e8);
  })();
  action.cancel();
  expect(isCanceledError(await rejection(action))).toBe(true);
  expect(log).toEqual(['won']);
});

it('cancel() between the end of an operation and the slice that hears of it arrives at the next wait', async () => {
  const log: unknown[] = [];
  const gate = new Gate();
  const action = coroutine(function* () {
    yield* gate;
    log.push('went on');
    yield* resumeAfter(1e8);
  })();
  // What becomes runnable while a slice runs stands in line until that has ended.
  await coroutine(function* () {
    gate.pass();
    log.push(gate.isPending);
    action.cancel();
  })();
  expect(isCanceledError(await rejection(action))).toBe(true);
  expect(log).toEqual([false, 'went on']);
});

it('cancel() during the turn that a busy coroutine gives to the event loop arrives at the next wait', async () => {
  for (const Busy of [Ready, Failing]) {
    let ended = 0;
    const action = coroutine(function* () {
      while (ended < 1000) {
        try {
          yield* new Busy();
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
        }
        ended += 1;
      }
    })();
    // Its operations never wait: only that turn can have brought control back to here.
    const before = ended;
    action.cancel();
    expect(isCanceledError(await rejection(action))).toBe(true);
    expect([before < 1000, ended]).toEqual([true, before + 1]);
  }
});

/** Completes although it is stopped, after a while. */
const refuses = coroutine(function* (ms: number) {
  try {
    yield* resumeAfter(1e8);
  } catch {
    yield* resumeAfter(ms);
  }
  return 'made it';
});

/** Is stopped, after a while. */
const leaves = coroutine(function* (ms: number) {
  try {
    yield* resumeAfter(1e8);
  } finally {
    yield* resumeAfter(ms);
  }
});

const AT_ONCE = [
  ['one that is stopped at once, then one that refuses', () => [resumeAfter(1e8), refuses(1)]],
  ['one that refuses, then one that is stopped at once', () => [refuses(1), resumeAfter(1e8)]],
  ['one that refuses ends before one that is stopped', () => [leaves(10), refuses(1)]],
  ['one that refuses ends after one that is stopped', () => [leaves(1), refuses(10)]],
] as const;

for (const [order, parts] of AT_ONCE) {
  it(`a stop arrives once in an async body that waits for several: ${order}`, async () => {
    const log: unknown[] = [];
    const action = coroutine(async () => {
      const ends = await Promise.allSettled(parts());
      log.push(ends.map((end) => end.status).sort());
      await resumeAfter(1);
      log.push('no second time');
    })();
    await new Promise((resolve) => setImmediate(resolve));
    action.cancel();
    await action;
    expect(log).toEqual([['fulfilled', 'rejected'], 'no second time']);
  });
}

it('a stop that all of several refuse arrives at the next wait of an async body', async () => {
  const log: unknown[] = [];
  const action = coroutine(async () => {
    log.push(await Promise.all([refuses(1), refuses(3)]));
    await resumeAfter(1e8);
  })();
  await new Promise((resolve) => setImmediate(resolve));
  action.cancel();
  expect(isCanceledError(await rejection(action))).toBe(true);
  expect(log).toEqual([['made it', 'made it']]);
});

it('a stop that was refused arrives at what an async body has begun to wait for meanwhile', async () => {
  let goOn = () => {};
  const told = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const action = coroutine(async () => {
    const late = async () => {
      await told;
      await resumeAfter(1e8);
    };
    await Promise.all([new Stubborn(), late()]);
  })();
  await new Promise((resolve) => setImmediate(resolve));
  action.cancel();
  // Stubborn completes in a later turn of the event loop than this goes on.
  goOn();
  expect(isCanceledError(await rejection(action))).toBe(true);
});

it('a body may refuse to stop: what it returns is its result', async () => {
  const action = coroutine(function* () {
    try {
      yield* resumeAfter(1e8);
    } catch {
      return 'stayed';
    }
    return 'never';
  })();
  action.cancel();
  expect(await action).toBe('stayed');
  expect(action.status).toBe('Completed');
});

it('an error in finally replaces the cancellation, as in any JavaScript', async () => {
  const action = coroutine(function* () {
    try {
      yield* resumeAfter(1e8);
    } finally {
      // biome-ignore lint/correctness/noUnsafeFinally: that is what is asked here.
      throw new RangeError('clean-up failed');
    }
  })();
  action.cancel();
  await expect(action).rejects.toThrow('clean-up failed');
  expect(action.status).toBe('Error');
});

it('a stopped wait for a promise ends at once, and the promise may fail later unseen', async () => {
  const promise = new Promise((_, reject) => setTimeout(reject, 2, new Error('late')));
  const action = coroutine(function* () {
    yield* fromPromise(promise);
  })();
  action.cancel();
  expect(isCanceledError(await rejection(action))).toBe(true);
  await promise.catch(() => {});
});

it('a promise is taken hold of also where its wait is stopped before it begins', async () => {
  const seen: unknown[] = [];
  const hear = (error: unknown) => seen.push(error);
  // The runner's own listeners would fail the run: for once the errors are ours.
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', hear);
  const failing = () => Promise.reject(new Error('nobody else looks'));
  let stop = () => {};
  const work = coroutine(function* () {
    yield* resumeAfter(0);
    stop();
    yield* fromPromise(failing());
  });
  try {
    const action = work();
    stop = () => action.cancel();
    expect(isCanceledError(await rejection(action))).toBe(true);
    const reason = new Error('mine');
    const aborted = fromPromise(failing(), { signal: AbortSignal.abort(reason) });
    expect(await rejection(aborted)).toBe(reason);
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.removeListener('unhandledRejection', hear);
    for (const other of others) process.on('unhandledRejection', other);
  }
  expect(seen).toEqual([]);
});

it('a helper that an async body calls is stopped where it waits', async () => {
  const log: string[] = [];
  const helper = async () => {
    try {
      await resumeAfter(1e8);
    } finally {
      log.push('helper');
    }
  };
  const action = coroutine(async () => {
    await Promise.all([helper(), helper()]);
  })();
  await new Promise((resolve) => setImmediate(resolve));
  action.cancel();
  expect(isCanceledError(await rejection(action))).toBe(true);
  expect(log).toEqual(['helper', 'helper']);
});

it('what a generator body calls is not taken for the async body that woke it', async () => {
  const log: string[] = [];
  const gate = new Gate();
  const generator = coroutine(function* () {
    yield* gate;
    const plain = async () => {
      log.push('woken');
      await resumeAfter(5);
      log.push('not stopped');
    };
    yield* fromPromise(plain());
  })();
  const waker = coroutine(async () => {
    // Past its first part, where nothing runs around it: what it wakes runs inside of it.
    await null;
    gate.pass();
    await resumeAfter(1e8);
  })();
  await new Promise((resolve) => setImmediate(resolve));
  expect(log).toEqual(['woken']);
  waker.cancel();
  expect(isCanceledError(await rejection(waker))).toBe(true);
  await generator;
  expect(log).toEqual(['woken', 'not stopped']);
});

it('outside of a coroutine nothing is asked to stop', () => {
  expect(cancelRequested()).toBe(false);
});

it('an AbortSignal that gave its own reason is no cancellation of the coroutine', async () => {
  const action = coroutine(function* () {
    yield* resumeAfter(1e8, { signal: AbortSignal.timeout(1) });
  })();
  expect(await rejection(action)).toMatchObject({ name: 'TimeoutError' });
  expect(action.status).toBe('Error');
});
