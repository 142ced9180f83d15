// A thread that makes one call of the addon and reports what came of it.
import { parentPort, workerData } from 'node:worker_threads';
import { constants, loopback, native } from '../addon.mjs';

const { call, handle, port, to = null, length = 16, flags = 0, into, gate } = workerData;
const bytes = into ?? new Uint8Array(length);
const one = () => new Int32Array(1);

const calls = {
  accept: () => native.accept(handle, null, one()),
  recv: () => native.recv(handle, bytes, length, flags),
  recvfrom: () =>
    native.recvfrom(handle, bytes, length, flags, new Uint8Array(16), new Int32Array([16])),
  send: () => native.send(handle, bytes, length, flags),
  sendto: () => native.sendto(handle, bytes, length, flags, to, to?.length ?? 0),
  connect: () => native.connect(handle, loopback(port), 16),
  select: () => native.select(new Float64Array([1, handle]), null, null, -1),
  poll: () => native.poll(new Float64Array([handle, constants.POLLIN, 0]), 1, -1),
  closesocket: () => native.closesocket(handle),
};

// Says that it is there, and waits for its order: what the thread itself needs it has by now.
if (gate) {
  Atomics.store(gate, 0, native.threadId());
  Atomics.wait(gate, 0, native.threadId());
}
parentPort.postMessage({ tid: native.threadId() });
const result = calls[call]();
parentPort.postMessage({ result, error: result < 0 ? native.lastError() : 0, bytes });
