/**
 * Stage 11, the form that does not starve: the same server with a task that waits on its thread's event loop instead of
 * blocking it, so that a thread holds any number of clients that say nothing.
 */
import { threadId } from 'node:worker_threads';
import { Connection } from '@netloom/connection';
import { AF_INET, InetNtopW, ntohs } from '@netloom/sockaddr';
import { GetCurrentThreadId } from '@netloom/winsock-native';
import { NetworkTask, serve } from './11-server.js';
import { print } from './shared/print.js';
import type { StageSettings } from './shared/settings.js';

export class WaitingTask extends NetworkTask {
  static override readonly module: string = import.meta.url;
  static override readonly exportName: string = 'WaitingTask';
  /** How many of this class one thread may have at a time; of NetworkTask, which blocks, one. */
  static readonly concurrency = Number.POSITIVE_INFINITY;

  override async runTask(): Promise<void> {
    const me = `thread ${threadId} (kernel id ${GetCurrentThreadId()})`;
    using conn = new Connection(this.workSock);
    const { sin_addr, sin_port } = this.clientAddr;
    const address = InetNtopW(AF_INET, sin_addr);
    print(`client address: ${address}, port: ${ntohs(sin_port)}, on ${me}`);

    await conn.sendWideText('Welcome to server!');
    print(`${await conn.recvWideText()}, on ${me}`);
  }
}

export function main(settings: StageSettings): Promise<number> {
  return serve(settings, WaitingTask);
}
