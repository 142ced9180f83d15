/**
 * Stage 8: a thread per connection (L36).
 *
 * This file is also what its threads run: a Worker starts a module, where std::jthread starts a lambda. The command line
 * imports it on the main thread, and then nothing runs but `main`.
 */
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { threadId, Worker, workerData } from 'node:worker_threads';
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
  send,
  socket,
  WSACleanup,
  WSADATA,
  WSAStartup,
} from '@netloom/winsock-native';
import { allowRestart } from './shared/allow-restart.js';
import { failed } from './shared/failed.js';
import { gaveUp } from './shared/gave-up.js';
import { print } from './shared/print.js';
import { recvMessage } from './shared/recv-message.js';
import { sayListening } from './shared/say-listening.js';
import type { StageSettings } from './shared/settings.js';
import { wchar_t, wide, wideText } from './shared/wide-text.js';

/** What the lambda captures: `[client_addr, work_sock]`, both by copy. */
interface Captures {
  readonly clientAddr: Uint8Array;
  readonly workSock: SOCKET;
}

export async function main({ host, port, clients }: StageSettings): Promise<number> {
  const wsaData = new WSADATA();
  const started = WSAStartup(MAKEWORD(2, 2), wsaData);
  if (started !== 0) return failed('WSAStartup', started);

  let listenSock: SOCKET = INVALID_SOCKET;
  const threads = new Set<Promise<unknown>>();
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

    const clientAddr = new SockaddrIn();
    // the original goes on for ever, and never reaches its clean-up
    for (let accepted = 0; accepted < clients; accepted += 1) {
      const addrlen = { value: sizeof(clientAddr) };
      const workSock = accept(listenSock, clientAddr, addrlen);
      if (workSock === INVALID_SOCKET) return failed('accept');

      // the number and the bytes are copied: the next accept writes into clientAddr again
      const captures: Captures = { clientAddr: clientAddr.bytes, workSock };
      const t = new Worker(new URL(import.meta.url), { workerData: captures });
      // the original's t.detach() gives the thread up; ours is kept until it has ended
      const end: Promise<unknown> = once(t, 'exit').finally(() => threads.delete(end));
      threads.add(end);
      // a turn of the loop clears what is left of threads that ended; they run while this one blocks in accept
      await setImmediate();
    }
    return 0;
  } finally {
    // release first, then mark; the original's early return 1 skips all this
    closesocket(listenSock);
    listenSock = INVALID_SOCKET;
    await Promise.all(threads); // after detach nobody can: the end of main cuts off whoever is still served
    WSACleanup();
  }
}

/** The lambda's body. `mutable`, because it marks its copy of the handle as closed. */
function serve(clientAddr: SockaddrIn, workSock: SOCKET): number {
  const me = `thread ${threadId} (kernel id ${GetCurrentThreadId()})`;
  try {
    const address = new Uint16Array(46); // characters, not bytes: InetNtopW counts so
    if (InetNtopW(AF_INET, clientAddr.sin_addr, address, address.length) === null) {
      return failed('InetNtopW');
    }
    print(`client address: ${wideText(address)}, port: ${ntohs(clientAddr.sin_port)}, on ${me}`);

    const message = wide('Welcome to server!');
    if (send(workSock, message, sizeof(wchar_t) * message.length, 0) === SOCKET_ERROR) {
      return failed('send');
    }

    const buf = new Uint16Array(100);
    // recv, repeated until the message is whole
    if (recvMessage(workSock, buf, sizeof(buf)) === SOCKET_ERROR) return failed('recv');
    print(`${wideText(buf)}, on ${me}`);
    return 0;
  } finally {
    closesocket(workSock);
    workSock = INVALID_SOCKET;
  }
}

// null on the main thread, and something else in a thread that another program started
const captures: unknown = workerData;
if (typeof captures === 'object' && captures !== null && 'workSock' in captures) {
  // SAFETY: only main makes an object with this field and starts this file with it.
  const { clientAddr, workSock } = captures as Captures;
  serve(new SockaddrIn(clientAddr), workSock);
}
