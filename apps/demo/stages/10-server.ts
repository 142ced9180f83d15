/**
 * Stage 10, the server: a coroutine per connection (L38). What stands behind the switch runs on another thread.
 *
 * main() may stand in the same file, because the command line imports this module: the threads import it too, and in a
 * program's first module that would start the program again.
 */
import { threadId } from 'node:worker_threads';
import { coroutine, type IAsyncAction, resumeBackground, setBgEntry } from '@netloom/coroutines';
import { AF_INET, htons, InetNtopW, inet_pton, ntohs, SockaddrIn, sizeof } from '@netloom/sockaddr';
import {
  accept,
  bind,
  closesocket,
  GetCurrentThreadId,
  INVALID_SOCKET,
  listen,
  MAKEWORD,
  SOCK_STREAM,
  type SOCKET,
  SOCKET_ERROR,
  SOMAXCONN,
  Socket,
  send,
  socket,
  WSACleanup,
  WSADATA,
  WSAStartup,
} from '@netloom/winsock-native';
import { allowRestart } from './shared/allow-restart.js';
import { clientWaits } from './shared/client-waits.js';
import { failed } from './shared/failed.js';
import { gaveUp } from './shared/gave-up.js';
import { lastError } from './shared/last-error.js';
import { print, printError } from './shared/print.js';
import { recvMessage } from './shared/recv-message.js';
import { sayListening } from './shared/say-listening.js';
import type { StageSettings } from './shared/settings.js';
import { runOnThreadOfItsOwn } from './shared/thread-of-its-own.js';
import { wchar_t, wide, wideText } from './shared/wide-text.js';

// a Socket where the original has a SOCKET: it crosses with its owner, and closes if nobody runs this
export const workerAsync = coroutine(
  import.meta.url,
  'workerAsync',
  function* (clientAddr: SockaddrIn, workSock: Socket) {
    yield* resumeBackground(); // the main thread runs nothing of this body
    const me = `thread ${threadId} (kernel id ${GetCurrentThreadId()})`;
    try {
      const address = new Uint16Array(46); // characters, not bytes: InetNtopW counts so
      if (InetNtopW(AF_INET, clientAddr.sin_addr, address, address.length) === null) {
        throw lastError('InetNtopW');
      }
      print(`client address: ${wideText(address)}, port: ${ntohs(clientAddr.sin_port)}, on ${me}`);

      const message = wide('Welcome to server!');
      if (send(workSock.handle, message, sizeof(wchar_t) * message.length, 0) === SOCKET_ERROR) {
        throw lastError('send');
      }

      const buf = new Uint16Array(100);
      // recv, repeated until the message is whole; blocks this thread, as in the original
      if (recvMessage(workSock.handle, buf, sizeof(buf)) === SOCKET_ERROR) throw lastError('recv');
      print(`${wideText(buf)}, on ${me}`);
    } finally {
      workSock.close(); // closesocket(workSock); workSock = INVALID_SOCKET
    }
  },
);

export async function main({ host, port, clients }: StageSettings): Promise<number> {
  const wsaData = new WSADATA();
  const started = WSAStartup(MAKEWORD(2, 2), wsaData);
  if (started !== 0) return failed('WSAStartup', started);

  let listenSock: SOCKET = INVALID_SOCKET;
  const workers = new Set<IAsyncAction>();
  try {
    listenSock = socket(AF_INET, SOCK_STREAM, 0);
    if (listenSock === INVALID_SOCKET) return failed('socket');
    if (allowRestart(listenSock) === SOCKET_ERROR) return failed('setsockopt');

    const serverAddr = new SockaddrIn();
    serverAddr.sin_family = AF_INET;
    serverAddr.sin_port = htons(port);
    if (inet_pton(AF_INET, host, serverAddr.sin_addr) !== 1) {
      return gaveUp(`${host} is no IPv4 address`); // 0 leaves no last error to look at
    }
    if (bind(listenSock, serverAddr, sizeof(serverAddr)) === SOCKET_ERROR) return failed('bind');
    if (listen(listenSock, SOMAXCONN) === SOCKET_ERROR) return failed('listen');
    sayListening(listenSock);

    // no pool yet: each resumption gets a thread. The promise goes back, so that its end and its errors arrive
    setBgEntry((resumption) => runOnThreadOfItsOwn(resumption));

    // the original goes on for ever, and never reaches its clean-up
    for (let accepted = 0; accepted < clients; accepted += 1) {
      const clientAddr = new SockaddrIn();
      const addrlen = { value: sizeof(clientAddr) };
      // the original blocks in accept; a main thread that blocks would never hear how a coroutine ended
      await clientWaits(listenSock);
      const workSock = accept(listenSock, clientAddr, addrlen);
      if (workSock === INVALID_SOCKET) return failed('accept');

      print(`workerAsync called on thread ${threadId} (kernel id ${GetCurrentThreadId()})`);
      const worker = workerAsync(clientAddr, Socket.fromRaw(workSock));
      // the original drops the IAsyncAction, and with it whatever goes wrong
      workers.add(worker);
      worker.completed = (action, status) => {
        workers.delete(worker);
        if (status === 'Error') printError(`${clientAddr}: ${action.errorCode}`);
      };
    }
    return 0;
  } finally {
    // release first, then mark; the original's early return 1 skips all this
    closesocket(listenSock);
    listenSock = INVALID_SOCKET;
    await Promise.allSettled(workers);
    setBgEntry(undefined);
    WSACleanup();
  }
}
