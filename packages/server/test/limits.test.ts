import { createServer, type StrategyName } from '@netloom/server';
import { describe, expect, test, vi } from 'vitest';
import { Client, handler, portOf, queueLength, until } from './clients.js';

// Threads start slowly on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

const LIMIT = 3;
const STRATEGIES: readonly StrategyName[] = ['coroutine', 'pooled-coroutine'];

for (const strategy of STRATEGIES) {
  const threads = strategy === 'coroutine' ? {} : { threads: 2 };

  describe(`maxConnections with ${strategy}`, () => {
    test('exactly so many are served, three more wait in the backlog of the kernel, in order', async () => {
      await using server = await createServer({
        port: 0,
        strategy,
        ...threads,
        maxConnections: LIMIT,
        handler: handler('echo'),
      });
      const port = portOf(server);
      const clients = Array.from({ length: LIMIT }, () => new Client(port));
      for (const client of clients) {
        client.say('1');
        await client.received(1);
      }
      const late: Client[] = [];
      for (let i = 0; i < 3; i++) {
        const client = new Client(port);
        await client.connected;
        client.say('1');
        late.push(client);
      }
      await until(() => queueLength(port) === 3, 'three in the accept queue');
      expect(server.ledger).toMatchObject({ accepted: LIMIT, live: LIMIT, refused: 0 });
      // Those inside are still served, those outside are not.
      clients[0]?.say('2');
      await clients[0]?.received(2);
      for (const client of late) expect(client.got).toHaveLength(0);
      expect(server.counters.limitWaits).toBeGreaterThan(0);
      for (const [i, client] of clients.entries()) {
        client.socket.end();
        await client.ended;
        await late[i]?.received(1);
        expect(server.ledger).toMatchObject({ accepted: LIMIT + i + 1, live: LIMIT });
        expect(queueLength(port)).toBe(2 - i);
      }
      for (const client of late) client.socket.end();
      expect(await server.drain()).toMatchObject({ accepted: 6, served: 6, refused: 0, live: 0 });
    });

    test('atLimit refuse: those over the limit are reset at once, and counted', async () => {
      await using server = await createServer({
        port: 0,
        strategy,
        ...threads,
        maxConnections: LIMIT,
        atLimit: 'refuse',
        handler: handler('echo'),
      });
      const told: number[] = [];
      server.on('accepted', ({ id }) => told.push(id));
      const port = portOf(server);
      const clients = Array.from({ length: LIMIT }, () => new Client(port));
      for (const client of clients) {
        client.say('1');
        await client.received(1);
      }
      for (let i = 0; i < 3; i++) {
        const { bytes, error } = await new Client(port).ended;
        expect(bytes).toHaveLength(0);
        expect(error?.code).toBe('ECONNRESET');
      }
      expect(server.ledger).toEqual({
        accepted: 6,
        live: 3,
        served: 0,
        refused: 3,
        shed: 0,
        aborted: 0,
      });
      clients[0]?.socket.end();
      await clients[0]?.ended;
      await until(() => server.ledger.live < LIMIT, 'the place is free');
      const next = new Client(port);
      next.say('1');
      await next.received(1);
      next.socket.end();
      for (const client of clients.slice(1)) client.socket.end();
      expect(await server.drain()).toMatchObject({ accepted: 7, served: 4, refused: 3 });
      // Those that were refused are no news.
      expect(told).toEqual([1, 2, 3, 4]);
    });
  });
}

test('the limit holds at every moment while hundreds come and go', async () => {
  let most = 0;
  let now = 0;
  await using server = await createServer({
    port: 0,
    strategy: 'coroutine',
    maxConnections: 5,
    handler: async (connection) => {
      now += 1;
      most = Math.max(most, now);
      await connection.recv(new Uint8Array(1));
      now -= 1;
    },
  });
  const port = portOf(server);
  const one = async (): Promise<void> => {
    const client = new Client(port);
    client.say('x');
    await client.ended;
  };
  for (let round = 0; round < 10; round++) await Promise.all(Array.from({ length: 20 }, one));
  expect(most).toBe(5);
  expect(await server.drain()).toMatchObject({ accepted: 200, served: 200 });
});
