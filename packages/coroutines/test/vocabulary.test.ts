// biome-ignore-all lint/correctness/useYield: a body that ends at once, or fails, is what some of these are about.
/** C++/WinRT's and agave's words beside coroutine, action and hop: tokens, progress, signals, contexts. */
import {
  apartmentContext,
  coroutine,
  fireAndForget,
  getCancellationToken,
  getProgressToken,
  type IAsyncActionWithProgress,
  type IAsyncInfo,
  type IAsyncOperationWithProgress,
  isCanceledError,
  Latch,
  ManualResetEvent,
  resumeAfter,
  resumeOnSignal,
  suspendAlways,
} from '@netloom/coroutines';
import { expect, expectTypeOf, it } from 'vitest';
import { rejection } from './helpers.js';

it('getCancellationToken() polls, names the reason and calls back before the stop arrives', async () => {
  const log: string[] = [];
  const body = coroutine(function* () {
    const token = yield* getCancellationToken();
    expect(getCancellationToken()).toBe(token);
    expect([token.isCanceled, token.reason, token.signal.aborted]).toEqual([
      false,
      undefined,
      false,
    ]);
    token.callback((reason) => log.push(`callback: ${String(reason.cause)}`));
    token.signal.onabort = () => log.push(`signal: ${String(token.signal.reason)}`);
    try {
      yield* resumeAfter(1e8);
    } finally {
      log.push(`arrived: ${token.isCanceled}`);
      token.callback(() => log.push('called at once'));
    }
  });
  const action = body();
  action.cancel('enough');
  await rejection(action);
  expect(log).toEqual([
    'signal: CanceledError: canceled: enough',
    'callback: enough',
    'arrived: true',
    'called at once',
  ]);
});

it('the token of an async body is its own, also behind its awaits', async () => {
  const body = coroutine(async () => {
    await resumeAfter(0);
    const token = getCancellationToken();
    await rejection(resumeAfter(1e8));
    return token.isCanceled;
  });
  const action = body();
  await resumeAfter(5);
  action.cancel();
  expect(await action).toBe(true);
});

it('getCancellationToken() and getProgressToken() outside of a coroutine are refused', () => {
  expect(() => getCancellationToken()).toThrow('getCancellationToken() was called outside');
  expect(() => getProgressToken()).toThrow('getProgressToken() was called outside');
});

it('without propagation nothing arrives until it is put back, and the token tells', async () => {
  const log: unknown[] = [];
  const body = coroutine(function* () {
    const token = getCancellationToken();
    log.push(token.enablePropagation(false));
    yield* resumeAfter(5);
    log.push(token.isCanceled, token.enablePropagation());
    try {
      yield* resumeAfter(1e8);
    } catch (error) {
      log.push(isCanceledError(error));
    }
  });
  const action = body();
  action.cancel();
  await action;
  expect(log).toEqual([true, true, false, true]);
});

it('propagation that is taken away when a stop is due holds it back', async () => {
  let self: IAsyncInfo | undefined;
  const body = coroutine(function* () {
    const token = getCancellationToken();
    yield* resumeAfter(0);
    self?.cancel();
    token.enablePropagation(false);
    yield* resumeAfter(0);
    return token.isCanceled;
  });
  const action = body();
  self = action;
  expect(await action).toBe(true);
});

it('progress is told to the handler as it happens, with its type', async () => {
  const copy = coroutine(function* (n: number) {
    const progress = yield* getProgressToken<number>();
    for (let i = 1; i <= n; i += 1) {
      yield* resumeAfter(0);
      progress(i / n);
    }
    return `${n} copied`;
  });
  const action = copy(2);
  expectTypeOf(action).toEqualTypeOf<IAsyncOperationWithProgress<string, number>>();
  const seen: [boolean, number][] = [];
  action.progress = (sender, part) => seen.push([sender === action, part]);
  expect(await action).toBe('2 copied');
  expect(seen).toEqual([
    [true, 0.5],
    [true, 1],
  ]);
  const silent = coroutine(function* () {
    const progress = yield* getProgressToken<{ files: number }>();
    progress({ files: 1 });
  });
  expectTypeOf(silent()).toEqualTypeOf<IAsyncActionWithProgress<{ files: number }>>();
});

it('a handler that comes late gets the latest report, one that is taken away none', async () => {
  const body = coroutine(function* () {
    const progress = yield* getProgressToken<number>();
    progress(1);
    progress(2);
    yield* resumeAfter(1);
    progress(3);
  });
  const action = body();
  const seen: number[] = [];
  action.progress = (_, n) => seen.push(n);
  action.progress = undefined;
  await action;
  expect(seen).toEqual([2]);
});

it('resumeOnSignal() waits for an AbortSignal, an event or a latch', async () => {
  const controller = new AbortController();
  const event = new ManualResetEvent();
  const latch = new Latch(1);
  const waits = [controller.signal, event, latch].map((signal) => resumeOnSignal(signal).then());
  controller.abort();
  event.set();
  latch.countDown();
  expect(await Promise.all(waits)).toEqual([true, true, true]);
  expect(await resumeOnSignal(AbortSignal.abort())).toBe(true);
});

it('resumeOnSignal() gives false when the time is over, and leaves nothing behind', async () => {
  const controller = new AbortController();
  let listeners = 0;
  const { signal } = controller;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners += 1;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners -= 1;
    remove(...args);
  };
  expect(await resumeOnSignal(signal, { timeoutMs: 1 })).toBe(false);
  expect(listeners).toBe(0);
  expect(() => resumeOnSignal(signal, { timeoutMs: -1 })).toThrow(RangeError);
});

it('a stop ends resumeOnSignal(), which is not the signal being given', async () => {
  const waits = coroutine(function* () {
    yield* resumeOnSignal(new ManualResetEvent(), { timeoutMs: 1e8 });
  });
  const action = waits();
  action.cancel();
  expect(isCanceledError(await rejection(action))).toBe(true);
  const stop = new Error('stop waiting');
  expect(await rejection(resumeOnSignal(new Latch(1), { signal: AbortSignal.abort(stop) }))).toBe(
    stop,
  );
});

it('suspendAlways() waits until it is told, and takes back what it began', async () => {
  expect(await suspendAlways<number>((complete) => complete(1))).toBe(1);
  expect(await rejection(suspendAlways((_, fail) => fail('no')))).toBe('no');
  expect(
    await rejection(
      suspendAlways(() => {
        throw new RangeError('thrown');
      }),
    ),
  ).toBeInstanceOf(RangeError);
  const log: string[] = [];
  const action = coroutine(function* () {
    yield* suspendAlways(() => () => log.push('taken back'));
  })();
  action.cancel();
  await rejection(action);
  expect(log).toEqual(['taken back']);
});

it('an apartment context is here on its own thread, with yield* and with await, again and again', async () => {
  const context = apartmentContext();
  expect(context.isHere).toBe(true);
  const body = coroutine(function* () {
    yield* context;
    yield* context;
    return 'still here';
  });
  expect(await body()).toBe('still here');
  await context;
});

it('fireAndForget(): an error goes to its handler', async () => {
  const fails = coroutine(async (text: string) => {
    throw new Error(text);
  });
  const seen: unknown[] = [];
  fireAndForget(fails('told'), (error) => seen.push(error));
  await resumeAfter(1);
  expect(seen).toMatchObject([{ message: 'told' }]);
  // @ts-expect-error: a promise is no action
  expect(() => fireAndForget(Promise.resolve())).toThrow('fireAndForget() needs');
});

it('fireAndForget(): an end by cancellation is silent', async () => {
  const sleeps = coroutine(function* () {
    yield* resumeAfter(1e8);
  });
  const seen: unknown[] = [];
  const action = sleeps();
  fireAndForget(action, (error) => seen.push(error));
  action.cancel();
  await resumeAfter(1);
  expect([action.status, ...seen]).toEqual(['Canceled']);
});
