/** Does in another thread what `threads.test.ts` asks: takes a sent socket over, or closes a number. */
import { parentPort, workerData } from 'node:worker_threads';
import { closesocket, Socket } from '@netloom/winsock-native';

const tasks = {
  /** Echoes one byte and closes. */
  take() {
    const socket = Socket[Symbol.for('netloom.revive')](workerData.sent);
    const into = new Uint8Array(4);
    const count = socket.tryRecv(into);
    socket.trySend(into.subarray(0, count));
    const peer = String(socket.peerAddress);
    socket.close();
    return peer;
  },

  /** Takes it when its peer has reset it: what is known of the peer, and what the error says. */
  takeReset() {
    const socket = Socket[Symbol.for('netloom.revive')](workerData.sent);
    let message;
    try {
      socket.tryRecv(new Uint8Array(4));
    } catch (error) {
      message = error.message;
    }
    const peer = String(socket.peerAddress);
    socket.close();
    return { peer, message };
  },

  /** Takes it and ends with it open: the environment closes what it owns. */
  keep() {
    return Socket[Symbol.for('netloom.revive')](workerData.sent).isOpen;
  },

  /** Tries to take it. */
  contend() {
    try {
      Socket[Symbol.for('netloom.revive')](workerData.sent);
      return 'taken';
    } catch ({ code }) {
      return code;
    }
  },

  closeNumber() {
    return closesocket(workerData.handle);
  },
};

parentPort.postMessage(tasks[workerData.task]());
