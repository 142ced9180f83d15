import { readdirSync } from 'node:fs';
import net from 'node:net';
import { createServer } from '@netloom/server';
import { expect, test, vi } from 'vitest';
import { handler, kernelThreads, portOf, socketCount } from './clients.js';

// Threads start slowly on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

async function reason(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error as Error & Record<string, unknown>;
  }
  throw new Error('it did not fail');
}

const broken = { module: new URL('./fixtures/broken.mjs', import.meta.url), export: 'serve' };

for (const strategy of ['coroutine', 'pooled-coroutine'] as const) {
  const threads = strategy === 'coroutine' ? {} : { threads: 2 };

  test(`a handler file that cannot be loaded makes createServer reject with the cause: ${strategy}`, async () => {
    const sockets = socketCount();
    const tasks = kernelThreads().length;
    const error = await reason(createServer({ port: 0, strategy, ...threads, handler: broken }));
    expect(error.name).toBe('SyntaxError');
    expect(error.message).toMatch(/this handler file cannot be loaded/);
    expect(socketCount()).toBe(sockets);
    expect(kernelThreads().length).toBeLessThanOrEqual(tasks);
  });

  test(`a handler that its file does not export is named, with what is there: ${strategy}`, async () => {
    const error = await reason(
      createServer({ port: 0, strategy, ...threads, handler: handler('absent') }),
    );
    expect(error.message).toMatch(
      /handlers\.mjs must export the handler absent.*it exports.*exchange/,
    );
    const other = await reason(
      createServer({ port: 0, strategy, ...threads, handler: handler('notAFunction') }),
    );
    expect(other.message).toMatch(/notAFunction as a function: it is a number/);
  });

  test(`a port that is taken: EADDRINUSE, 10048, and nothing left behind: ${strategy}`, async () => {
    const owner = net.createServer();
    await new Promise<void>((resolve) => owner.listen(0, '127.0.0.1', resolve));
    const { port } = owner.address() as net.AddressInfo;
    const sockets = socketCount();
    const tasks = kernelThreads().length;
    try {
      const error = await reason(
        createServer({ port, strategy, ...threads, handler: handler('exchange') }),
      );
      expect(error).toMatchObject({ code: 'EADDRINUSE', wsaCode: 10048, port });
      expect(socketCount()).toBe(sockets);
      expect(kernelThreads().length).toBeLessThanOrEqual(tasks);
    } finally {
      await new Promise((resolve) => owner.close(resolve));
    }
  });
}

test('ten threads whose handler cannot be loaded leave no descriptor behind, and the process lives', async () => {
  const openFiles = () => readdirSync('/proc/self/fd').length;
  const start = () => reason(createServer({ port: 0, threads: 10, handler: broken }));
  await start();
  const before = openFiles();
  await start();
  await start();
  expect(openFiles()).toBeLessThanOrEqual(before);
});

test("a handler file whose coroutine switches threads is refused by strategy 'coroutine' when it starts", async () => {
  const sockets = socketCount();
  const error = await reason(
    createServer({ port: 0, strategy: 'coroutine', handler: handler('hoppingExchange') }),
  );
  expect(error).toBeInstanceOf(TypeError);
  expect(error.message).toMatch(
    /hoppingExchange begins with resumeBackground\(\).*pooled-coroutine/,
  );
  expect(socketCount()).toBe(sockets);
});

test('a signal that has aborted before stops createServer with its reason', async () => {
  const stop = new Error('not today');
  const error = await reason(
    createServer({ port: 0, handler: handler('exchange'), signal: AbortSignal.abort(stop) }),
  );
  expect(error).toBe(stop);
});

test('a signal that aborts while the threads start leaves nothing behind', async () => {
  const sockets = socketCount();
  const tasks = kernelThreads().length;
  const stop = new AbortController();
  const started = reason(
    createServer({ port: 0, threads: 2, handler: handler('exchange'), signal: stop.signal }),
  );
  const why = new Error('changed my mind');
  stop.abort(why);
  expect(await started).toBe(why);
  expect(socketCount()).toBe(sockets);
  expect(kernelThreads().length).toBeLessThanOrEqual(tasks);
});

test('two servers share a port only when both say so', async () => {
  const options = { port: 0, strategy: 'coroutine', handler: () => {} } as const;
  await using first = await createServer({ ...options, reusePort: true });
  const port = portOf(first);
  expect(await reason(createServer({ ...options, port }))).toMatchObject({ code: 'EADDRINUSE' });
  await using second = await createServer({ ...options, port, reusePort: true });
  expect(portOf(second)).toBe(port);
});
