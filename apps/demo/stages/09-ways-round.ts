/**
 * Stage 9, three ways round 10048: the client with one thing done differently, named by the first word of `args`.
 *
 * `reuse` sets SO_REUSEADDR, `linger` closes with a reset, `server-first` lets the server close first. A fourth way, another
 * port, needs no other client.
 */
import { AF_INET, htons, inet_pton, SockaddrIn, sizeof } from '@netloom/sockaddr';
import {
  bind,
  closesocket,
  connect,
  INVALID_SOCKET,
  MAKEWORD,
  recv,
  SD_SEND,
  SO_LINGER,
  SO_REUSEADDR,
  SOCK_STREAM,
  type SOCKET,
  SOCKET_ERROR,
  SOL_SOCKET,
  send,
  setsockopt,
  shutdown,
  socket,
  WSACleanup,
  WSADATA,
  WSAStartup,
} from '@netloom/winsock-native';
import { failed } from './shared/failed.js';
import { gaveUp } from './shared/gave-up.js';
import { print, printError } from './shared/print.js';
import { readLine } from './shared/read-line.js';
import { recvMessage } from './shared/recv-message.js';
import type { StageSettings } from './shared/settings.js';
import { wchar_t, wcslen, wide, wideText } from './shared/wide-text.js';

const WAYS = ['reuse', 'linger', 'server-first'];

export function main({ host, port, localPort = 10000, args: [way = ''] }: StageSettings): number {
  if (!WAYS.includes(way)) {
    printError(`the first word names the way round: ${WAYS.join(', ')}; got: ${way || 'none'}`);
    return 2; // a wrong command line
  }

  const wsaData = new WSADATA();
  const started = WSAStartup(MAKEWORD(2, 2), wsaData);
  if (started !== 0) return failed('WSAStartup', started);

  let sock: SOCKET = INVALID_SOCKET;
  try {
    sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock === INVALID_SOCKET) return failed('socket');

    if (way === 'reuse') {
      // on both sockets: the one that holds the port, or held it, and the one that wants it
      if (setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, 1) === SOCKET_ERROR) {
        return failed('setsockopt');
      }
    }
    if (way === 'linger') {
      // closesocket then throws away what is unsent and sends a reset in place of a FIN
      const reset = { l_onoff: 1, l_linger: 0 };
      if (setsockopt(sock, SOL_SOCKET, SO_LINGER, reset) === SOCKET_ERROR) {
        return failed('setsockopt');
      }
    }

    const localAddr = new SockaddrIn();
    localAddr.sin_family = AF_INET;
    localAddr.sin_port = htons(localPort);
    if (inet_pton(AF_INET, host, localAddr.sin_addr) !== 1) {
      return gaveUp(`${host} is no IPv4 address`); // 0 leaves no last error to look at
    }
    if (bind(sock, localAddr, sizeof(localAddr)) === SOCKET_ERROR) return failed('bind');
    print(`bound to port ${localPort}`);

    const serverAddr = new SockaddrIn();
    serverAddr.sin_family = AF_INET;
    serverAddr.sin_port = htons(port);
    if (inet_pton(AF_INET, host, serverAddr.sin_addr) !== 1) {
      return gaveUp(`${host} is no IPv4 address`);
    }
    if (connect(sock, serverAddr, sizeof(serverAddr)) === SOCKET_ERROR) return failed('connect');
    print('connected');

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
    if (way === 'reuse' && shutdown(sock, SD_SEND) === SOCKET_ERROR) return failed('shutdown');
    if (way === 'server-first') {
      // a line feed ends the message: the server needs no FIN to go on, and sends its own
      if (send(sock, wide('\n'), sizeof(wchar_t), 0) === SOCKET_ERROR) return failed('send');
      if (recv(sock, new Uint8Array(1), 1, 0) === SOCKET_ERROR) return failed('recv');
      print('the server has closed');
    }
    return 0;
  } finally {
    // release first, then mark; the original's early return 1 skips all this
    closesocket(sock);
    sock = INVALID_SOCKET;
    WSACleanup();
  }
}
