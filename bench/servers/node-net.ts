/**
 * The same two servers with node:net, in the form that costs it least: one write, `destroy()` instead of a half-close,
 * Nagle off where messages are pipelined.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { GREETING, REPLY_BYTES } from './dialogue.js';

const isExchange = process.argv[2] === 'exchange';
let connections = 0;

function exchange(socket: Socket): void {
  let received = 0;
  socket.write(GREETING);
  socket.on('data', (chunk) => {
    received += chunk.length;
    if (received >= REPLY_BYTES) socket.destroy();
  });
}

function echo(socket: Socket): void {
  socket.on('data', (chunk) => {
    if (socket.write(chunk)) return;
    socket.pause();
    socket.once('drain', () => socket.resume());
  });
}

const server = createServer({ noDelay: !isExchange }, (socket) => {
  // A peer that resets harms its own connection; the load generator counts it.
  socket.on('error', () => {});
  connections += 1;
  (isExchange ? exchange : echo)(socket);
});

server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  // SAFETY: a listening TCP server's address is an AddressInfo.
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});

process.on('SIGTERM', () => {
  server.close(() => console.log(JSON.stringify({ connections })));
});
