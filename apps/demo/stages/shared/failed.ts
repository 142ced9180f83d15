/** What every listing does when a call fails: say which, and with what code. */
import { lookupError, WSAGetLastError } from '@netloom/winsock-native';
import { printError } from './print.js';

/**
 * Prints `bind failed: 10048 (WSAEADDRINUSE)`.
 *
 * @param code - default: this thread's last error; `WSAStartup` returns its own
 * @returns 1, the exit code of a listing that gives up
 */
export function failed(call: string, code: number = WSAGetLastError()): 1 {
  const name = lookupError(code)?.name;
  printError(`${call} failed: ${code}${name === undefined ? '' : ` (${name})`}`);
  return 1;
}
