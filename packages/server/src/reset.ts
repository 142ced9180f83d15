/**
 * The end of a connection that is not served: a reset, because a client should see an error and not an empty answer.
 */
import { SO_LINGER, SOL_SOCKET, type Socket } from '@netloom/winsock-native';

/** Closes the socket with a reset. Never throws: a connection that is refused is nobody's affair any more. */
export function reset(socket: Pick<Socket, 'setOption' | 'close'>): void {
  try {
    socket.setOption(SOL_SOCKET, SO_LINGER, { l_onoff: 1, l_linger: 0 });
  } catch {
    // MACOS: EINVAL when the peer has reset it already (setsockopt(2)); closing is then all there is to do.
  }
  socket.close();
}
