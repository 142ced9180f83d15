import { threadId } from 'node:worker_threads';
import { createServer, type StrategyName } from '@netloom/server';
import { SockaddrIn, SockaddrIn6 } from '@netloom/sockaddr';
import { GetCurrentThreadId } from '@netloom/winsock-native';
import { describe, expect, test, vi } from 'vitest';
import {
  Client,
  exchangeOnce,
  GREETING,
  handler,
  kernelThreads,
  portOf,
  socketCount,
} from './clients.js';

// Threads start slowly on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

const STRATEGIES: readonly StrategyName[] = ['coroutine', 'pooled-coroutine'];
const HANDLERS = ['exchange', 'exchangeCoroutine', 'exchangeGenerator'];

/** Threads only where the strategy has some. */
function threads(strategy: StrategyName, count: number): { threads?: number } {
  return strategy === 'pooled-coroutine' ? { threads: count } : {};
}

for (const strategy of STRATEGIES) {
  describe(`strategy ${strategy}`, () => {
    test.each(HANDLERS)('the same file serves whole exchanges: %s', async (name) => {
      await using server = await createServer({
        port: 0,
        strategy,
        ...threads(strategy, 2),
        handler: handler(name),
      });
      const replies: unknown[] = [];
      server.on('served', (_connection, result) =>
        replies.push((result as { reply: string }).reply),
      );
      const port = portOf(server);
      const texts = ['ThisIs1', 'ThisIs2', 'ThisIs3'];
      expect(await Promise.all(texts.map((text) => exchangeOnce(port, text)))).toEqual([
        true,
        true,
        true,
      ]);
      const ledger = await server.drain();
      expect(replies.sort()).toEqual(texts);
      expect(ledger).toMatchObject({ accepted: 3, served: 3, live: 0, aborted: 0, cut: [] });
    });

    test('a connection knows its peer, and the server its address, as structures', async () => {
      await using server = await createServer({
        port: 0,
        strategy,
        ...threads(strategy, 1),
        handler: handler('sync'),
      });
      const address = server.address();
      expect(address).toBeInstanceOf(SockaddrIn);
      expect(portOf(server)).toBeGreaterThan(0);
      const served = new Promise<[string, unknown]>((resolve) => {
        server.once('served', (connection, result) => resolve([`${connection.peer}`, result]));
      });
      const client = new Client(portOf(server));
      await client.connected;
      const local = `127.0.0.1:${client.socket.localPort}`;
      await client.ended;
      expect(await served).toEqual([local, local]);
    });

    test('a handler that throws harms its own connection only, is counted and told', async () => {
      await using server = await createServer({
        port: 0,
        strategy,
        ...threads(strategy, 1),
        handler: handler('failing'),
      });
      const told: unknown[] = [];
      server.on('connection-error', (error) => told.push(error));
      const clients = [new Client(portOf(server)), new Client(portOf(server))];
      for (const client of clients) {
        const { bytes, error } = await client.ended;
        expect(error).toBeUndefined();
        expect(bytes).toEqual(GREETING);
      }
      expect(await server.drain()).toMatchObject({ accepted: 2, served: 0, aborted: 2 });
      expect(told).toHaveLength(2);
      for (const error of told) {
        expect(error).toBeInstanceOf(RangeError);
        expect(error).toMatchObject({ message: 'the handler does not like it', detail: 7 });
      }
    });

    test('a handler that throws before it returns is counted like one that throws later', async () => {
      await using server = await createServer({
        port: 0,
        strategy,
        ...threads(strategy, 1),
        handler: handler('failingSync'),
      });
      const told = new Promise((resolve) => server.once('connection-error', resolve));
      await new Client(portOf(server)).ended;
      expect(await told).toMatchObject({ name: 'RangeError', message: 'at once' });
      expect(server.ledger).toMatchObject({ accepted: 1, live: 0, aborted: 1 });
    });

    test('a handler that returns a promise that cannot be waited for is counted, its connection closed', async () => {
      const sockets = socketCount();
      await using server = await createServer({
        port: 0,
        strategy,
        ...threads(strategy, 1),
        handler: handler('usedUp'),
      });
      const told: unknown[] = [];
      server.on('connection-error', (error) => told.push(error));
      // The second shows that the first has not ended accepting.
      for (let i = 0; i < 2; i++) {
        expect(await new Client(portOf(server)).ended).toMatchObject({
          text: 'abc',
          error: undefined,
        });
      }
      expect(await server.drain()).toMatchObject({ accepted: 2, aborted: 2, live: 0, cut: [] });
      for (const error of told) {
        expect(error).toMatchObject({ message: expect.stringMatching(/already been waited for/) });
      }
      expect(told).toHaveLength(2);
      expect(socketCount()).toBe(sockets);
    });

    test('a connection ends once, by the first word of what its handler returned', async () => {
      await using server = await createServer({
        port: 0,
        strategy,
        ...threads(strategy, 1),
        handler: handler('contradictory'),
      });
      const told: unknown[] = [];
      server.on('connection-error', (error) => told.push(error));
      server.on('served', (_connection, result) => told.push(result));
      await new Client(portOf(server)).ended;
      expect(await server.drain()).toMatchObject({ accepted: 1, served: 1, aborted: 0 });
      expect(told).toEqual(['the first word counts']);
    });

    test('an accepted connection is told with its peer, before its handler runs', async () => {
      await using server = await createServer({
        port: 0,
        strategy,
        ...threads(strategy, 1),
        handler: handler('sync'),
      });
      const told: string[] = [];
      server.on('accepted', ({ id, peer }) => told.push(`accepted ${id} ${peer}`));
      server.on('accepted', () => told.push(`live ${server.ledger.live}`));
      const served = new Promise((resolve) => server.once('served', resolve));
      server.on('served', ({ id, peer }) => told.push(`served ${id} ${peer}`));
      const client = new Client(portOf(server));
      await client.connected;
      const local = `127.0.0.1:${client.socket.localPort}`;
      await client.ended;
      await served;
      expect(told).toEqual([`accepted 1 ${local}`, 'live 1', `served 1 ${local}`]);
    });

    test('an error that nobody listens for becomes a warning, not silence and not a crash', async () => {
      await using server = await createServer({
        port: 0,
        strategy,
        ...threads(strategy, 1),
        handler: handler('failing'),
      });
      const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
      await new Client(portOf(server)).ended;
      const warning = await warned;
      expect(warning.message).toMatch(/RangeError: the handler does not like it/);
      expect(warning).toMatchObject({ code: 'NETLOOM_CONNECTION_ERROR' });
    });

    test('IPv6 works as IPv4 does', async () => {
      await using server = await createServer({
        host: '::1',
        port: 0,
        strategy,
        ...threads(strategy, 1),
        handler: handler('exchange'),
      });
      expect(server.address()).toBeInstanceOf(SockaddrIn6);
      const client = new Client(portOf(server), '::1');
      await client.received(GREETING.length);
      client.say(Buffer.from('ThisIs6', 'utf16le'));
      expect((await client.ended).bytes).toEqual(GREETING);
    });

    test('waits have no default timeout, and take the one that is given', async () => {
      await using server = await createServer({
        port: 0,
        strategy,
        ...threads(strategy, 1),
        connection: { receiveTimeoutMs: 20 },
        handler: handler('exchange'),
      });
      const told = new Promise((resolve) => server.once('connection-error', resolve));
      const client = new Client(portOf(server));
      await client.ended;
      expect(await told).toMatchObject({ code: 'ETIMEDOUT' });
    });
  });
}

test('on strategy coroutine a closure is a handler too, and runs on this thread', async () => {
  const ids: number[] = [];
  await using server = await createServer({
    port: 0,
    strategy: 'coroutine',
    handler: () => {
      ids.push(GetCurrentThreadId());
    },
  });
  await new Client(portOf(server)).ended;
  await server.drain();
  expect(ids).toEqual([GetCurrentThreadId()]);
  expect(await server.threads()).toEqual([{ threadId, kernelThreadId: GetCurrentThreadId() }]);
});

test('a pool has exactly its threads from the beginning, found in the list of the kernel', async () => {
  const before = new Set(kernelThreads());
  await using server = await createServer({ port: 0, threads: 3, handler: handler('exchange') });
  const threads = await server.threads();
  expect(threads).toHaveLength(3);
  const now = kernelThreads();
  for (const { kernelThreadId } of threads) {
    expect(before.has(kernelThreadId)).toBe(false);
    expect(now).toContain(kernelThreadId);
  }
  expect(new Set(threads.map((thread) => thread.threadId)).size).toBe(3);
  expect(threads.map((thread) => thread.threadId)).not.toContain(threadId);
});

test.each(['exchangeCoroutine', 'hoppingExchange'])(
  'on a pool clients at a time are served on as many threads, none of them this one: %s',
  async (name) => {
    await using server = await createServer({ port: 0, threads: 3, handler: handler(name) });
    const ran: { threadId: number; kernelThreadId: number }[] = [];
    server.on('served', (_connection, result) => ran.push(result as (typeof ran)[number]));
    const clients = [1, 2, 3].map(() => new Client(portOf(server)));
    for (const client of clients) await client.received(GREETING.length);
    expect(server.ledger).toMatchObject({ accepted: 3, live: 3 });
    for (const [i, client] of clients.entries()) client.say(Buffer.from(`ThisIs${i}`, 'utf16le'));
    for (const client of clients) expect((await client.ended).bytes).toEqual(GREETING);
    await server.drain();
    const known = await server.threads().catch(() => []);
    expect(known).toBeDefined();
    expect(new Set(ran.map((one) => one.kernelThreadId)).size).toBe(3);
    for (const one of ran) {
      expect(one.threadId).not.toBe(threadId);
      expect(one.kernelThreadId).not.toBe(GetCurrentThreadId());
    }
  },
);

test('the thread of each connection is known when it ends', async () => {
  await using server = await createServer({ port: 0, threads: 2, handler: handler('exchange') });
  const pairs: [number | undefined, unknown][] = [];
  server.on('served', (connection, result) =>
    pairs.push([connection.threadId, (result as { threadId: number }).threadId]),
  );
  await Promise.all([1, 2, 3].map((i) => exchangeOnce(portOf(server), `ThisIs${i}`)));
  await server.drain();
  expect(pairs).toHaveLength(3);
  for (const [said, ran] of pairs) expect(said).toBe(ran);
});

test('ten silent clients do not starve the eleventh, which one of the same ten threads serves', async () => {
  await using server = await createServer({ port: 0, threads: 10, handler: handler('exchange') });
  const threads = new Set((await server.threads()).map((thread) => thread.kernelThreadId));
  expect(threads.size).toBe(10);
  const ran: number[] = [];
  server.on('served', (_connection, result) =>
    ran.push((result as { kernelThreadId: number }).kernelThreadId),
  );
  const silent = Array.from({ length: 10 }, () => new Client(portOf(server)));
  for (const client of silent) await client.received(GREETING.length);
  expect(server.ledger.live).toBe(10);
  expect(await exchangeOnce(portOf(server), 'Elevent')).toBe(true);
  for (const client of silent) expect(client.socket.destroyed).toBe(false);
  for (const client of silent) client.say(Buffer.from('ThisIsX', 'utf16le'));
  for (const client of silent) expect((await client.ended).bytes).toEqual(GREETING);
  expect(await server.drain()).toMatchObject({ accepted: 11, served: 11 });
  expect(ran).toHaveLength(11);
  for (const id of ran) expect(threads.has(id)).toBe(true);
});

for (const strategy of STRATEGIES) {
  test(`hundreds of exchanges: the ledger of ${strategy} is what the clients counted`, async () => {
    await using server = await createServer({
      port: 0,
      strategy,
      ...threads(strategy, 3),
      handler: handler('quietExchange'),
    });
    server.on('connection-error', () => {});
    const port = portOf(server);
    let right = 0;
    let resets = 0;
    const one = async (i: number): Promise<void> => {
      if (i % 10 === 9) {
        // These leave in the middle, with a reset.
        const client = new Client(port);
        await client.received(GREETING.length);
        client.socket.resetAndDestroy();
        await client.ended;
        resets += 1;
      } else if (await exchangeOnce(port, 'ThisIs1')) {
        right += 1;
      }
    };
    for (let round = 0; round < 10; round++) {
      await Promise.all(Array.from({ length: 40 }, (_, i) => one(i)));
      const { accepted, live, served, refused, shed, aborted } = server.ledger;
      expect(accepted).toBe(live + served + refused + shed + aborted);
    }
    expect([right, resets]).toEqual([360, 40]);
    expect(await server.drain()).toEqual({
      accepted: 400,
      live: 0,
      served: 360,
      refused: 0,
      shed: 0,
      aborted: 40,
      cut: [],
    });
  });
}

test('10,000 exchanges of 64 clients at a time: every byte right, the ledger exact, no descriptor left', async () => {
  const sockets = socketCount();
  const server = await createServer({ port: 0, threads: 4, handler: handler('quietCoroutine') });
  const port = portOf(server);
  let left = 10_000;
  let right = 0;
  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      if (await exchangeOnce(port, 'ThisIs1')) right += 1;
    }
  };
  await Promise.all(Array.from({ length: 64 }, client));
  expect(right).toBe(10_000);
  expect(await server.drain()).toMatchObject({
    accepted: 10_000,
    served: 10_000,
    live: 0,
    cut: [],
  });
  expect(socketCount()).toBe(sockets);
});

test('a result that cannot cross is told as what it is, and harms no other connection', async () => {
  await using server = await createServer({ port: 0, threads: 1, handler: handler('uncrossable') });
  const told = new Promise((resolve) => server.on('connection-error', resolve));
  await new Client(portOf(server)).ended;
  expect(await told).toMatchObject({ name: 'TypeError', message: expect.stringMatching(/result/) });
  await new Client(portOf(server)).ended;
  expect(await server.drain()).toMatchObject({ accepted: 2, aborted: 2, live: 0 });
});
