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

/** Writes text to standard output, as it is: the newline is yours. */
export function print(text: string): void {
  write(1, text);
}

/** Writes text to the error output, as it is. */
export function printError(text: string): void {
  write(2, text);
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
