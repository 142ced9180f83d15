/**
 * Printing that arrives before the next call blocks, as printf to a terminal does.
 *
 * `console.log` goes through the event loop on a worker thread, and through the main thread's: nothing appears while that
 * one waits in `accept`. So the bytes are written here and now.
 */
import { writeSync } from 'node:fs';
import { nap } from './nap.js';

/** 128 and SIGPIPE's number: the reader of the output has gone. */
const EXIT_PIPE = 141;

/** Prints a line: adds the newline. */
export function print(line: string): void {
  write(1, `${line}\n`);
}

/** Prints a line to the error output. */
export function printError(line: string): void {
  write(2, `${line}\n`);
}

/** Prints text that a person answers on the same line. */
export function prompt(text: string): void {
  write(1, text);
}

function write(fd: number, text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      // SAFETY: writeSync throws nothing but errors of the system.
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') process.exit(EXIT_PIPE);
      if (code !== 'EAGAIN') throw error;
      // A full pipe that somebody made non-blocking.
      nap();
    }
  }
}
