/** A call in one line, as C would write it: `accept(17, 127.0.0.1:50432, 16) = 18`. */
import type { CallRecord, TracedArgument } from './record.js';

/**
 * Writes a call as one line.
 *
 * Arguments stand in the order of C, without their names. One that the call has written shows what came out, after an
 * arrow where something else went in (`16 → 2`); one that it was to write and has not stands under its name.
 *
 * @returns `recv(18, "ThisIs1", 200, 0) = 7`, `bind(3, 127.0.0.1:9008, 16) = -1  10048 WSAEADDRINUSE`,
 *   `accept(3, addr, 16)  unfinished`
 */
export function formatCall(record: CallRecord): string {
  const args = record.args.map(formatArgument).join(', ');
  return `${record.call}(${args})${formatResult(record)}`;
}

function formatArgument({ name, in: before, out: after }: TracedArgument): string {
  if (after === undefined) return before?.text ?? name;
  return before === undefined || before.text === after.text
    ? after.text
    : `${before.text} → ${after.text}`;
}

function formatResult({ result, error }: CallRecord): string {
  if (result === undefined) return '  unfinished';
  return error === undefined ? ` = ${result}` : ` = ${result}  ${error.number} ${error.name}`;
}
