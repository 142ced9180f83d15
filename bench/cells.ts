/**
 * What is measured: the cells, and the rows that are measured in each.
 */

export interface Cell {
  readonly name: string;
  readonly mode: Mode;
  /** At a time. */
  readonly clients: number;
  /** Messages in flight on each connection; 1 for an exchange. */
  readonly depth: number;
}

/** exchange: greeting, reply, close. echo: messages of 64 bytes on standing connections. */
export type Mode = 'exchange' | 'echo';

export const CELLS: readonly Cell[] = [
  ...[1, 16, 64].map((clients) => cell('exchange', clients, 1)),
  ...[1, 64, 512].map((clients) => cell('echo', clients, 1)),
  ...[1, 64, 512].map((clients) => cell('echo', clients, 16)),
];

/** One of each kind: for the smoke test in CI. */
export const QUICK_CELLS: readonly Cell[] = [cell('exchange', 64, 1), cell('echo', 64, 16)];

export interface Row {
  readonly name: string;
  /** What stands in the table's legend. */
  readonly what: string;
  /** Program and arguments; `built` finds what `build.ts` made. */
  command(mode: Mode, built: (name: string) => string): readonly string[];
}

/** Ratios are taken to these two. */
export const FLOOR = 'c-epoll';
export const BASELINE = 'node-net';

export const ROWS: readonly Row[] = [
  {
    name: FLOOR,
    what: 'plain C, one thread, epoll edge-triggered: the floor',
    command: (mode, built) => [built('epoll-server'), mode],
  },
  {
    name: BASELINE,
    what: 'node:net in its best form: what users have',
    command: (mode, built) => [process.execPath, built('servers/node-net.js'), mode],
  },
  {
    name: 'coroutine',
    what: "createServer with strategy 'coroutine': one thread",
    command: (mode, built) => [process.execPath, built('servers/netloom.js'), mode, 'coroutine'],
  },
  {
    name: 'pooled',
    what: "createServer with its defaults: strategy 'pooled-coroutine', ten threads",
    command: (mode, built) => [
      process.execPath,
      built('servers/netloom.js'),
      mode,
      'pooled-coroutine',
    ],
  },
];

function cell(mode: Mode, clients: number, depth: number): Cell {
  const name = mode === 'echo' ? `${mode}-${clients}x${depth}` : `${mode}-${clients}`;
  return { name, mode, clients, depth };
}
