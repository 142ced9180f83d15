/**
 * Says in a SocketError's message what the error itself has no place for: a host name, the addresses tried before.
 */
import type { SocketError } from '@netloom/winsock-native';

/** Puts `what` behind the message of an error that nobody has seen yet (its stack shows the message it had then). */
export function explained(error: SocketError, what: string): SocketError {
  error.message += `, ${what}`;
  return error;
}
