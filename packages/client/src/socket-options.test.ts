import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { IPPROTO_TCP, SockaddrIn } from '@netloom/sockaddr';
import {
  SO_BINDTODEVICE,
  SO_KEEPALIVE,
  SOL_SOCKET,
  SocketError,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_NODELAY,
} from '@netloom/winsock-native';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectTcp } from './connect.js';
import { openSocket, type TcpSocketOptions } from './socket-options.js';

const LIMIT_MS = 20_000;
const isLinux = process.platform === 'linux';
const peer = SockaddrIn.from({ address: '127.0.0.1', port: 9 });

let server: Server;
let port = 0;
beforeEach(async () => {
  server = createServer((socket) => socket.resume());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  port = address !== null && typeof address === 'object' ? address.port : 0;
});
afterEach(async () => {
  server.close();
  await once(server, 'close');
});

/** The kernel's state of sockets from one port to another: '06' is TIME_WAIT. */
function stateOf(from: number, to: number): string | undefined {
  const text = (number: number) => `:${number.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1);
  for (const row of rows) {
    const [, local = '', remote = '', state] = row.trim().split(/\s+/);
    if (local.endsWith(text(from)) && remote.endsWith(text(to))) return state;
  }
  return undefined;
}

describe('the socket of connectTcp()', () => {
  it.runIf(isLinux)('has keep-alive and no delay as asked for', () => {
    using plain = openSocket(peer, undefined, {});
    expect(plain.getOption(SOL_SOCKET, SO_KEEPALIVE)).toBe(false);
    expect(plain.getOption(IPPROTO_TCP, TCP_NODELAY)).toBe(false);
    const keepAlive = { idleMs: 7000, intervalMs: 3000, count: 5 };
    using socket = openSocket(peer, undefined, { keepAlive, noDelay: true });
    expect(socket.getOption(SOL_SOCKET, SO_KEEPALIVE)).toBe(true);
    expect(socket.getOption(IPPROTO_TCP, TCP_NODELAY)).toBe(true);
    expect(socket.getOption(IPPROTO_TCP, TCP_KEEPIDLE ?? 0)).toBe(7);
    expect(socket.getOption(IPPROTO_TCP, TCP_KEEPINTVL ?? 0)).toBe(3);
    expect(socket.getOption(IPPROTO_TCP, TCP_KEEPCNT ?? 0)).toBe(5);
  });

  it.runIf(isLinux)('goes by the interface it is told', async () => {
    using socket = openSocket(peer, undefined, { networkInterface: 'lo' });
    expect(socket.getOption(SOL_SOCKET, SO_BINDTODEVICE ?? 0)).toBe('lo');
    using connection = await connectTcp({ host: '127.0.0.1', port, networkInterface: 'lo' });
    expect(connection.isClosed).toBe(false);
    const nowhere = connectTcp({ host: '127.0.0.1', port, networkInterface: 'nowhere0' });
    const error: unknown = await nowhere.then(undefined, (reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ENODEV', syscall: 'setsockopt' });
  });

  it.runIf(isLinux)(
    'explains TIME_WAIT where a fixed local port meets it',
    { timeout: LIMIT_MS },
    async () => {
      const first = await connectTcp({ host: '127.0.0.1', port });
      const { local } = first;
      const localPort = 'port' in local ? (local.port ?? 0) : 0;
      // This side closes first, and so it is this side's port that has to wait.
      first.close();
      await vi.waitFor(() => expect(stateOf(localPort, port)).toBe('06'), LIMIT_MS / 2);
      const again = connectTcp({ host: '127.0.0.1', port, localPort });
      const error: unknown = await again.then(undefined, (reason: unknown) => reason);
      expect(error).toBeInstanceOf(SocketError);
      expect(error).toMatchObject({ code: 'EADDRINUSE', wsaCode: 10048, syscall: 'bind' });
      expect(String(error)).toContain(
        `localPort ${localPort} is taken, or its last connection is in TIME_WAIT`,
      );
      expect(String(error)).toContain('leave localPort out');
    },
  );

  it.runIf(isLinux)('closes the socket that could not be bound', async () => {
    const taken = { host: '127.0.0.1', port, localAddress: '192.0.2.1' };
    const error: unknown = await connectTcp(taken).then(undefined, (reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'EADDRNOTAVAIL', syscall: 'bind' });
    // Without a fixed port there is nothing to explain.
    expect(String(error)).not.toContain('TIME_WAIT');
  });

  const refused: [what: string, options: TcpSocketOptions, message: string][] = [
    ['an interface without a name', { networkInterface: '' }, 'networkInterface must be'],
    ['an idle time that is none', { keepAlive: { idleMs: 10 } }, 'keepAlive.idleMs must be'],
    ['a count out of range', { keepAlive: { count: 500 } }, 'keepAlive.count must be'],
    ['a local port out of range', { localPort: 70_000 }, 'localPort must be'],
  ];
  it.each(refused)('refuses %s', (_what, options, message) => {
    expect(() => connectTcp({ host: '127.0.0.1', port: 9, ...options })).toThrow(message);
  });
});
