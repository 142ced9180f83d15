/**
 * The file of one thread: lines appended one by one, each by a write of its own.
 *
 * Synchronous on purpose: what is written is there when the thread then blocks, and when the process is killed. The file is
 * `<directory>/<pid>-<threadId>.jsonl`.
 */
import {
  accessSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, resolve } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { CallLine, TraceLine } from './record.js';

/** The variable that asks for traces. */
export const DIRECTORY_VARIABLE = 'NETLOOM_TRACE_CALLS';

/** The variable that names the process in its traces. */
export const NAME_VARIABLE = 'NETLOOM_TRACE_NAME';

export class TraceWriter {
  readonly #path: string;
  readonly #file: number;
  #isOver = false;

  /** @throws {Error} the directory cannot be written to */
  constructor(directory: string, kernelThreadId: number) {
    requireDirectory(directory);
    this.#path = resolve(directory, `${process.pid}-${threadId}.jsonl`);
    // What was sent and received stands in it: for this user's eyes.
    this.#file = openSync(this.#path, 'a', 0o600);
    this.#append({
      event: 'thread',
      pid: process.pid,
      threadId,
      kernelThreadId,
      process: process.env[NAME_VARIABLE] || basename(process.argv[1] ?? process.argv0),
      argv: process.argv,
    });
  }

  /**
   * Appends a line. Where there is no room for it, the trace ends with the line before, and a process warning says so: the
   * call that the line tells of has been made, and what it gave belongs to the program.
   */
  write(line: CallLine): void {
    if (this.#isOver) return;
    try {
      this.#append(line);
    } catch (error) {
      this.#isOver = true;
      const message = error instanceof Error ? error.message : String(error);
      process.emitWarning(`${message}. What thread ${threadId} calls from now on is not in it`);
    }
  }

  #append(line: TraceLine): void {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#file, bytes, written);
    } catch (cause) {
      // Half a line would make one with whatever is appended to the file next, by a later thread of this number.
      ftruncateSync(this.#file, fstatSync(this.#file).size - written);
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(
        `the trace ${this.#path} cannot be written: ${reason}; make room, or unset ${DIRECTORY_VARIABLE}`,
        { cause },
      );
    }
  }
}

function requireDirectory(directory: string): void {
  const refuse = (what: string, remedy: string, cause?: unknown): never => {
    throw new Error(
      `${DIRECTORY_VARIABLE} must name a directory that can be written to: ${directory} ${what}; ${remedy}, or unset the variable`,
      { cause },
    );
  };
  let isDirectory = false;
  try {
    isDirectory = statSync(directory).isDirectory();
  } catch (cause) {
    refuse('is not there', `create it (mkdir -p ${directory})`, cause);
  }
  if (!isDirectory) refuse('is no directory', 'name one');
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (cause) {
    refuse('does not let this user write', 'choose another', cause);
  }
}
