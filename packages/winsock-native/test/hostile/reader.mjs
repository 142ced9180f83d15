// A thread that receives in pieces of every size until the end, and says how much that was; other bytes than those that must
// come are its error.
import assert from 'node:assert/strict';
import { parentPort, workerData } from 'node:worker_threads';
import * as w from '@netloom/winsock-native';
import { randomFrom } from './random.mjs';
import { Counting } from './transfer.mjs';

const { far, most, seed } = workerData;
const { below } = randomFrom(seed);
const stream = new Counting(most);
const into = Buffer.alloc(most);
for (;;) {
  const count = w.recv(far, into, 1 + below(most), 0);
  assert.ok(count >= 0, `recv: ${w.WSAGetLastError()}`);
  if (count === 0) break;
  stream.arrived(into.subarray(0, count));
}
parentPort.postMessage(stream.received);
