/** When and how a part of a program ends: what the model of it is made of. */
import type { Wait } from './programs.js';
import type { Failed } from './record.js';

export const NEVER = Number.POSITIVE_INFINITY;

/** What something causes comes after it, by so much: records give whole milliseconds. */
export const CAUSE_MS = 2 ** -10;

/** From outside of a part: a stop, and the end of its grace. */
export interface Stops {
  readonly atMs: number;
  /** Whose it is: `withTimeout` knows its own again. */
  readonly by: string;
  readonly finalMs: number;
}

export const NO_STOPS: Stops = { atMs: NEVER, by: '', finalMs: NEVER };

export interface End {
  readonly atMs: number;
  /** Undefined: it succeeded. */
  readonly failed: Thrown | undefined;
  /** Whether it had to wait, be it for no time. */
  readonly waited: boolean;
  /** Which of `any` it was. */
  readonly index?: number;
}

/** In the model as in the program a failure is thrown. */
export class Thrown implements Failed {
  readonly isError: boolean;
  readonly labels: readonly string[];
  readonly by: string;

  constructor(isError: boolean, labels: readonly string[], by = '') {
    this.isError = isError;
    this.labels = labels;
    this.by = by;
  }
}

/** Several failures as one: an error goes before a stop, whichever was first. */
export function together(all: readonly Thrown[]): Thrown | undefined {
  const first = all.find(({ isError }) => isError) ?? all[0];
  if (first === undefined) return undefined;
  const labels = new Set(all.flatMap((one) => one.labels));
  return new Thrown(first.isError, [...labels], first.by);
}

/** Which of several ended first is a tie: such a program is not judged. */
export class Tie extends Error {}

export function thrown(error: unknown): Thrown {
  if (error instanceof Thrown) return error;
  throw error;
}

/** What it throws, if it does. */
export function failureOf(work: () => void): Thrown | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return thrown(error);
  }
}

export function stoppedBy({ atMs, by, finalMs }: Stops): Thrown {
  return new Thrown(false, [], finalMs < atMs ? 'final' : by);
}

let named = 0;

/** Each deadline has a name of its own: a part may be worked out several times. */
const names = new WeakMap<object, string>();

export function nameOf(wait: Wait): string {
  const name = names.get(wait) ?? `timeout ${++named}`;
  names.set(wait, name);
  return name;
}
