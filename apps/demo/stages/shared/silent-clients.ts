/**
 * Clients that connect, read the greeting and say nothing: a program of the stages that show who starves.
 *
 * Typed `leave 3`, the third closes; typed `reset 3`, it cuts its connection off. At the end of the input all leave. With
 * Node's own sockets, so that nothing of ours stands on both sides.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { print, printError } from './print.js';
import type { StageSettings } from './settings.js';

const GREETING_BYTES = 'Welcome to server!'.length * 2;

export async function main({ host, port, clients }: StageSettings): Promise<number> {
  let exitCode = 0;
  const sockets: Socket[] = [];
  for (let number = 1; number <= clients; number += 1) {
    const socket = connect(port, host);
    sockets.push(socket);
    await once(socket, 'connect');
    socket.on('error', (error) => {
      exitCode = 1;
      printError(`client ${number}: ${error.message}`);
    });
    socket.on('close', () => print(`client ${number} is gone`));
    printGreeting(socket, number);
  }
  for await (const line of createInterface({ input: process.stdin })) {
    const [word, number] = line.split(' ');
    const socket = sockets[Number(number) - 1];
    if (word === 'leave') socket?.end();
    else if (word === 'reset') socket?.resetAndDestroy();
    else printError(`neither "leave N" nor "reset N": ${line}`);
  }
  for (const socket of sockets) socket.end();
  await Promise.all(sockets.map((socket) => socket.closed || once(socket, 'close')));
  return exitCode;
}

function printGreeting(socket: Socket, number: number): void {
  let received = Buffer.alloc(0);
  socket.on('data', (part) => {
    received = Buffer.concat([received, part]);
    if (received.length === GREETING_BYTES)
      print(`client ${number}, port ${socket.localPort}: ${received.toString('utf16le')}`);
  });
}
