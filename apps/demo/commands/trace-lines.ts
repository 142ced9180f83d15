/** Calls as JSON lines: the records as they are, a line each. */
import type { CallRecord } from '@netloom/winsock-native/trace';

/** Nanoseconds stand as text, because they may need more digits than a JSON number holds everywhere. */
export function jsonLines(calls: readonly CallRecord[]): string {
  return calls
    .map((call) => `${JSON.stringify({ ...call, startNs: String(call.startNs) })}\n`)
    .join('');
}
