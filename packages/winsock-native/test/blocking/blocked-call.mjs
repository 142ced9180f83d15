// A thread that makes one call of the addon and reports what came of it.
import { parentPort, workerData } from 'node:worker_threads';
import { native } from '../addon.mjs';
import { call } from './calls.mjs';

const { call: name, length = 16, into, gate } = workerData;
const bytes = into ?? new Uint8Array(length);

// Says that it is there, and waits for its order: what the thread itself needs it has by now.
if (gate) {
  Atomics.store(gate, 0, native.threadId());
  Atomics.wait(gate, 0, native.threadId());
}
parentPort.postMessage({ tid: native.threadId() });
const result = call(name, { ...workerData, bytes });
parentPort.postMessage({ result, error: result < 0 ? native.lastError() : 0, bytes });
