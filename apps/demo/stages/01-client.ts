/** Stage 1, a client: connects, sends its word, prints the answer. The tutorial shows only the server; this is its flow. */
import { AF_INET, htons, INADDR_NONE, inet_addr, SockaddrIn, sizeof } from '@netloom/sockaddr';
import {
  closesocket as close,
  connect,
  INVALID_SOCKET,
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
import { failed } from './shared/failed.js';
import { gaveUp } from './shared/gave-up.js';
import { print } from './shared/print.js';
import type { StageSettings } from './shared/settings.js';

export function main({ host, port, args: [word = 'hello'] }: StageSettings): number {
  const started = WSAStartup(MAKEWORD(2, 2), new WSADATA());
  if (started !== 0) return failed('WSAStartup', started);

  let sock: SOCKET = INVALID_SOCKET;
  try {
    sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock === INVALID_SOCKET) return failed('socket');

    const serverAddr = new SockaddrIn();
    serverAddr.sin_family = AF_INET;
    serverAddr.sin_port = htons(port);
    serverAddr.sin_addr.s_addr = inet_addr(host);
    if (serverAddr.sin_addr.s_addr === INADDR_NONE) return gaveUp(`${host} is no IPv4 address`);
    if (connect(sock, serverAddr, sizeof(serverAddr)) === SOCKET_ERROR) return failed('connect');

    const message = new TextEncoder().encode(word);
    if (send(sock, message, message.length, 0) === SOCKET_ERROR) return failed('send');

    const buff = new Uint8Array(128);
    const num = recv(sock, buff, 127, 0);
    if (num === SOCKET_ERROR) return failed('recv');
    print(new TextDecoder().decode(buff.subarray(0, num)));
    return 0;
  } finally {
    close(sock);
    sock = INVALID_SOCKET;
    WSACleanup();
  }
}
