/**
 * The command line of `pnpm bench native`.
 */
import { parseArgs } from 'node:util';
import { choose, positive } from '../options.js';
import { CALL_CELLS } from './calls.js';
import { NATIVE_CELLS } from './rows.js';

export const NATIVE_HELP = `pnpm bench native [options]

  --rounds N       interleaved rounds of each cell (default 15)
  --cells A,B      only these cells: ${[...NATIVE_CELLS, ...CALL_CELLS].map(({ name }) => name).join(', ')}
  --json           one JSON object with conditions and every figure, instead of tables
  --quick          a smoke test: one short round of each; that it works, not how fast
  --help           this

Needs Linux and a C compiler; strace for the system calls, which it installs where it is root on Debian.
Exit code 1 when an answer was wrong, 2 for wrong options.
`;

/** Each starts four servers: one such cell shows that counting works. */
const NOT_QUICK = new Set(CALL_CELLS.slice(1).map(({ name }) => name));

export interface NativePlan {
  readonly cells: readonly string[];
  readonly rounds: number;
  /** What the count of operations of a round is divided by. */
  readonly shortness: number;
  /** Of load, while system calls are counted. */
  readonly seconds: number;
  readonly isQuick: boolean;
  readonly isJson: boolean;
}

/**
 * Reads the options; undefined when help was asked for.
 *
 * @throws {Error} that names the option, for one that is not understood
 */
export function readNativePlan(args: readonly string[]): NativePlan | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '15' },
      cells: { type: 'string' },
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const rounds = positive('--rounds', values.rounds);
  const all = [...NATIVE_CELLS, ...CALL_CELLS];
  const chosen =
    values.cells === undefined && values.quick
      ? all.filter(({ name }) => !NOT_QUICK.has(name))
      : choose('--cells', values.cells, all);
  return {
    cells: chosen.map(({ name }) => name),
    rounds: values.quick ? 1 : rounds,
    shortness: values.quick ? 20 : 1,
    seconds: values.quick ? 0.1 : 1,
    isQuick: values.quick,
    isJson: values.json,
  };
}
