/**
 * Stage 11, the form that does not starve: the same server with a NetworkTask that waits on its thread's event loop instead
 * of blocking it, so that a thread holds any number of clients that say nothing.
 */
import { threadId } from 'node:worker_threads';
import { Connection } from '@netloom/connection';
import { AF_INET, htons, InetNtopW, inet_pton, ntohs, SockaddrIn, sizeof } from '@netloom/sockaddr';
import { type ITask, ThreadPool } from '@netloom/threadpool';
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

export class NetworkTask implements ITask<void> {
  static readonly module: string = import.meta.url; // where a thread finds the class
  static readonly exportName: string = 'NetworkTask';
  /** How many of this class one thread may have at a time; of one that blocks, one. */
  static readonly concurrency = Number.POSITIVE_INFINITY;

  readonly clientAddr: SockaddrIn;
  // the original keeps a SOCKET, and its empty destructor leaks it when the task never runs; the pool closes a Socket
  readonly workSock: Socket;

  constructor(clientAddr: SockaddrIn, workSock: Socket) {
    this.clientAddr = clientAddr;
    this.workSock = workSock;
  }

  async runTask(): Promise<void> {
    const { clientAddr, workSock } = this;
    const me = `thread ${threadId} (kernel id ${GetCurrentThreadId()})`;
    using conn = new Connection(workSock);
    const address = new Uint16Array(46); // characters, not bytes: InetNtopW counts so
    if (InetNtopW(AF_INET, clientAddr.sin_addr, address, address.length) === null) {
      throw lastError('InetNtopW');
    }
    print(`client address: ${wideText(address)}, port: ${ntohs(clientAddr.sin_port)}, on ${me}`);

    await conn.sendWideText('Welcome to server!');
    print(`${await conn.recvWideText()}, on ${me}`);
  }
}

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

    // the original goes on for ever, and never reaches its clean-up
    for (let accepted = 0; accepted < clients; accepted += 1) {
      const clientAddr = new SockaddrIn();
      const addrlen = { value: sizeof(clientAddr) };
      // the original blocks in accept; a main thread that blocks would never hear how a task ended
      await clientWaits(listenSock);
      const workSock = accept(listenSock, clientAddr, addrlen);
      if (workSock === INVALID_SOCKET) return failed('accept');

      const task = new NetworkTask(clientAddr, Socket.fromRaw(workSock));
      // the original would end with a task that throws
      threadpool.addTask(task).catch((error) => printError(`${clientAddr}: ${error}`));
    }
    return 0;
  } finally {
    // release first, then mark; the original's early return 1 skips all this
    closesocket(listenSock);
    listenSock = INVALID_SOCKET;
    await pool?.close(); // runs what it has; the original's destructor drops it
    WSACleanup();
  }
}
