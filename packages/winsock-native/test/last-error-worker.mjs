/** Fails here with 10038 and tells what this thread's last error is; the main thread's must not notice. */
import { parentPort } from 'node:worker_threads';
import { inet_pton } from '@netloom/sockaddr';
import {
  GetCurrentThreadId,
  INVALID_SOCKET,
  listen,
  WSAGetLastError,
} from '@netloom/winsock-native';

const before = WSAGetLastError();
const result = listen(INVALID_SOCKET, 1);
const failed = WSAGetLastError();
const family = inet_pton(77, '1.2.3.4', new Uint8Array(4));
parentPort.postMessage({
  before,
  result,
  failed,
  family,
  afterFamily: WSAGetLastError(),
  threadId: GetCurrentThreadId(),
});
