/** A name with several addresses: the name server is a fake, the sockets are real. When which is tried: happy-eyeballs.test.ts. */
import { AF_INET, AF_INET6, IPPROTO_TCP, SockaddrIn, SockaddrIn6 } from '@netloom/sockaddr';
import { SOCK_STREAM, Socket, SocketError, WOULD_BLOCK } from '@netloom/winsock-native';
import { expect, it } from 'vitest';
import { connectTcp } from './connect.js';
import type { LookUp } from './resolve.js';

/** `127.0.0.1+::1` has these two addresses. */
const lookUp: LookUp = async (host, { family }) =>
  host.split('+').filter((address) => address.includes(':') === (family === 6));

function listen(family: number): Socket {
  const socket = Socket.create(family, SOCK_STREAM, IPPROTO_TCP);
  const kind = family === AF_INET ? SockaddrIn : SockaddrIn6;
  const address = family === AF_INET ? '127.0.0.1' : '::1';
  socket.bind(kind.from({ address, port: 0 }));
  socket.listen(1);
  return socket;
}

function portOf(socket: Socket): number {
  const { localAddress } = socket;
  return 'port' in localAddress ? (localAddress.port ?? 0) : 0;
}

it('goes on to the next address of a name when one refuses', async () => {
  using listener = listen(AF_INET6);
  using connection = await connectTcp({ host: '127.0.0.1+::1', port: portOf(listener), lookUp });
  expect(String(connection.peer)).toBe(`[::1]:${portOf(listener)}`);
  const accepted = listener.tryAccept();
  if (accepted !== WOULD_BLOCK) accepted.close();
});

it('takes the first address that answers', async () => {
  using listener = listen(AF_INET);
  using connection = await connectTcp({ host: '127.0.0.1+::1', port: portOf(listener), lookUp });
  expect(String(connection.peer)).toBe(`127.0.0.1:${portOf(listener)}`);
  const accepted = listener.tryAccept();
  if (accepted !== WOULD_BLOCK) accepted.close();
});

it('tries only addresses of the family of localAddress', async () => {
  using listener = listen(AF_INET6);
  const port = portOf(listener);
  using connection = await connectTcp({ host: '127.0.0.1+::1', port, localAddress: '::1', lookUp });
  expect(String(connection.local)).toMatch(/^\[::1\]:/);
  const accepted = listener.tryAccept();
  if (accepted !== WOULD_BLOCK) accepted.close();
});

it('lists every address with its reason when none answers', async () => {
  const gone = listen(AF_INET);
  const port = portOf(gone);
  gone.close();
  const host = '127.0.0.1+::1';
  const error: unknown = await connectTcp({ host, port, lookUp }).then(
    undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(SocketError);
  expect(error).toHaveProperty('code', 'ECONNREFUSED');
  expect(error).toHaveProperty(
    'message',
    `connect to 127.0.0.1:${port}: connection refused (ECONNREFUSED, 10061), ` +
      `the last of 2 addresses of ${host}:${port}; ` +
      `before it: connect to [::1]:${port}: connection refused (ECONNREFUSED, 10061)`,
  );
  expect(error).toHaveProperty('cause.errors.length', 2);
});
