/** Stage 5, the client: that of stage 4, which binds its own port, 10000, before it connects (L33). */
import { AF_INET, htons, inet_pton, SockaddrIn, sizeof } from '@netloom/sockaddr';
import {
  bind,
  closesocket,
  connect,
  INVALID_SOCKET,
  MAKEWORD,
  SD_SEND,
  SOCK_STREAM,
  type SOCKET,
  SOCKET_ERROR,
  send,
  shutdown,
  socket,
  WSACleanup,
  WSADATA,
  WSAStartup,
} from '@netloom/winsock-native';
import { failed } from './shared/failed.js';
import { gaveUp } from './shared/gave-up.js';
import { print } from './shared/print.js';
import { readLine } from './shared/read-line.js';
import { recvMessage } from './shared/recv-message.js';
import type { StageSettings } from './shared/settings.js';
import { wchar_t, wcslen, wide, wideText } from './shared/wide-text.js';

export function main({ host, port, localPort = 10000 }: StageSettings): number {
  const wsaData = new WSADATA();
  const started = WSAStartup(MAKEWORD(2, 2), wsaData);
  if (started !== 0) return failed('WSAStartup', started);

  let sock: SOCKET = INVALID_SOCKET;
  try {
    sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock === INVALID_SOCKET) return failed('socket');

    const localAddr = new SockaddrIn();
    localAddr.sin_family = AF_INET;
    localAddr.sin_port = htons(localPort);
    if (inet_pton(AF_INET, host, localAddr.sin_addr) !== 1) {
      return gaveUp(`${host} is no IPv4 address`); // 0 leaves no last error to look at
    }
    if (bind(sock, localAddr, sizeof(localAddr)) === SOCKET_ERROR) return failed('bind');

    const serverAddr = new SockaddrIn();
    serverAddr.sin_family = AF_INET;
    serverAddr.sin_port = htons(port);
    if (inet_pton(AF_INET, host, serverAddr.sin_addr) !== 1) {
      return gaveUp(`${host} is no IPv4 address`);
    }
    if (connect(sock, serverAddr, sizeof(serverAddr)) === SOCKET_ERROR) return failed('connect');

    const greeting = new Uint16Array('Welcome to server!'.length);
    // recv, repeated until the message is whole: its length is known; the original takes whatever comes first
    const received = recvMessage(sock, greeting, sizeof(greeting));
    if (received === SOCKET_ERROR) return failed('recv');
    if (received === 0) return gaveUp('the server closed before it greeted');
    print(wideText(greeting));

    const line = readLine('Please input what you want to send to server: ');
    if (line === null) return gaveUp('no line to send: the input ended');
    // a whole line: the original's std::wcin >> buf stops at the first blank
    const buf = wide(line);
    if (send(sock, buf, sizeof(wchar_t) * wcslen(buf), 0) === SOCKET_ERROR) return failed('send');
    // says that this was all; the original leaves it to closesocket
    if (shutdown(sock, SD_SEND) === SOCKET_ERROR) return failed('shutdown');
    return 0;
  } finally {
    // release first, then mark; the original's early return 1 skips all this
    closesocket(sock);
    sock = INVALID_SOCKET;
    WSACleanup();
  }
}
