/** Ten thousand exchanges from 64 clients at a time: every byte, the ledger against the clients' own count, descriptors. */
import { readdirSync } from 'node:fs';
import { connectTcp } from '@netloom/client';
import { createServer } from '@netloom/server';
import { expect, test } from 'vitest';
import type { Dialogue } from '../dialogue/greeter.js';

const EXCHANGES = 10_000;
const AT_A_TIME = 64;
/** The built handler: pool threads import it by its URL. */
const handler = {
  module: new URL('../dist/dialogue/greeter.js', import.meta.url),
  export: 'greet',
};
const GREETING = Buffer.from('Welcome to server!', 'utf16le');

/** This thread's reactor opens its descriptors at the first wait and keeps them: they are no leak. */
async function warmUp(): Promise<void> {
  const server = await createServer({ port: 0, strategy: 'coroutine', handler: () => undefined });
  using conn = await connectTcp({ host: '127.0.0.1', port: server.address().port ?? 0 });
  await conn.recv(new Uint8Array(1));
  await server.close();
}

test('10,000 exchanges by 64 concurrent clients: every byte right, the ledger balances, no descriptor is left', async () => {
  const openFiles = () => readdirSync('/proc/self/fd').length;
  await warmUp();
  const before = openFiles();
  const received = new Map<string, number>();
  const server = await createServer({ host: '127.0.0.1', port: 0, threads: 10, handler });
  server.on('served', (_connection, result) => {
    const { message } = result as Dialogue;
    received.set(message, (received.get(message) ?? 0) + 1);
  });
  const { port = 0 } = server.address();

  let next = 0;
  let completed = 0;
  const client = async (lane: number) => {
    while (next < EXCHANGES) {
      const mine = `m${next++}`;
      // A source address per lane: one address alone would run short of ports in TIME_WAIT.
      using conn = await connectTcp({
        host: '127.0.0.1',
        port,
        localAddress: `127.0.1.${lane + 1}`,
      });
      const greeting = await conn.recvExactly(GREETING.length);
      expect(GREETING.equals(greeting)).toBe(true);
      await conn.sendWideText(mine);
      conn.shutdown('send');
      expect(await conn.recv(new Uint8Array(1))).toBe(0);
      completed += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, (_, lane) => client(lane)));
  const ledger = await server.drain({ timeoutMs: 10_000 });

  expect(completed).toBe(EXCHANGES);
  expect(received.size).toBe(EXCHANGES);
  expect([...received.values()].every((count) => count === 1)).toBe(true);
  expect(ledger).toMatchObject({
    accepted: EXCHANGES,
    served: EXCHANGES,
    live: 0,
    refused: 0,
    shed: 0,
    aborted: 0,
  });
  expect(openFiles()).toBeLessThanOrEqual(before);
});
