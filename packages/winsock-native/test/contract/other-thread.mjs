// The other side of a call that waits; see gather.test.mjs.
import assert from 'node:assert/strict';
import { parentPort, workerData } from 'node:worker_threads';
import * as winsock from '@netloom/winsock-native';

const { part, s, total, reader } = workerData;
parentPort.postMessage('started');
if (part === 'read') parentPort.postMessage({ firstWrong: read() });
else parentPort.postMessage(write());

/** Where the bytes first differ from what is to come; -1: nowhere. */
function read() {
  const into = new Uint8Array(100_003);
  let firstWrong = -1;
  for (let seen = 0; seen < total; ) {
    const count = winsock.recv(s, into, into.length, 0);
    assert.ok(count > 0, `recv gave ${count}, last error ${winsock.WSAGetLastError()}`);
    const wrong = into.subarray(0, count).findIndex((byte, at) => byte !== (seen + at) % 251);
    if (wrong >= 0 && firstWrong < 0) firstWrong = seen + wrong;
    seen += count;
  }
  return firstWrong;
}

/** Six bytes, two at a time, each pair when the one before was taken. */
function write() {
  for (let byte = 1; byte < 7; byte += 2) {
    assert.equal(winsock.send(s, Uint8Array.of(byte, byte + 1), 2, 0), 2);
    const isThere = () => {
      const fds = [{ fd: reader, events: winsock.POLLIN, revents: 0 }];
      assert.notEqual(winsock.WSAPoll(fds, 1, 0), winsock.SOCKET_ERROR);
      return fds[0].revents !== 0;
    };
    while (byte < 5 && isThere());
  }
  return 'written';
}
