/** The line by which the clients' side knows that the server is there, and where. */
import { SockaddrIn, sizeof } from '@netloom/sockaddr';
import { getsockname, type SOCKET, SOCKET_ERROR } from '@netloom/winsock-native';
import { failed } from './failed.js';
import { print } from './print.js';

/** Prints `listening on 127.0.0.1:9008`, with the port that the system chose where 0 was asked for. */
export function sayListening(listenSock: SOCKET): void {
  const own = new SockaddrIn();
  if (getsockname(listenSock, own, { value: sizeof(own) }) === SOCKET_ERROR) failed('getsockname');
  else print(`listening on ${own.address}:${own.port}`);
}
