/**
 * A line of standard input, waiting for it as std::wcin does: on a terminal, a pipe and a file.
 *
 * Not node:readline, which needs the event loop; the listings block.
 */
import { readSync } from 'node:fs';
import { nap } from './nap.js';
import { prompt } from './print.js';

const NEWLINE = 0x0a;
const chunk = new Uint8Array(4096);
/** Read, but after the end of the line that was asked for. */
let ahead = Buffer.alloc(0);
/** For good, as std::wcin's eofbit: a terminal would go on after Ctrl-D. */
let isOver = false;

/**
 * Prints the question and waits for a line.
 *
 * `std::wcin >> buf` stops at the first blank; this takes the whole line.
 *
 * @returns the line without its end; `null` when the input ended before it began
 */
export function readLine(question: string): string | null {
  prompt(question);
  for (;;) {
    const end = ahead.indexOf(NEWLINE);
    if (end >= 0) return take(end, end + 1);
    if (!readMore()) return ahead.length === 0 ? null : take(ahead.length, ahead.length);
  }
}

function take(end: number, next: number): string {
  const line = ahead.toString('utf8', 0, end);
  ahead = ahead.subarray(next);
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** Waits for bytes; false at the end of the input. */
function readMore(): boolean {
  while (!isOver) {
    try {
      const count = readSync(0, chunk);
      ahead = Buffer.concat([ahead, chunk.subarray(0, count)]);
      isOver = count === 0;
      return !isOver;
    } catch (error) {
      // SAFETY: readSync throws nothing but errors of the system.
      const { code } = error as NodeJS.ErrnoException;
      // WINDOWS: the end of the console's input is an error there.
      if (code === 'EOF') isOver = true;
      else if (code !== 'EAGAIN') throw error;
      else nap();
    }
  }
  return false;
}
