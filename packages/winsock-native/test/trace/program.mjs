/** What `trace.test.ts` traces: a few calls of each kind, on two threads. Prints what a trace must show, as JSON. */
import { once } from 'node:events';
import { isMainThread, parentPort, threadId, Worker, workerData } from 'node:worker_threads';
import { AF_INET, IPPROTO_TCP, SockaddrIn, sizeof } from '@netloom/sockaddr';
import * as winsock from '@netloom/winsock-native';

const { SOCK_STREAM, Socket, SOL_SOCKET } = winsock;

const wrong = [];
const me = { threadId, kernelThreadId: winsock.GetCurrentThreadId() };

if (isMainThread) {
  const began = process.hrtime.bigint();
  winsock.WSAStartup(winsock.MAKEWORD(2, 2), new winsock.WSADATA());
  const listener = winsock.socket(AF_INET, SOCK_STREAM, 0);
  const address = SockaddrIn.from({ address: '127.0.0.1', port: 0 });
  winsock.setsockopt(listener, SOL_SOCKET, winsock.SO_KEEPALIVE, 1);
  winsock.bind(listener, address, sizeof(address));
  winsock.listen(listener, 5);
  winsock.getsockname(listener, address, { value: 16 });
  const worker = new Worker(new URL(import.meta.url), { workerData: address.port });
  const messages = once(worker, 'message');
  const exit = once(worker, 'exit');
  const peer = new SockaddrIn();
  winsock.accept(listener, peer, { value: 0 });
  const accepted = winsock.accept(listener, peer, { value: 16 });
  const into = new Uint8Array(100);
  winsock.recv(accepted, into, 100, winsock.MSG_PEEK);
  winsock.recv(accepted, into, 100, 0);
  winsock.send(accepted, new Uint8Array(1000).fill(65), 1000, 0);
  winsock.getsockopt(accepted, IPPROTO_TCP, winsock.TCP_INFO ?? 0, {});
  winsock.closesocket(accepted);
  winsock.closesocket(listener);
  const [other] = await messages;
  await exit;
  winsock.WSACleanup();
  const ended = process.hrtime.bigint();
  console.log(
    JSON.stringify({ me, other, port: address.port, began: `${began}`, ended: `${ended}` }),
  );
} else {
  const address = SockaddrIn.from({ address: '127.0.0.1', port: workerData });
  const one = Socket.create(AF_INET, SOCK_STREAM);
  // Waits where nothing is expected to be there yet.
  const isBegun = one.tryConnect(address) === winsock.WOULD_BLOCK;
  if (isBegun) one.finishConnect();
  one.trySend(new Uint8Array(new Uint16Array([...'ThisIs1'].map((c) => c.charCodeAt(0))).buffer));
  try {
    one.bind(address);
  } catch (error) {
    if (error.code !== 'EINVAL') throw error;
  }
  // What is wrong fails as it does without a trace.
  for (const call of [() => one.trySend(undefined), () => one.trySend('text')]) {
    try {
      call();
    } catch (error) {
      wrong.push(error.message);
    }
  }
  one.close();
  parentPort.postMessage({ ...me, wrong });
}
