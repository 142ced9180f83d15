/**
 * The end of a connection that is not served: a reset, because a client should see an error and not an empty answer; or,
 * where the server's writer wants it, a few words.
 */
import { SO_LINGER, SOL_SOCKET, type Socket } from '@netloom/winsock-native';

/** What a peer may have sent already, before it was heard: unread, it would turn the end into a reset. */
const UNREAD_BYTES = 65_536;

/** Refuses a newcomer. Never throws: a connection that is refused is nobody's affair any more. */
export function refuse(
  socket: Pick<Socket, 'setOption' | 'close' | 'trySend' | 'tryRecv' | 'shutdown'>,
  message: Uint8Array | undefined,
): void {
  if (message === undefined) reset(socket);
  else sayAndClose(socket, message);
}

/** Closes the socket with a reset. Never throws. */
export function reset(socket: Pick<Socket, 'setOption' | 'close'>): void {
  try {
    socket.setOption(SOL_SOCKET, SO_LINGER, { l_onoff: 1, l_linger: 0 });
  } catch {
    // MACOS: EINVAL when the peer has reset it already (setsockopt(2)); closing is then all there is to do.
  }
  socket.close();
}

function sayAndClose(
  socket: Pick<Socket, 'close' | 'trySend' | 'tryRecv' | 'shutdown'>,
  message: Uint8Array,
): void {
  try {
    socket.trySend(message);
    socket.shutdown('send');
    socket.tryRecv(new Uint8Array(UNREAD_BYTES));
  } catch {
    // The peer has gone without waiting for an answer; closing is then all there is to do.
  }
  socket.close();
}
