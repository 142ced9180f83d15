/**
 * The tutorial's worker coroutine. It has a file of its own because each pool thread imports it from here.
 */
import { threadId } from 'node:worker_threads';
import { Connection } from '@netloom/connection';
import { coroutine, resumeBackground } from '@netloom/coroutines';
import { ntohs, type SockaddrIn } from '@netloom/sockaddr';
import { GetCurrentThreadId, type Socket } from '@netloom/winsock-native';

export const workerAsync = coroutine(
  import.meta.url,
  'workerAsync',
  function* (clientAddr: SockaddrIn, workSock: Socket) {
    yield* resumeBackground(); // from here on, a pool thread
    const me = `thread ${threadId} (kernel id ${GetCurrentThreadId()})`;
    using conn = new Connection(workSock);
    console.log(
      `client address: ${clientAddr.address}, port: ${ntohs(clientAddr.sin_port)}, on ${me}`,
    );

    yield* conn.sendWideText('Welcome to server!');
    const message = yield* conn.recvWideText();
    console.log(message);
  },
);
