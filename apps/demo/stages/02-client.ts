/** Stage 2, the client: a whole program that only connects (L25). */
import { AF_INET, htons, inet_pton, SockaddrIn, sizeof } from '@netloom/sockaddr';
import {
  closesocket,
  connect,
  INVALID_SOCKET,
  MAKEWORD,
  SOCK_STREAM,
  type SOCKET,
  SOCKET_ERROR,
  socket,
  WSACleanup,
  WSADATA,
  WSAStartup,
} from '@netloom/winsock-native';
import { failed } from './shared/failed.js';
import { gaveUp } from './shared/gave-up.js';
import { print } from './shared/print.js';
import type { StageSettings } from './shared/settings.js';

export function main({ host, port }: StageSettings): number {
  const wsaData = new WSADATA();
  const started = WSAStartup(MAKEWORD(2, 2), wsaData);
  if (started !== 0) return failed('WSAStartup', started);

  let sock: SOCKET = INVALID_SOCKET;
  try {
    sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock === INVALID_SOCKET) return failed('socket');

    const serverAddr = new SockaddrIn();
    serverAddr.sin_family = AF_INET;
    serverAddr.sin_port = htons(port);
    if (inet_pton(AF_INET, host, serverAddr.sin_addr) !== 1) {
      return gaveUp(`${host} is no IPv4 address`);
    }
    if (connect(sock, serverAddr, sizeof(serverAddr)) === SOCKET_ERROR) return failed('connect');
    print('connected');
    return 0;
  } finally {
    closesocket(sock);
    sock = INVALID_SOCKET;
    WSACleanup();
  }
}
