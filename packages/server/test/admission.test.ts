/** Who is let in, over real connections; the clients count by themselves. */
import { createServer, type Server, type ServerOptions } from '@netloom/server';
import { expect, test, vi } from 'vitest';
import { Client, handler, portOf, queueLength, until } from './clients.js';

vi.setConfig({ testTimeout: 60_000 });

function start(options: Partial<ServerOptions>): Promise<Server> {
  return createServer({ port: 0, strategy: 'coroutine', handler: handler('echo'), ...options });
}

/** Whether it is served, or how it was turned away. */
async function outcome(client: Client): Promise<string> {
  client.say('x');
  const got = await client.received(1);
  if (got.toString() === 'x') return 'served';
  const { text, error } = await client.ended;
  return error?.code ?? `told: ${text}`;
}

test('one address gets its share, others theirs, and a place comes back with its connection', async () => {
  await using server = await start({ limits: { perAddress: 2 } });
  const port = portOf(server);
  const from = (address: string) => new Client(port, '127.0.0.1', address);
  const clients = Array.from({ length: 3 }, () => from('127.0.0.2'));
  const outcomes = await Promise.all(clients.map(outcome));
  expect(outcomes.sort()).toEqual(['ECONNRESET', 'served', 'served']);
  const other = from('127.0.0.3');
  expect(await outcome(other)).toBe('served');
  for (const client of clients) await client.leave();
  await until(() => server.ledger.live === 1, 'the first two have left');
  const again = from('127.0.0.2');
  expect(await outcome(again)).toBe('served');
  for (const client of [other, again]) client.socket.end();
  expect(server.counters.refusals).toEqual({ limit: 0, address: 1, denied: 0, rate: 0, memory: 0 });
  expect(await server.drain()).toMatchObject({ accepted: 5, refused: 1, live: 0 });
});

test('a place of the total comes back together with the place of its address', async () => {
  await using server = await start({ maxConnections: 1, limits: { perAddress: 1 } });
  const port = portOf(server);
  const first = new Client(port);
  expect(await outcome(first)).toBe('served');
  const second = new Client(port);
  await second.connected;
  await until(() => queueLength(port) === 1, 'the second waits in the accept queue');
  first.socket.end();
  expect(await outcome(second)).toBe('served');
  second.socket.end();
  expect(await server.drain()).toMatchObject({ accepted: 2, served: 2, refused: 0 });
});

test('who is on no list is refused with the words that were given, and told', async () => {
  await using server = await start({
    allow: ['127.0.0.0/24'],
    deny: ['127.0.0.9'],
    refusal: { message: 'not for you\n' },
  });
  const told: string[] = [];
  server.on('refused', (why, peer) => told.push(`${why} ${String(peer).split(':')[0]}`));
  const port = portOf(server);
  const from = (address: string) => new Client(port, '127.0.0.1', address);
  const allowed = from('127.0.0.8');
  expect(await outcome(allowed)).toBe('served');
  // Silent until they have heard: what a peer says too late would turn the words into a reset.
  for (const address of ['127.0.0.9', '127.0.1.1']) {
    expect(await from(address).ended).toMatchObject({ text: 'not for you\n', error: undefined });
  }
  expect(told).toEqual(['denied 127.0.0.9', 'denied 127.0.1.1']);
  allowed.socket.end();
  expect(await server.drain()).toMatchObject({ accepted: 3, served: 1, refused: 2 });
});

test('no thread of a pool gets more than its share', async () => {
  await using server = await start({
    strategy: 'pooled-coroutine',
    threads: 2,
    limits: { perThread: 2 },
    handler: handler('nameThread'),
  });
  const port = portOf(server);
  const clients = Array.from({ length: 4 }, () => new Client(port));
  const threads = await Promise.all(
    clients.map(async (client) => {
      client.say('?');
      return (await client.received(1)).toString();
    }),
  );
  const counts = [...new Set(threads)].map((id) => threads.filter((other) => other === id).length);
  expect(counts).toEqual([2, 2]);
  const fifth = new Client(port);
  await fifth.connected;
  await until(() => queueLength(port) === 1, 'the fifth waits in the accept queue');
  clients[0]?.socket.end();
  fifth.say('?');
  await fifth.received(1);
  for (const client of [...clients, fifth]) client.socket.end();
  expect(await server.drain()).toMatchObject({ accepted: 5, served: 5 });
});

test('beyond the rate newcomers wait, and all are served', async () => {
  await using server = await start({ limits: { rate: { perSecond: 100, burst: 2 } } });
  const port = portOf(server);
  const began = performance.now();
  const clients = Array.from({ length: 8 }, () => new Client(port));
  expect(new Set(await Promise.all(clients.map(outcome)))).toEqual(new Set(['served']));
  // Two at once, six more at ten milliseconds each: sooner would be a rate that is not kept.
  expect(performance.now() - began).toBeGreaterThanOrEqual(59);
  for (const client of clients) client.socket.end();
  expect(await server.drain()).toMatchObject({ accepted: 8, served: 8, refused: 0 });
});

test('with atLimit refuse those beyond the rate are refused', async () => {
  await using server = await start({
    atLimit: 'refuse',
    limits: { rate: { perSecond: 0.001, burst: 2 } },
  });
  const port = portOf(server);
  const clients = Array.from({ length: 3 }, () => new Client(port));
  expect((await Promise.all(clients.map(outcome))).sort()).toEqual([
    'ECONNRESET',
    'served',
    'served',
  ]);
  expect(server.counters.refusals.rate).toBe(1);
  for (const client of clients) client.socket.end();
});
