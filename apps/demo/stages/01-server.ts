/**
 * Stage 1, the server: listens, and answers OK to whoever sends something (L15). Plain Berkeley style, for Linux.
 */
import { AF_INET, htons, INADDR_NONE, inet_addr, SockaddrIn, sizeof } from '@netloom/sockaddr';
import {
  accept,
  bind,
  closesocket as close,
  INVALID_SOCKET,
  listen,
  MAKEWORD,
  recv,
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
import { sayListening } from './shared/say-listening.js';
import type { StageSettings } from './shared/settings.js';

export function main({ host, port, clients }: StageSettings): number {
  // the original has no start-up: Linux needs none; ours asks for it on every system
  const started = WSAStartup(MAKEWORD(2, 2), new WSADATA());
  if (started !== 0) return failed('WSAStartup', started);

  let listenSock: SOCKET = INVALID_SOCKET;
  try {
    listenSock = socket(AF_INET, SOCK_STREAM, 0);
    // the original asserts, which vanishes with NDEBUG
    if (listenSock === INVALID_SOCKET) return failed('socket');
    if (allowRestart(listenSock) === SOCKET_ERROR) return failed('setsockopt');

    const addr = new SockaddrIn();
    addr.sin_family = AF_INET;
    addr.sin_port = htons(port);
    addr.sin_addr.s_addr = inet_addr(host);
    if (addr.sin_addr.s_addr === INADDR_NONE) return gaveUp(`${host} is no IPv4 address`);
    if (bind(listenSock, addr, sizeof(addr)) === SOCKET_ERROR) return failed('bind');
    if (listen(listenSock, 5) === SOCKET_ERROR) return failed('listen');
    sayListening(listenSock);

    for (let served = 0; served < clients; served += 1) {
      const clientAddr = new SockaddrIn();
      const len = { value: sizeof(clientAddr) }; // the original's int should be socklen_t
      const sock = accept(listenSock, clientAddr, len);
      // the original only continues, which spins when descriptors run out
      if (sock === INVALID_SOCKET) return failed('accept');

      const buff = new Uint8Array(128);
      const num = recv(sock, buff, 127, 0);
      if (num === SOCKET_ERROR) failed('recv');
      else {
        print(`buff = ${new TextDecoder().decode(buff.subarray(0, num))}, num = ${num}`);
        const ok = new TextEncoder().encode('OK');
        if (send(sock, ok, ok.length, 0) === SOCKET_ERROR) failed('send');
      }
      close(sock);
    }
    return 0;
  } finally {
    close(listenSock);
    listenSock = INVALID_SOCKET;
    WSACleanup();
  }
}
