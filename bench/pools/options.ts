/**
 * The command line of `pnpm bench pools`.
 */
import { parseArgs } from 'node:util';
import { choose, positive } from '../options.js';
import { CELLS, type Cell, ROWS, type Row } from './cells.js';

export const HELP = `pnpm bench pools [options]

  --rounds N       interleaved rounds of each cell (default 5)
  --ms N           of load in each round, for each row (default 400)
  --threads A,B    sizes of the pools (default 2,10)
  --cells A,B      only these cells: ${CELLS.map(({ name }) => name).join(', ')}
  --only A,B       only these rows: ${ROWS.map(({ name }) => name).join(', ')}
  --json           one JSON object with conditions and every sample, instead of tables
  --quick          a smoke test: warm cells, one short round; that it works, not how fast
  --help           this

Needs Linux and a C++ compiler. Exit code 1 when an answer was wrong, a task got lost, or a thread of ours ran less than
half its share; 2 for wrong options.
`;

const QUICK = { rounds: 1, ms: 50, warmUpMs: 20, threads: [2] };
/** Long enough for a just-in-time compiler to have seen everything. */
const WARM_UP_MS = 500;

export interface Plan {
  readonly cells: readonly Cell[];
  readonly rows: readonly Row[];
  readonly threads: readonly number[];
  readonly rounds: number;
  readonly ms: number;
  readonly warmUpMs: number;
  readonly isJson: boolean;
  /** Whether there is load enough to say who ran how much, and how fast. */
  readonly isJudged: boolean;
}

/**
 * Reads the options; undefined when help was asked for.
 *
 * @throws {Error} that names the option, for one that is not understood
 */
export function readPlan(args: readonly string[]): Plan | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '5' },
      ms: { type: 'string', default: '400' },
      threads: { type: 'string', default: '2,10' },
      cells: { type: 'string' },
      only: { type: 'string' },
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const given = {
    rounds: positive('--rounds', values.rounds),
    ms: positive('--ms', values.ms),
    warmUpMs: WARM_UP_MS,
    threads: values.threads.split(',').map((text) => positive('--threads', text)),
  };
  return {
    ...(values.quick ? QUICK : given),
    cells:
      values.cells === undefined && values.quick
        ? CELLS.filter(({ isFresh }) => !isFresh)
        : choose('--cells', values.cells, CELLS),
    rows: choose('--only', values.only, ROWS),
    isJson: values.json,
    isJudged: !values.quick,
  };
}
