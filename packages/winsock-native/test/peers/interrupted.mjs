// Waits for a datagram that never comes, with signals arriving meanwhile; says what the call answered and what was handled.
import { writeSync } from 'node:fs';
import * as winsock from '@netloom/winsock-native';

const LIMIT_MS = 400;
let handled = 0;
process.on('SIGUSR2', () => handled++);
winsock.WSAStartup(winsock.MAKEWORD(2, 2), new winsock.WSADATA());
const s = winsock.socket(2, winsock.SOCK_DGRAM, 0);
winsock.setsockopt(s, winsock.SOL_SOCKET, winsock.SO_RCVTIMEO, LIMIT_MS);
// Once the loop turns: what waits for a signal is set up.
setImmediate(() => {
  writeSync(1, 'waiting\n');
  const before = performance.now();
  const result = winsock.recv(s, new Uint8Array(1), 1, 0);
  const isWhole = performance.now() - before >= LIMIT_MS - 1;
  const duringCall = handled;
  const answer = { result, code: winsock.WSAGetLastError(), isWhole, duringCall };
  // The handler runs when the loop turns again.
  const look = setInterval(() => {
    if (handled === 0) return;
    clearInterval(look);
    writeSync(1, JSON.stringify(answer));
    process.exit(0);
  }, 1);
});
