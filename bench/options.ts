/**
 * The command line of `pnpm bench`.
 */
import { parseArgs } from 'node:util';
import { CELLS, type Cell, QUICK_CELLS, ROWS, type Row } from './cells.js';

export const HELP = `pnpm bench [options]
pnpm bench native|pools|coroutines --help
                 single calls beside plain C; tasks beside other pools; coroutines beside other libraries

  --rounds N       interleaved rounds of each cell (default 5)
  --seconds S      of load in each round, for each row (default 1)
  --cells A,B      only these cells: ${CELLS.map(({ name }) => name).join(', ')}
  --only A,B       only these rows: ${ROWS.map(({ name }) => name).join(', ')}
  --json           one JSON object with conditions, summaries and every sample, instead of tables
  --quick          a smoke test: two cells, one short round; that it works, not how fast
  --help           this

Needs Linux and a C compiler. Exit code 1 when an answer was wrong, 2 for wrong options.
`;

/** Long enough for a just-in-time compiler to have seen everything. */
const WARM_UP_SECONDS = 0.5;
const QUICK = { rounds: 1, seconds: 0.2, warmUpSeconds: 0.1 };

export interface Plan {
  readonly cells: readonly Cell[];
  readonly rows: readonly Row[];
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly isJson: boolean;
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
      seconds: { type: 'string', default: '1' },
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
    seconds: positive('--seconds', values.seconds),
    warmUpSeconds: WARM_UP_SECONDS,
  };
  return {
    ...(values.quick ? QUICK : given),
    cells:
      values.cells === undefined && values.quick
        ? QUICK_CELLS
        : choose('--cells', values.cells, CELLS),
    rows: choose('--only', values.only, ROWS),
    isJson: values.json,
  };
}

export function positive(option: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new RangeError(`${option} must be a number above 0: got ${text}`);
}

export function choose<T extends { readonly name: string }>(
  option: string,
  text: string | undefined,
  all: readonly T[],
): readonly T[] {
  if (text === undefined) return all;
  return text.split(',').map((name) => {
    const found = all.find((one) => one.name === name);
    if (found !== undefined) return found;
    throw new RangeError(`${option} ${name}: there are ${all.map((one) => one.name).join(', ')}`);
  });
}
