/** What theatre/kernel.ts reads, held against sockets whose addresses Node knows. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { threadId } from 'node:worker_threads';
import { GetCurrentThreadId } from '@netloom/winsock-native';
import { describe, expect, test } from 'vitest';
import {
  hasKernelTables,
  setting,
  ss,
  type TcpRow,
  tcpExt,
  tcpRows,
  threadsOf,
  within,
} from '../theatre/kernel.js';

async function listening(
  host: string,
  options: { readonly pauseOnConnect?: boolean } = {},
): Promise<{ server: Server; port: number }> {
  const server = createServer(options);
  server.listen(0, host);
  await once(server, 'listening');
  // SAFETY: a TCP server that listens.
  return { server, port: (server.address() as AddressInfo).port };
}

describe.runIf(hasKernelTables)('the kernel', () => {
  for (const host of ['127.0.0.1', '::1']) {
    test(`lists a listener and both ends of a connection at ${host}`, async () => {
      const { server, port } = await listening(host);
      const isHere = ({ local }: TcpRow) => local.address === host;
      const client = connect(port, host);
      const [accepted] = await once(server, 'connection');
      // The same port of another address is somebody else's.
      const [listener] = tcpRows({ localPort: port, state: 'LISTEN' }).filter(isHere);
      expect(listener?.local.address).toBe(host);
      expect(listener?.receiveQueue).toBe(0);
      const [own] = tcpRows({ remotePort: port }).filter(isHere);
      expect(own?.local.port).toBe(client.localPort);
      expect(own?.remote.address).toBe(host);
      expect(own?.state).toBe('ESTABLISHED');
      expect(own?.inode).toBeGreaterThan(0);
      const [other] = tcpRows({ localPort: port, state: 'ESTABLISHED' }).filter(isHere);
      expect(other?.remote.port).toBe(client.localPort);

      const ownPort = client.localPort;
      // The accepted end, not half open, answers the FIN with its own.
      accepted.resume();
      client.resume();
      client.end();
      await once(client, 'close');
      server.close();
      const waiting = await within(
        5000,
        () => tcpRows({ localPort: ownPort ?? 0, state: 'TIME_WAIT' }).find(isHere),
        'TIME_WAIT',
      );
      expect(waiting.timer).toBe('time-wait');
      expect(waiting.timerMs).toBeGreaterThan(30_000);
      expect(waiting.timerMs).toBeLessThanOrEqual(60_000);
    });
  }

  test('counts bytes that nobody has read', async () => {
    const { server, port } = await listening('127.0.0.1', { pauseOnConnect: true });
    const client = connect(port, '127.0.0.1');
    const [accepted] = await once(server, 'connection');
    client.write('seven..');
    const row = await within(
      5000,
      () => tcpRows({ localPort: port }).find(({ receiveQueue }) => receiveQueue > 0),
      'bytes',
    );
    expect(row.receiveQueue).toBe(7);
    client.destroy();
    accepted.destroy();
    server.close();
  });

  test('has counters, settings and threads', () => {
    expect(tcpExt('ListenOverflows')).toBeGreaterThanOrEqual(0);
    expect(() => tcpExt('NoSuchCounter')).toThrow(/no counter TcpExt NoSuchCounter/);
    expect(setting('net.core.somaxconn')).toBeGreaterThan(0);
    expect(setting('net.core.no_such_setting')).toBeUndefined();
    expect(threadsOf(process.pid)).toContain(threadId === 0 ? process.pid : GetCurrentThreadId());
  });
});

test('ss is asked where it is, and undefined where it is not', () => {
  const { PATH } = process.env;
  try {
    process.env.PATH = '/nowhere';
    expect(ss('-V')).toBeUndefined();
  } finally {
    process.env.PATH = PATH;
  }
  const isThere = (() => {
    try {
      execFileSync('ss', ['-V']);
      return true;
    } catch {
      return false;
    }
  })();
  expect(ss('-V') !== undefined).toBe(isThere);
});

test('within gives up with a sentence', async () => {
  await expect(within(1, () => undefined, { en: 'answer', zh: '回答' })).rejects.toMatchObject({
    text: { en: 'no answer within 0.001 s', zh: '0.001 秒内没有等到：回答' },
  });
});
