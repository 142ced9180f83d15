/**
 * Says in a SocketError's message what the error itself has no place for: a host name, the addresses tried before.
 */
import type { SocketError } from '@netloom/winsock-native';

/** Puts `what` behind the error's message, and gives the same error. */
export function explained(error: SocketError, what: string): SocketError {
  error.message = `${error.message}, ${what}`;
  // The stack repeats the message as it was when it was taken.
  Error.captureStackTrace(error, explained);
  return error;
}
