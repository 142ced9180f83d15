/** Many exchanges at a time between this package's connections: every byte right, nothing left open. */
import { readdirSync } from 'node:fs';
import { connectTcp } from '@netloom/client';
import { Connection } from '@netloom/connection';
import { coroutine } from '@netloom/coroutines';
import { AF_INET, IPPROTO_TCP, SockaddrIn } from '@netloom/sockaddr';
import { SOCK_STREAM, Socket, WOULD_BLOCK } from '@netloom/winsock-native';
import { watch } from '@netloom/winsock-native/reactor';
import { expect, it } from 'vitest';

const CLIENTS = 32;
const EXCHANGES_EACH = 20;

const serve = coroutine(function* (socket: Socket) {
  using connection = new Connection(socket, { receiveTimeoutMs: 5000 });
  yield* connection.sendWideText('Welcome to server!');
  const reply = yield* connection.recvWideText();
  yield* connection.sendWideText(`${reply} to you, ${String(connection.peer)}\n`);
  return reply;
});

const exchange = coroutine(function* (port: number, name: string) {
  using connection = yield* connectTcp({ host: '127.0.0.1', port });
  const greeting = yield* connection.recvExactly(36);
  yield* connection.sendWideText(name);
  connection.shutdown('send');
  const answer = yield* connection.recvWideText();
  expect(greeting).toHaveLength(36);
  expect(answer).toBe(`${name} to you, ${String(connection.local)}`);
});

it('serves many clients at a time, every byte right and nothing left open', async () => {
  const listener = Socket.create(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  listener.bind(SockaddrIn.from({ address: '127.0.0.1', port: 0 }));
  listener.listen();
  const arrivals = watch(listener);
  const before = readdirSync('/proc/self/fd').length;
  const served: PromiseLike<string>[] = [];
  const acceptAll = () => {
    arrivals.readable = false;
    for (;;) {
      const socket = listener.tryAccept();
      if (socket === WOULD_BLOCK) break;
      served.push(serve(socket));
    }
    arrivals.wait('read', acceptAll);
  };
  arrivals.wait('read', acceptAll);

  const { localAddress } = listener;
  const port = 'port' in localAddress ? (localAddress.port ?? 0) : 0;
  const names: string[] = [];
  const runClient = async (client: number) => {
    for (let turn = 0; turn < EXCHANGES_EACH; turn += 1) {
      const name = `client ${client}, turn ${turn}`;
      names.push(name);
      await exchange(port, name);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, client) => runClient(client)));

  expect(served).toHaveLength(CLIENTS * EXCHANGES_EACH);
  expect((await Promise.all(served)).sort()).toEqual(names.sort());
  expect(readdirSync('/proc/self/fd').length).toBe(before);
  arrivals.cancel('read');
  arrivals.close();
  listener.close();
});
