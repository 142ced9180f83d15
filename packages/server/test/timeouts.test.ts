import { createServer, type ServerOptions, type StrategyName } from '@netloom/server';
import { expect, test, vi } from 'vitest';
import { Client, portOf } from './clients.js';

// Threads start slowly on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

const MINUTE = 60_000;
const handler = { module: new URL('./fixtures/clocks.mjs', import.meta.url), export: 'patience' };

type Row = readonly [string, ServerOptions['connection'], unknown];
const rows: readonly Row[] = [
  [
    'five minutes for receiving, two for sending',
    undefined,
    { receive: 5 * MINUTE, send: 2 * MINUTE },
  ],
  [
    'what one option says, the other by default',
    { receiveTimeoutMs: 70 },
    { receive: 70, send: 2 * MINUTE },
  ],
  ['the other way round', { sendTimeoutMs: 70 }, { receive: 5 * MINUTE, send: 70 }],
  [
    'for ever where it is told to',
    { receiveTimeoutMs: Number.POSITIVE_INFINITY, sendTimeoutMs: Number.POSITIVE_INFINITY },
    { receive: null, send: null },
  ],
];

for (const strategy of ['coroutine', 'pooled-coroutine'] satisfies StrategyName[]) {
  const threads = strategy === 'coroutine' ? {} : { threads: 1 };
  test.each(rows)(`a connection of ${strategy} waits %s`, async (_what, connection, waits) => {
    await using server = await createServer({ port: 0, strategy, ...threads, connection, handler });
    const served = new Promise((resolve) =>
      server.once('served', (_info, result) => resolve(result)),
    );
    const client = new Client(portOf(server));
    client.socket.pause();
    expect(await served).toEqual(waits);
    await client.leave();
  });
}
