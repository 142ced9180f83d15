/**
 * Stage 12, the form that does not starve: the same server with a coroutine that waits (`yield*`) where the tutorial's
 * blocks, so that each of the ten threads holds any number of them.
 */
import { threadId } from 'node:worker_threads';
import { Connection } from '@netloom/connection';
import { coroutine, resumeBackground } from '@netloom/coroutines';
import { AF_INET, InetNtopW, ntohs, type SockaddrIn } from '@netloom/sockaddr';
import { GetCurrentThreadId, type Socket } from '@netloom/winsock-native';
import { serve } from './12-server.js';
import { print } from './shared/print.js';
import type { StageSettings } from './shared/settings.js';

export const workerAsync = coroutine(
  import.meta.url,
  'workerAsync',
  function* (clientAddr: SockaddrIn, workSock: Socket) {
    yield* resumeBackground(); // the main thread runs nothing of this body
    const me = `thread ${threadId} (kernel id ${GetCurrentThreadId()})`;

    using conn = new Connection(workSock);
    const address = InetNtopW(AF_INET, clientAddr.sin_addr);
    print(`client address: ${address}, port: ${ntohs(clientAddr.sin_port)}, on ${me}`);

    yield* conn.sendWideText('Welcome to server!');
    print(`${yield* conn.recvWideText()}, on ${me}`);
  },
);

export function main(settings: StageSettings): Promise<number> {
  return serve(settings, workerAsync);
}
