/** The last error of this thread as an exception: for a task or a coroutine, whose failure shall arrive where it was started. */
import { SocketError, WSAGetLastError } from '@netloom/winsock-native';

/** `if (send(…) === SOCKET_ERROR) throw lastError('send');` */
export function lastError(syscall: string): SocketError {
  return new SocketError({ syscall, wsaCode: WSAGetLastError() });
}
