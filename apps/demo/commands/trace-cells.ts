/** The cells of a trace's rows: padded, cut, wrapped. Widths are columns of a terminal. */
import { widthOf } from '../theatre/fold.js';
import { indented } from '../theatre/tables.js';

/** A blank at which no line is broken; to be replaced when the lines are there. */
export const TIE = '\u00a0';

const NS_PER_US = 1000;
const NS_PER_MS = 1_000_000;
const NS_PER_S = 1_000_000_000;

/** A call in lines; the result never stands apart from its `=`. */
export function wrapped(text: string, width: number): string[] {
  if (widthOf(text) <= width) return [text];
  const tied = text.replace(
    /\) = ([^")]*)$/,
    (_, result: string) => `) =${TIE}${result.replaceAll(' ', TIE)}`,
  );
  return indented(tied, width).map((line) => line.replaceAll(TIE, ' '));
}

/** Nanoseconds in the unit that fits. */
export function duration(ns: number): string {
  if (ns < NS_PER_MS) return `${Math.round(ns / NS_PER_US)} µs`;
  if (ns < NS_PER_S) return `${(ns / NS_PER_MS).toFixed(1)} ms`;
  return `${(ns / NS_PER_S).toFixed(2)} s`;
}

/** The beginning of a text that is too wide. */
export function clipped(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  for (const character of text) {
    if (widthOf(kept + character) >= width) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text;
}
