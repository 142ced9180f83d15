import { createServer, type StrategyName } from '@netloom/server';
import { describe, expect, test, vi } from 'vitest';
import {
  Client,
  exchangeOnce,
  handler,
  kernelThreads,
  portOf,
  queueLength,
  socketCount,
  until,
} from './clients.js';

// Threads start slowly on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

const STRATEGIES: readonly StrategyName[] = ['coroutine', 'pooled-coroutine'];

for (const strategy of STRATEGIES) {
  const threads = strategy === 'coroutine' ? {} : { threads: 2 };
  const options = { port: 0, strategy, ...threads } as const;

  describe(`drain() of ${strategy}`, () => {
    test('waits for those that live, and newcomers are refused meanwhile', async () => {
      const server = await createServer({ ...options, handler: handler('echo') });
      const port = portOf(server);
      const client = new Client(port);
      client.say('1');
      await client.received(1);
      const drained = server.drain();
      expect(server.isDraining).toBe(true);
      const late = new Client(port);
      expect((await late.ended).error?.code).toBe('ECONNREFUSED');
      client.say('2');
      await client.received(2);
      expect(server.ledger.live).toBe(1);
      client.socket.end();
      expect(await drained).toMatchObject({ accepted: 1, served: 1, live: 0, cut: [] });
    });

    test('names what hangs at the deadline, cuts it, and lets its finally run', async () => {
      const server = await createServer({ ...options, handler: handler('farewell') });
      const told: unknown[] = [];
      server.on('connection-error', (error) => told.push(error));
      const ids = (await server.threads()).map((thread) => thread.threadId);
      const client = new Client(portOf(server));
      await client.received(6);
      const local = `127.0.0.1:${client.socket.localPort}`;
      const report = await server.drain({ timeoutMs: 30 });
      expect((await client.ended).text).toBe('hello bye');
      expect(report).toMatchObject({ accepted: 1, live: 0, served: 0, aborted: 1 });
      expect(report.cut).toHaveLength(1);
      const [cut] = report.cut;
      expect(`${cut?.peer}`).toBe(local);
      expect(cut).toMatchObject({ id: 1, isCancelled: true });
      expect(cut?.ageMs).toBeGreaterThanOrEqual(30);
      expect(ids).toContain(cut?.threadId);
      // It is in the report: no event tells it a second time.
      expect(told).toEqual([]);
    });

    test('gives up a handler that cannot be stopped, and says so', async () => {
      const server = await createServer({ ...options, handler: handler('stubborn') });
      const client = new Client(portOf(server));
      await client.received(6);
      const report = await server.drain({ timeoutMs: 0 });
      await client.ended;
      expect(report).toMatchObject({ accepted: 1, live: 0, aborted: 1 });
      expect(report.cut).toMatchObject([{ id: 1, isCancelled: false }]);
    });

    test('accepts and serves what the accept queue holds before it closes', async () => {
      const server = await createServer({
        ...options,
        maxConnections: 1,
        handler: handler('quietExchange'),
      });
      const port = portOf(server);
      const first = new Client(port);
      await first.received(36);
      const waiting = Array.from({ length: 3 }, () => exchangeOnce(port, 'ThisIs1'));
      await until(() => queueLength(port) === 3, 'three in the accept queue');
      const drained = server.drain();
      first.say(Buffer.from('ThisIs0', 'utf16le'));
      expect(await Promise.all(waiting)).toEqual([true, true, true]);
      expect(await drained).toMatchObject({ accepted: 4, served: 4, cut: [] });
    });

    test('with nobody connected it ends at once, and leaves no descriptor and no thread', async () => {
      const sockets = socketCount();
      const tasks = kernelThreads().length;
      const server = await createServer({ ...options, handler: handler('echo') });
      expect(socketCount()).toBeGreaterThan(sockets);
      expect(await server.drain({ timeoutMs: Number.POSITIVE_INFINITY })).toMatchObject({
        accepted: 0,
        cut: [],
      });
      expect(socketCount()).toBe(sockets);
      expect(kernelThreads().length).toBeLessThanOrEqual(tasks);
    });

    test('asked again it joins the drain that runs, and an earlier deadline counts', async () => {
      const server = await createServer({ ...options, handler: handler('pausing') });
      const client = new Client(portOf(server));
      await client.received(6);
      const first = server.drain({ timeoutMs: Number.POSITIVE_INFINITY });
      const second = server.drain({ timeoutMs: 0 });
      expect(await second).toBe(await first);
      expect((await first).cut).toHaveLength(1);
      expect(await server.drain()).toBe(await first);
      await client.ended;
    });

    test('a signal that aborts drains as close() does, and the event says when it is over', async () => {
      const stop = new AbortController();
      const server = await createServer({
        ...options,
        handler: handler('echo'),
        signal: stop.signal,
      });
      const client = new Client(portOf(server));
      client.say('1');
      await client.received(1);
      const drained = new Promise((resolve) => server.once('drained', resolve));
      stop.abort();
      expect(server.isDraining).toBe(true);
      client.socket.end();
      expect(await drained).toMatchObject({ accepted: 1, served: 1, live: 0 });
    });

    test('closing while clients connect loses none that was accepted', async () => {
      const server = await createServer({ ...options, handler: handler('quietExchange') });
      const port = portOf(server);
      const outcomes = Array.from({ length: 60 }, () => exchangeOnce(port, 'ThisIs1'));
      await until(() => server.ledger.accepted >= 20, 'some are accepted');
      const report = await server.drain();
      const right = (await Promise.all(outcomes)).filter(Boolean).length;
      expect(right).toBe(report.served);
      expect(report.accepted).toBe(report.served);
    });
  });
}

test('a deadline that is no duration is refused', async () => {
  await using server = await createServer({ port: 0, strategy: 'coroutine', handler: () => {} });
  expect(() => server.drain({ timeoutMs: -1 })).toThrow(/timeoutMs must be milliseconds.*-1/);
  expect(server.isDraining).toBe(false);
});

test('a handler that blocks its thread is given up with the thread; others were served', async () => {
  const server = await createServer({ port: 0, threads: 1, handler: handler('blocking') });
  const lost: unknown[] = [];
  server.on('thread-lost', (_error, threadId) => lost.push(threadId));
  const [thread] = await server.threads();
  const client = new Client(portOf(server));
  await client.received(6);
  const report = await server.drain({ timeoutMs: 0 });
  expect(report).toMatchObject({ accepted: 1, live: 0, aborted: 1 });
  expect(report.cut).toMatchObject([{ isCancelled: false, threadId: thread?.threadId }]);
  // The drain ended that thread itself: it is not lost.
  expect(lost).toEqual([]);
  await client.ended;
});

test('connections that crossed to a thread which never began them are closed once, and counted', async () => {
  const sockets = socketCount();
  const server = await createServer({ port: 0, threads: 1, handler: handler('blocking') });
  const port = portOf(server);
  const first = new Client(port);
  await first.received(6);
  const others = Array.from({ length: 3 }, () => new Client(port));
  await until(() => server.ledger.live === 4, 'all are accepted');
  const report = await server.drain({ timeoutMs: 0 });
  expect(report).toMatchObject({ accepted: 4, live: 0, served: 0, aborted: 4 });
  expect(report.cut.map(({ id, isCancelled }) => [id, isCancelled])).toEqual([
    [1, false],
    [2, true],
    [3, true],
    [4, true],
  ]);
  for (const client of [first, ...others]) await client.ended;
  expect(socketCount()).toBe(sockets);
});
