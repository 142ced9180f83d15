/**
 * What a trace holds: one record per call, and the lines of a trace file. Types only.
 *
 * A file is written by one thread, a JSON object a line: first the thread itself, then a line when a call that may block
 * begins, and a line when a call has ended. A begin without its end is a call that was in progress when the file ends.
 */

/** Memory as the kernel got it or gave it. */
export interface TracedBytes {
  /** Two digits a byte; of more than TRACED_BYTES bytes only the first. */
  readonly hex: string;
  /** How many bytes there were. */
  readonly length: number;
}

/** A value in words, and where it is memory (an address, a buffer, an option's value) its bytes. */
export interface TracedValue {
  /** `AF_INET`, `127.0.0.1:9008`, `MSG_PEEK|MSG_OOB`, `"ThisIs1"`, `L"Welcome"` for UTF-16LE. */
  readonly text: string;
  readonly bytes?: TracedBytes;
}

/** An argument under its name in C. */
export interface TracedArgument {
  readonly name: string;
  /** What went in; absent for memory that is only written to. */
  readonly in?: TracedValue;
  /** What came out; absent for an argument that only goes in, and when the call has not ended or wrote nothing. */
  readonly out?: TracedValue;
}

export interface TracedError {
  /** Winsock's code for calls under C names, the system's own number for a `Socket`'s. */
  readonly number: number;
  /** `WSAECONNRESET`, or `ECONNRESET` for a `Socket`'s. */
  readonly name: string;
}

/** One call. */
export interface CallRecord {
  /** As the program names it: `accept`; a `Socket`'s calls are `Socket.tryRecv` …. */
  readonly call: string;
  readonly args: readonly TracedArgument[];
  /** What the call returned, in words: `17`, `-1`, `WOULD_BLOCK`. Absent while it has not returned. */
  readonly result?: string;
  readonly error?: TracedError;
  /** On the machine's monotonic clock: comparable between its processes. */
  readonly startNs: bigint;
  /** Absent: the call had not returned when the trace was read, or when its process died. */
  readonly durationNs?: number;
  readonly pid: number;
  /** NETLOOM_TRACE_NAME of the process, or the name of its program. */
  readonly process: string;
  /** Node's number of the thread: 0 is the main one. */
  readonly threadId: number;
  /** The kernel's number of the thread. */
  readonly kernelThreadId: number;
}

/** First line of a file: which thread it is. */
export interface ThreadLine {
  readonly event: 'thread';
  readonly pid: number;
  readonly threadId: number;
  readonly kernelThreadId: number;
  readonly process: string;
  readonly argv: readonly string[];
}

/** A call under way (`begin`) or over (`call`). `start` says which begin and end belong together. */
export interface CallLine {
  readonly event: 'begin' | 'call';
  readonly call: string;
  readonly args: readonly TracedArgument[];
  readonly result?: string;
  readonly error?: TracedError;
  /** Nanoseconds as text: they may need more than 53 bits. */
  readonly start: string;
  /** Nanoseconds. */
  readonly duration?: number;
}

export type TraceLine = ThreadLine | CallLine;
