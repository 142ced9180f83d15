/** What a C call returned, together with its last error: to be shown, and to be judged. */
import { lookupError, SOCKET_ERROR, WSAGetLastError } from '@netloom/winsock-native';
import { Problem } from '../../commands/problem.js';

export interface Outcome {
  readonly call: string;
  readonly result: number;
  /** Winsock's code; 0 unless the call failed. */
  readonly code: number;
  /** `recv: -1, 10054 (WSAECONNRESET)`. */
  readonly text: string;
}

/** Notes the result of a call, and the last error if it failed; to be called before anything else sets another. */
export function outcome(call: string, result: number): Outcome {
  const code = result === SOCKET_ERROR ? WSAGetLastError() : 0;
  const failure = code === 0 ? '' : `, ${codeText(code)}`;
  return { call, result, code, text: `${call}: ${result}${failure}` };
}

/** `10054 (WSAECONNRESET)`. */
export function codeText(code: number): string {
  const name = lookupError(code)?.name;
  return name === undefined ? String(code) : `${code} (${name})`;
}

/** Gives the result of a call that has no business failing here. */
export function must<T extends number>(call: string, result: T): T {
  if (result === SOCKET_ERROR)
    throw new Problem(outcome(call, result).text.replace(':', ' failed:'));
  return result;
}
