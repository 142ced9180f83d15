/** From and to what knows nothing of coroutines: events, streams, iterables, signals. */
import { EventEmitter, once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import {
  coroutine,
  fromEvent,
  fromStream,
  isCanceledError,
  resumeAfter,
  toAsyncIterable,
  untilAborted,
  whenAny,
  withSignal,
} from '@netloom/coroutines';
import { expect, it } from 'vitest';

it('fromEvent: the next event of an emitter, and no listener left however it ends', async () => {
  const emitter = new EventEmitter();
  const wait = fromEvent(emitter, 'line').then();
  emitter.emit('line', 1, 2);
  expect(await wait).toEqual([1, 2]);
  const stopped = coroutine(function* () {
    yield* fromEvent(emitter, 'line');
  })();
  expect(emitter.listenerCount('line')).toBe(1);
  stopped.cancel();
  await Promise.allSettled([stopped]);
  await expect(fromEvent(emitter, 'line', { timeoutMs: 1 })).rejects.toMatchObject({
    name: 'TimeoutError',
  });
  await expect(fromEvent(emitter, 'line', { timeoutMs: 0 })).rejects.toThrow('fromEvent(line)');
  const failing = fromEvent(emitter, 'line').then(undefined, String);
  emitter.emit('error', new Error('planned'));
  expect(await failing).toBe('Error: planned');
  const error = fromEvent(emitter, 'error').then();
  emitter.emit('error', 'as an event');
  expect(await error).toEqual(['as an event']);
  expect(emitter.eventNames()).toEqual([]);
});

it('fromEvent: the next event of a target that passes the filter', async () => {
  const target = new EventTarget();
  const wait = fromEvent(target, 'tick', {
    filter: (event: Event) => event instanceof CustomEvent && event.detail > 1,
  }).then();
  for (const detail of [1, 2, 3]) target.dispatchEvent(new CustomEvent('tick', { detail }));
  expect(await wait).toMatchObject({ detail: 2 });
  const throwing = fromEvent(target, 'tick', {
    filter: () => {
      throw new Error('planned');
    },
  }).then(undefined, String);
  target.dispatchEvent(new Event('tick'));
  expect(await throwing).toBe('Error: planned');
  // @ts-expect-error: it has no events
  expect(() => fromEvent({}, 'tick')).toThrow(TypeError);
});

it('fromStream: all pieces, then the end for good; a stopped wait loses none', async () => {
  const source = new Readable({ objectMode: true, read() {} });
  const reader = fromStream<string>(source);
  const stopped = coroutine(function* () {
    yield* reader.next();
  })();
  await expect(reader.next().then()).rejects.toThrow('another waits');
  stopped.cancel();
  await Promise.allSettled([stopped]);
  source.push('a');
  source.push('b');
  source.push(null);
  const read = coroutine(function* () {
    const pieces = [];
    for (;;) {
      const { done, value } = yield* reader.next();
      if (done) return pieces;
      pieces.push(value);
    }
  });
  expect(await read()).toEqual(['a', 'b']);
  expect(await reader.next()).toEqual({ done: true, value: undefined });
});

it('fromStream: a piece that comes after its wait has timed out is the next one’s', async () => {
  const source = new Readable({ objectMode: true, read() {} });
  const reader = fromStream<string>(source);
  await expect(reader.next({ timeoutMs: 1 })).rejects.toMatchObject({ name: 'TimeoutError' });
  const arrives = fromEvent(source, 'readable').then();
  source.push('late');
  await arrives;
  await new Promise((resolve) => setImmediate(resolve));
  expect(await reader.next()).toEqual({ done: false, value: 'late' });
  await reader.close();
  await reader.close();
  expect(source.destroyed).toBe(true);
  expect((await reader.next()).done).toBe(true);
});

it('fromStream: web streams, with their errors and their end', async () => {
  let canceled: unknown;
  const web = new ReadableStream<number>({
    start(controller) {
      controller.enqueue(1);
    },
    cancel(reason) {
      canceled = ['canceled', reason];
    },
  });
  {
    await using reader = fromStream<number>(web);
    expect(await reader.next()).toEqual({ done: false, value: 1 });
  }
  expect([canceled, web.locked]).toEqual([['canceled', undefined], false]);
  const broken = fromStream<number>(
    new ReadableStream({
      start(controller) {
        controller.error(new RangeError('planned'));
      },
    }),
  );
  await expect(broken.next()).rejects.toThrow(RangeError);
  expect((await broken.next()).done).toBe(true);
  // @ts-expect-error: it is no stream
  expect(() => fromStream(3)).toThrow(TypeError);
});

it('toAsyncIterable: as fast as the loop takes, stopped where the loop is left', async () => {
  const log: string[] = [];
  const numbers = toAsyncIterable<number>(function* (emit) {
    try {
      for (let n = 1; ; n++) {
        log.push(`emits ${n}`);
        yield* emit(n);
      }
    } finally {
      yield* resumeAfter(1);
      log.push('cleaned up');
    }
  });
  expect(log).toEqual([]);
  for await (const n of numbers) {
    log.push(`takes ${n}`);
    await resumeAfter(1);
    if (n === 2) break;
  }
  expect(log.at(-1)).toBe('cleaned up');
  expect(log.filter((line) => line.startsWith('emits')).length).toBeLessThanOrEqual(3);
});

it('toAsyncIterable: the end and the error of the body are those of the loop', async () => {
  const seen: number[] = [];
  for await (const n of toAsyncIterable<number>(async (emit) => {
    await emit(1);
    await emit(2);
  })) {
    seen.push(n);
  }
  const failing = toAsyncIterable<number>(function* (emit) {
    yield* emit(3);
    throw new RangeError('planned');
  });
  const loop = async () => {
    for await (const n of failing) seen.push(n);
  };
  await expect(loop()).rejects.toThrow(RangeError);
  expect(seen).toEqual([1, 2, 3]);
});

it('untilAborted: at once, later, and with nothing left behind', async () => {
  expect(await untilAborted(AbortSignal.abort('now'))).toBe('now');
  const stop = new AbortController();
  const later = untilAborted(stop.signal).then();
  expect((await whenAny([untilAborted(stop.signal), resumeAfter(1)])).index).toBe(1);
  stop.abort('later');
  expect(await later).toBe('later');
});

it('withSignal: a stop aborts the signal and waits until the work has let go', async () => {
  const log: string[] = [];
  const action = coroutine(function* () {
    yield* withSignal(async (signal) => {
      await once(signal, 'abort');
      log.push('aborted');
      await resumeAfter(1);
      log.push('let go');
      throw signal.reason;
    });
  })();
  action.cancel('enough');
  const error = await action.then(undefined, (thrown: unknown) => thrown);
  expect(isCanceledError(error)).toBe(true);
  expect(error).toMatchObject({ cause: 'enough' });
  expect(log).toEqual(['aborted', 'let go']);
});

it('withSignal: without a stop the promise is all; a result that comes in spite of a stop is kept', async () => {
  expect(await withSignal(async () => 7)).toBe(7);
  await expect(withSignal(() => Promise.reject(new Error('planned')))).rejects.toThrow('planned');
  const log: number[] = [];
  const action = coroutine(function* () {
    log.push(yield* withSignal((signal) => once(signal, 'abort').then(() => 8)));
    yield* resumeAfter(1);
    log.push(9);
  })();
  action.cancel();
  await Promise.allSettled([action]);
  expect([log, action.status]).toEqual([[8], 'Canceled']);
});

it('fromStream: closing destroys a Node stream that is idle, and one that was never read', async () => {
  const idle = new PassThrough();
  const reader = fromStream(idle);
  const waiting = reader.next().then();
  await reader.close();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(idle.closed).toBe(true);
  await reader.close();

  const unread = new PassThrough();
  await fromStream(unread).close();
  expect(unread.closed).toBe(true);

  const silent = new PassThrough({ emitClose: false });
  await fromStream(silent).close();
  expect(silent.destroyed).toBe(true);
});

it('fromStream: close() throws what a Node stream fails to close with', async () => {
  const error = new Error('planned');
  const stream = new Readable({ read() {}, destroy: (_, done) => done(error) });
  await expect(fromStream(stream).close()).rejects.toBe(error);
});

it('fromStream: closing does not wait for a piece that never comes', async () => {
  let told = 0;
  const never: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => {}),
      return: () => {
        told += 1;
        return new Promise(() => {});
      },
    }),
  };
  const reader = fromStream(never);
  await expect(reader.next({ timeoutMs: 0 })).rejects.toMatchObject({ name: 'TimeoutError' });
  await reader.close();
  expect(told).toBe(1);
  expect(await reader.next()).toEqual({ done: true, value: undefined });
});

it('fromStream: a web stream that has ended, or failed, is no longer locked', async () => {
  const ended = new ReadableStream({ start: (controller) => controller.close() });
  expect(await fromStream(ended).next()).toEqual({ done: true, value: undefined });
  expect(ended.locked).toBe(false);
  const failed = new ReadableStream({ start: (controller) => controller.error(new Error('no')) });
  await expect(fromStream(failed).next()).rejects.toThrow('no');
  expect(failed.locked).toBe(false);
});

it('withSignal: the end of a grace does not wait for a promise that ignores its signal', async () => {
  const action = coroutine(function* () {
    yield* withSignal(() => new Promise<void>(() => {}));
  })();
  action.cancel('x', { graceMs: 1 });
  await expect(action).rejects.toThrow('had not ended 1 ms after');
});
