/**
 * The tutorial's last server by hand: accept here, one coroutine per connection on a pool of ten threads.
 *
 * `createServer` of @netloom/server does the same and more. Run: node dist/pooled-coroutine/server.js [port]
 */
import { threadId } from 'node:worker_threads';
import { CoroutineTask, setBgEntry } from '@netloom/coroutines';
import { AF_INET, htons, inet_pton, SockaddrIn, sizeof } from '@netloom/sockaddr';
import { ThreadPool } from '@netloom/threadpool';
import {
  accept,
  bind,
  FIONBIO,
  GetCurrentThreadId,
  getsockname,
  INVALID_SOCKET,
  ioctlsocket,
  listen,
  MAKEWORD,
  SOCK_STREAM,
  SOCKET_ERROR,
  SOMAXCONN,
  Socket,
  socket,
  WSACleanup,
  WSADATA,
  WSAECONNABORTED,
  WSAEWOULDBLOCK,
  WSAGetLastError,
  WSAStartup,
} from '@netloom/winsock-native';
import { watch } from '@netloom/winsock-native/reactor';
import { workerAsync } from './worker-async.js';

/** Says which call failed and why, and ends main(); what was opened until then closes on the way out. */
function failed(call: string, code: number = WSAGetLastError()): never {
  throw new Error(`${call} failed: ${code}`);
}

async function main(port: number): Promise<void> {
  const listenSock = socket(AF_INET, SOCK_STREAM, 0);
  if (listenSock === INVALID_SOCKET) failed('socket');
  // The Socket owns the number from here on and closes it; the C calls go on taking the number.
  using listener = Socket.fromRaw(listenSock);

  const serverAddr = new SockaddrIn();
  serverAddr.sin_family = AF_INET;
  serverAddr.sin_port = htons(port);
  inet_pton(AF_INET, '127.0.0.1', serverAddr.sin_addr.bytes);
  if (bind(listenSock, serverAddr, sizeof(serverAddr)) === SOCKET_ERROR) failed('bind');
  if (listen(listenSock, SOMAXCONN) === SOCKET_ERROR) failed('listen');
  getsockname(listenSock, serverAddr, { value: sizeof(serverAddr) });
  console.log(
    `listening on ${serverAddr}, main thread ${threadId} (kernel id ${GetCurrentThreadId()})`,
  );

  // The main thread runs an event loop and must not block in accept: it asks, and waits for the loop to call.
  if (ioctlsocket(listenSock, FIONBIO, { value: 1 }) === SOCKET_ERROR) failed('ioctlsocket');
  const readiness = watch(listener);

  await using pool = new ThreadPool(10); // its end waits for the coroutines that still run
  setBgEntry((resumption) => pool.addTask(new CoroutineTask(resumption)));

  let isStopping = false;
  const stop = () => {
    isStopping = true;
    readiness.close();
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);

  while (!isStopping) {
    const clientAddr = new SockaddrIn();
    const workSock = accept(listenSock, clientAddr, { value: sizeof(clientAddr) });
    if (workSock !== INVALID_SOCKET) {
      console.log(
        `port ${clientAddr.port}: workerAsync called on thread ${threadId} (kernel id ${GetCurrentThreadId()})`,
      );
      // Nobody awaits it; what becomes of one client must not end the server.
      workerAsync(clientAddr, Socket.fromRaw(workSock)).completed = (action, status) => {
        if (status === 'Error') console.error(`${clientAddr}: ${action.errorCode}`);
      };
    } else if (WSAGetLastError() === WSAECONNABORTED) {
      console.error('a client was gone before it was accepted');
    } else if (WSAGetLastError() === WSAEWOULDBLOCK) {
      readiness.readable = false; // the queue is empty: only a new event shall wake us
      await new Promise((wake) => readiness.wait('read', wake));
    } else {
      failed('accept');
    }
  }
}

const started = WSAStartup(MAKEWORD(2, 2), new WSADATA());
if (started !== 0) failed('WSAStartup', started);
try {
  await main(Number(process.argv[2] ?? 9008));
} finally {
  WSACleanup();
}
