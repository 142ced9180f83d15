/**
 * Stage 3, the server: accept with an addrlen of 0 (L24), which fails; then with the true one, which takes the connection.
 */
import { AF_INET, htons, inet_pton, SockaddrIn, sizeof } from '@netloom/sockaddr';
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
import { readLine } from './shared/read-line.js';
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
    if (listenSock === INVALID_SOCKET) return failed('socket');
    if (allowRestart(listenSock) === SOCKET_ERROR) return failed('setsockopt');

    const serverAddr = new SockaddrIn();
    serverAddr.sin_family = AF_INET;
    serverAddr.sin_port = htons(port);
    if (inet_pton(AF_INET, host, serverAddr.sin_addr) !== 1) {
      return gaveUp(`${host} is no IPv4 address`);
    }
    if (bind(listenSock, serverAddr, sizeof(serverAddr)) === SOCKET_ERROR) return failed('bind');
    if (listen(listenSock, SOMAXCONN) === SOCKET_ERROR) return failed('listen');
    sayListening(listenSock);

    const clientAddr = new SockaddrIn();
    const addrlen = { value: 0 }; // should be sizeof(clientAddr)
    readLine('Press Enter to accept with addrlen 0, once a client waits: ');
    workSock = accept(listenSock, clientAddr, addrlen);
    if (workSock === INVALID_SOCKET) failed('accept'); // the original returns 1 here

    readLine('Press Enter to accept with addrlen sizeof(clientAddr): ');
    addrlen.value = sizeof(clientAddr);
    workSock = accept(listenSock, clientAddr, addrlen);
    if (workSock === INVALID_SOCKET) return failed('accept');
    print(`accepted a client, addrlen is ${addrlen.value}`);
    readLine('Press Enter to clean up: ');
    return 0;
  } finally {
    closesocket(workSock);
    workSock = INVALID_SOCKET;
    closesocket(listenSock);
    listenSock = INVALID_SOCKET;
    WSACleanup();
  }
}
