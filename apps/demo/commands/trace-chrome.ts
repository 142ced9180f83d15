/**
 * Calls in the Chrome trace event format, which ui.perfetto.dev and chrome://tracing open: a row per thread, a bar per call.
 *
 * Source: "Trace Event Format", JSON object form: complete events (X), begun ones (B), metadata (M).
 */
import { type CallRecord, formatCall, type TracedArgument } from '@netloom/winsock-native/trace';

export interface ChromeTrace {
  readonly displayTimeUnit: 'ms';
  readonly traceEvents: readonly ChromeEvent[];
}

/** Times are microseconds since the first call. */
export type ChromeEvent =
  | {
      readonly ph: 'M';
      readonly name: 'process_name' | 'thread_name';
      readonly pid: number;
      readonly tid: number;
      readonly args: { readonly name: string };
    }
  | {
      readonly ph: 'X';
      readonly name: string;
      readonly cat: string;
      readonly pid: number;
      readonly tid: number;
      readonly ts: number;
      readonly dur: number;
      readonly args: Readonly<Record<string, string>>;
    }
  | {
      /** A call that never returned: begun, and no end. */
      readonly ph: 'B';
      readonly name: string;
      readonly cat: string;
      readonly pid: number;
      readonly tid: number;
      readonly ts: number;
      readonly args: Readonly<Record<string, string>>;
    };

const NS_PER_US = 1000;
const CATEGORY = 'socket';

/** @param calls - sorted by their start, as `readTrace` gives them */
export function chromeTrace(calls: readonly CallRecord[]): ChromeTrace {
  const firstNs = calls[0]?.startNs ?? 0n;
  const events = calls.map((call) => eventOf(call, firstNs));
  return { displayTimeUnit: 'ms', traceEvents: [...names(calls), ...events] };
}

/** Whom the numbers of processes and threads belong to. */
function names(calls: readonly CallRecord[]): ChromeEvent[] {
  const processes = new Map<number, ChromeEvent>();
  const threads = new Map<number, ChromeEvent>();
  for (const { pid, process, threadId, kernelThreadId: tid } of calls) {
    const thread = threadId === 0 ? 'main thread' : `thread ${threadId}`;
    if (!processes.has(pid)) {
      processes.set(pid, { ph: 'M', name: 'process_name', pid, tid, args: { name: process } });
    }
    threads.set(tid, { ph: 'M', name: 'thread_name', pid, tid, args: { name: thread } });
  }
  return [...processes.values(), ...threads.values()];
}

function eventOf(call: CallRecord, firstNs: bigint): ChromeEvent {
  const { startNs, durationNs, pid, kernelThreadId: tid, call: name } = call;
  const ts = Number(startNs - firstNs) / NS_PER_US;
  const common = { name, cat: CATEGORY, pid, tid, ts };
  const args = { call: formatCall(call), ...Object.fromEntries(call.args.flatMap(bytesOf)) };
  return durationNs === undefined
    ? { ...common, ph: 'B', args }
    : { ...common, ph: 'X', dur: durationNs / NS_PER_US, args };
}

function bytesOf({ name, in: before, out: after }: TracedArgument): [string, string][] {
  return [
    ...(before?.bytes === undefined ? [] : [entry(name, before.bytes)]),
    ...(after?.bytes === undefined ? [] : [entry(`${name} (out)`, after.bytes)]),
  ];
}

function entry(name: string, bytes: { hex: string; length: number }): [string, string] {
  return [`${name}, ${bytes.length} bytes`, bytes.hex];
}
