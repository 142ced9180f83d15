/**
 * Stage 7, the server: that of stage 6 with a backlog of one (L35).
 *
 * Backlog is how many finished connections may wait for `accept`, beside the one that is served; and only a hint.
 */
import { AF_INET, htons, InetNtopW, inet_pton, ntohs, SockaddrIn, sizeof } from '@netloom/sockaddr';
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

export function main({ host, port, clients }: StageSettings): number {
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
      return gaveUp(`${host} is no IPv4 address`); // 0 leaves no last error to look at
    }
    if (bind(listenSock, serverAddr, sizeof(serverAddr)) === SOCKET_ERROR) return failed('bind');
    if (listen(listenSock, 1) === SOCKET_ERROR) return failed('listen');
    sayListening(listenSock);

    // the original goes on for ever, and never reaches its clean-up
    for (let accepted = 0; accepted < clients; accepted += 1) {
      const clientAddr = new SockaddrIn();
      const addrlen = { value: sizeof(clientAddr) };
      workSock = accept(listenSock, clientAddr, addrlen);
      if (workSock === INVALID_SOCKET) return failed('accept');

      const address = new Uint16Array(46); // characters, not bytes: InetNtopW counts so
      if (InetNtopW(AF_INET, clientAddr.sin_addr, address, address.length) === null) {
        return failed('InetNtopW');
      }
      print(`client address: ${wideText(address)}, port: ${ntohs(clientAddr.sin_port)}`);

      const message = wide('Welcome to server!');
      if (send(workSock, message, sizeof(wchar_t) * message.length, 0) === SOCKET_ERROR) {
        failed('send'); // told, and the next client is served
      }

      const buf = new Uint16Array(100);
      // recv, repeated until the message is whole
      if (recvMessage(workSock, buf, sizeof(buf)) === SOCKET_ERROR) failed('recv');
      else print(wideText(buf));

      closesocket(workSock);
      workSock = INVALID_SOCKET;
    }
    return 0;
  } finally {
    // release first, then mark; the original's early return 1 skips all this
    if (workSock !== INVALID_SOCKET) closesocket(workSock);
    workSock = INVALID_SOCKET;
    closesocket(listenSock);
    listenSock = INVALID_SOCKET;
    WSACleanup();
  }
}
