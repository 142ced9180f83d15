/** From a directory of trace files to the calls of all threads, in the order in which they began. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CallLine, CallRecord, ThreadLine, TraceLine } from './record.js';

const EXTENSION = '.jsonl';

/**
 * Reads all traces in a directory, also while programs go on writing them.
 *
 * A call that had begun and not returned when the trace was read (or when its process died) has no `durationNs`.
 *
 * @param directory - what NETLOOM_TRACE_CALLS named
 * @returns the calls of all threads of all processes, by their start
 * @throws {Error} the directory cannot be read, or a file in it is no trace; the message names file and line
 */
export function readTrace(directory: string): CallRecord[] {
  const files = readdirSync(directory).filter((file) => file.endsWith(EXTENSION));
  const records = files.flatMap((file) => readFile(join(directory, file)));
  return records.sort((a, b) => (a.startNs < b.startNs ? -1 : Number(a.startNs > b.startNs)));
}

function readFile(path: string): CallRecord[] {
  // What follows the last line break is being written at this moment.
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  let thread: ThreadLine | undefined;
  // A call's begin is replaced by its end, in place.
  const calls = new Map<string, CallRecord>();
  for (const [i, text] of lines.entries()) {
    const line = parse(path, i + 1, text);
    if (line.event === 'thread') {
      thread = line;
    } else if (thread === undefined) {
      throw new Error(`${path}:1: not a trace: its first line must say which thread it is`);
    } else {
      calls.set(line.start, recordOf(thread, line));
    }
  }
  return [...calls.values()];
}

function parse(path: string, number: number, text: string): TraceLine {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${path}:${number}: not a trace: not a line of JSON: ${text.slice(0, 60)}`, {
      cause,
    });
  }
  const event = typeof line === 'object' && line !== null && 'event' in line ? line.event : '';
  if (event !== 'thread' && event !== 'begin' && event !== 'call') {
    throw new Error(`${path}:${number}: not a trace: no event of one: ${text.slice(0, 60)}`);
  }
  // SAFETY: lines with these events are written by TraceWriter, which takes nothing else.
  return line as TraceLine;
}

function recordOf(thread: ThreadLine, line: CallLine): CallRecord {
  const { call, args, result, error, start, duration } = line;
  const { pid, threadId, kernelThreadId } = thread;
  return {
    call,
    args,
    ...(result === undefined ? {} : { result }),
    ...(error === undefined ? {} : { error }),
    startNs: BigInt(start),
    ...(duration === undefined ? {} : { durationNs: duration }),
    pid,
    process: thread.process,
    threadId,
    kernelThreadId,
  };
}
