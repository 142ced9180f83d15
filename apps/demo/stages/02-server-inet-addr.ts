/**
 * Stage 2, the server as it stood first: bind with inet_addr (L19). Visual C++ refuses that with C4996 (L20) and names
 * inet_pton instead, so the tutorial goes on with 02-server.ts; nothing else differs.
 */
import { AF_INET, htons, INADDR_NONE, inet_addr, SockaddrIn, sizeof } from '@netloom/sockaddr';
import {
  accept,
  bind,
  closesocket,
  INVALID_SOCKET,
  listen,
  MAKEWORD,
  SOCK_STREAM,
  type SOCKET,
  SOCKET_ERROR,
  SOMAXCONN,
  socket,
  WSACleanup,
  WSADATA,
  WSAStartup,
} from '@netloom/winsock-native';
import { allowRestart } from './shared/allow-restart.js';
import { failed } from './shared/failed.js';
import { gaveUp } from './shared/gave-up.js';
import { print } from './shared/print.js';
import { sayListening } from './shared/say-listening.js';
import type { StageSettings } from './shared/settings.js';

export function main({ host, port }: StageSettings): number {
  const wsaData = new WSADATA();
  const started = WSAStartup(MAKEWORD(2, 2), wsaData);
  if (started !== 0) return failed('WSAStartup', started);

  let listenSock: SOCKET = INVALID_SOCKET;
  let workSock: SOCKET = INVALID_SOCKET;
  try {
    listenSock = socket(AF_INET, SOCK_STREAM, 0);
    if (listenSock === INVALID_SOCKET) return failed('socket'); // equality: SOCKET is unsigned on Windows
    if (allowRestart(listenSock) === SOCKET_ERROR) return failed('setsockopt');

    const serverAddr = new SockaddrIn();
    serverAddr.sin_family = AF_INET;
    serverAddr.sin_port = htons(port);
    serverAddr.sin_addr.s_addr = inet_addr(host);
    // INADDR_NONE means "no address", and has the very bits of 255.255.255.255
    if (serverAddr.sin_addr.s_addr === INADDR_NONE) return gaveUp(`${host} is no IPv4 address`);
    if (bind(listenSock, serverAddr, sizeof(serverAddr)) === SOCKET_ERROR) return failed('bind');
    if (listen(listenSock, SOMAXCONN) === SOCKET_ERROR) return failed('listen');
    sayListening(listenSock);

    const clientAddr = new SockaddrIn();
    const addrlen = { value: sizeof(clientAddr) };
    workSock = accept(listenSock, clientAddr, addrlen);
    if (workSock === INVALID_SOCKET) return failed('accept');
    print('accepted a client');
    return 0;
  } finally {
    // release first, then mark; the original's early return 1 skips all this
    closesocket(workSock);
    workSock = INVALID_SOCKET;
    closesocket(listenSock);
    listenSock = INVALID_SOCKET;
    WSACleanup();
  }
}
