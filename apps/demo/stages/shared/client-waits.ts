/**
 * Waiting for a client on the event loop, for servers whose main thread must not block.
 *
 * A thread that blocks in accept() hears nothing: not that a task has ended, nor how. The kernel says when accept() would
 * not block, and until then the loop runs.
 */
import { type SOCKET, Socket } from '@netloom/winsock-native';
import { watch } from '@netloom/winsock-native/reactor';

/**
 * Resolves when the first finished connection is in the queue of a listening socket.
 *
 * @throws {SocketError} EBADF (not open), EBUSY (a Socket owns it)
 */
export async function clientWaits(listenSock: SOCKET): Promise<void> {
  const listener = Socket.fromRaw(listenSock);
  // Registered afresh each time: registration reports what is in the queue already.
  const readiness = watch(listener);
  try {
    await new Promise((wake) => readiness.wait('read', wake));
  } finally {
    readiness.close();
    listener.intoRaw(); // the number is the listing's, and it closes it
  }
}
