/** A program of its own, because it blocks: connects to an address that does not answer, with one retry of the SYN. */
import { AF_INET, IPPROTO_TCP, SockaddrIn, sizeof } from '@netloom/sockaddr';
import {
  closesocket,
  connect,
  INVALID_SOCKET,
  MAKEWORD,
  SOCK_STREAM,
  type SOCKET,
  SOCKET_ERROR,
  setsockopt,
  socket,
  TCP_SYNCNT,
  WSACleanup,
  WSADATA,
  WSAGetLastError,
  WSAStartup,
} from '@netloom/winsock-native';
import { failed } from '../../stages/shared/failed.js';
import { gaveUp } from '../../stages/shared/gave-up.js';
import { print } from '../../stages/shared/print.js';
import type { StageSettings } from '../../stages/shared/settings.js';
import { SYN_RETRIES } from './blocking.js';

export function main({ host, port }: StageSettings): number {
  const wsaData = new WSADATA();
  const started = WSAStartup(MAKEWORD(2, 2), wsaData);
  if (started !== 0) return failed('WSAStartup', started);

  let sock: SOCKET = INVALID_SOCKET;
  try {
    sock = socket(AF_INET, SOCK_STREAM, 0);
    if (sock === INVALID_SOCKET) return failed('socket');
    if (TCP_SYNCNT === undefined) return gaveUp('this system has no TCP_SYNCNT');
    // how often the SYN is repeated before connect gives up; the least that the kernel takes is 1
    if (setsockopt(sock, IPPROTO_TCP, TCP_SYNCNT, SYN_RETRIES) === SOCKET_ERROR) {
      return failed('setsockopt');
    }

    const serverAddr = SockaddrIn.from({ address: host, port });
    print('connecting');
    const begun = performance.now();
    const connected = connect(sock, serverAddr, sizeof(serverAddr));
    const code = WSAGetLastError();
    print(`connect returned after ${Math.round(performance.now() - begun)} ms`);
    return connected === SOCKET_ERROR ? failed('connect', code) : 0;
  } finally {
    closesocket(sock);
    sock = INVALID_SOCKET;
    WSACleanup();
  }
}
