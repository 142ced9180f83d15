/** That a server can be started again at once, although it closed first and its port is in TIME_WAIT. */
import { SO_REUSEADDR, type SOCKET, SOL_SOCKET, setsockopt } from '@netloom/winsock-native';

/**
 * Sets SO_REUSEADDR before `bind`, where the system needs it. Not part of the tutorial, which waits.
 *
 * WINDOWS: a listener takes its port back without; there the option would let anybody else take it too.
 *
 * @returns 0, or SOCKET_ERROR as `setsockopt`
 */
export function allowRestart(listenSock: SOCKET): number {
  if (process.platform === 'win32') return 0;
  return setsockopt(listenSock, SOL_SOCKET, SO_REUSEADDR, 1, 4);
}
