/**
 * Stage 12, the form that does not starve: the same server with a coroutine that waits (`yield*`) where the tutorial's
 * blocks, so that each of the ten threads holds any number of them.
 */
import { threadId } from 'node:worker_threads';
import { Connection } from '@netloom/connection';
import { CoroutineTask, coroutine, resumeBackground, setBgEntry } from '@netloom/coroutines';
import { AF_INET, htons, InetNtopW, inet_pton, ntohs, SockaddrIn, sizeof } from '@netloom/sockaddr';
import { ThreadPool } from '@netloom/threadpool';
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
import { sayListening } from './shared/say-listening.js';
import type { StageSettings } from './shared/settings.js';
import { wideText } from './shared/wide-text.js';

// a Socket where the original has a SOCKET: it crosses with its owner, and closes if nobody runs this
export const workerAsync = coroutine(
  import.meta.url,
  'workerAsync',
  function* (clientAddr: SockaddrIn, workSock: Socket) {
    yield* resumeBackground(); // the main thread runs nothing of this body
    const me = `thread ${threadId} (kernel id ${GetCurrentThreadId()})`;
    using conn = new Connection(workSock);
    const address = new Uint16Array(46); // characters, not bytes: InetNtopW counts so
    if (InetNtopW(AF_INET, clientAddr.sin_addr, address, address.length) === null) {
      throw lastError('InetNtopW');
    }
    print(`client address: ${wideText(address)}, port: ${ntohs(clientAddr.sin_port)}, on ${me}`);

    yield* conn.sendWideText('Welcome to server!');
    print(`${yield* conn.recvWideText()}, on ${me}`);
  },
);

export async function main({ host, port, clients }: StageSettings): Promise<number> {
  const wsaData = new WSADATA();
  const started = WSAStartup(MAKEWORD(2, 2), wsaData);
  if (started !== 0) return failed('WSAStartup', started);

  let listenSock: SOCKET = INVALID_SOCKET;
  let pool: ThreadPool | undefined; // the finally cannot see what the try declares
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

    const threadpool = new ThreadPool(10);
    pool = threadpool;
    // the promise goes back: without it neither end nor failure would come back
    setBgEntry((resumption) => threadpool.addTask(new CoroutineTask(resumption)));

    // the original goes on for ever, and never reaches its clean-up
    for (let accepted = 0; accepted < clients; accepted += 1) {
      const clientAddr = new SockaddrIn();
      const addrlen = { value: sizeof(clientAddr) };
      // the original blocks in accept; a main thread that blocks would never hear how a coroutine ended
      await clientWaits(listenSock);
      const workSock = accept(listenSock, clientAddr, addrlen);
      if (workSock === INVALID_SOCKET) return failed('accept');

      // the original drops the IAsyncAction, and with it whatever goes wrong
      workerAsync(clientAddr, Socket.fromRaw(workSock)).completed = (action, status) => {
        if (status === 'Error') printError(`${clientAddr}: ${action.errorCode}`);
      };
    }
    return 0;
  } finally {
    // release first, then mark; the original's early return 1 skips all this
    closesocket(listenSock);
    listenSock = INVALID_SOCKET;
    setBgEntry(undefined); // the pool must outlive the entry
    await pool?.close(); // waits for the coroutines that still run
    WSACleanup();
  }
}
