/**
 * What does a coroutine cost, beside a bare generator, an async function, effection, and a task of the pool?
 *
 * `pnpm bench coroutines` answers with a table for each cell and one that sets ours beside what it is to reach. Whatever
 * is measured checks its result; a wrong one ends the run with exit code 1.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { emptyFolder, transpile } from '../build.js';
import { readConditions } from '../conditions.js';
import { choose, positive } from '../options.js';
import { conditionsText } from '../report.js';
import { runSubcommand, WrongAnswer } from '../subcommand.js';
import type { Measured, Sample } from './programs/measure.js';
import { CELLS, type Cell, table, targets } from './report.js';

const MANY: Cell = {
  name: 'many',
  what: 'a million that wait, a million timers',
  targets: {},
  isFree: false,
};

const HELP = `pnpm bench coroutines [options]

  --rounds N     interleaved rounds of each cell (default 7)
  --cells A,B    only these cells: ${[...CELLS, MANY].map(({ name }) => name).join(', ')}
  --json         one JSON object with conditions and every sample, instead of tables
  --quick        a smoke test: one short round; that it works, not how fast
  --help         this

Exit code 1 when a result was wrong, 2 for wrong options.
`;

/** Room for all that is allocated in a round, so that no collection is timed or hides an allocation. */
const FLAGS = ['--expose-gc', '--min-semi-space-size=128', '--max-semi-space-size=128'];
const QUICK_SCALE = 0.02;

interface Plan {
  readonly cells: readonly Cell[];
  readonly rounds: number;
  readonly isQuick: boolean;
  readonly isJson: boolean;
}

/** Runs the subcommand; gives its exit code. */
export function main(args: readonly string[]): Promise<number> {
  return runSubcommand({ help: HELP, readPlan, measure }, args);
}

function readPlan(args: readonly string[]): Plan | undefined {
  const options = {
    rounds: { type: 'string', default: '7' },
    cells: { type: 'string' },
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  } as const;
  const { values } = parseArgs({ args: [...args], options });
  if (values.help) return undefined;
  return {
    cells: choose('--cells', values.cells, [...CELLS, MANY]),
    rounds: values.quick ? 1 : positive('--rounds', values.rounds),
    isQuick: values.quick,
    isJson: values.json,
  };
}

function measure({ cells, rounds, isQuick, isJson }: Plan): void {
  const conditions = readConditions('not pinned; CPU time of the process');
  if (!isJson) console.log(conditionsText(conditions, rounds));
  const out = emptyFolder('bench-coroutines');
  transpile(fileURLToPath(new URL('./programs', import.meta.url)), out);
  const measured = new Map<Cell, readonly Sample[]>();
  let many: Measured['many'];
  for (const cell of cells) {
    const command = [
      join(out, 'measure.js'),
      cell.name,
      `${rounds}`,
      `${isQuick ? QUICK_SCALE : 1}`,
    ];
    let text: string;
    try {
      text = execFileSync(process.execPath, [...FLAGS, ...command], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      });
    } catch {
      throw new WrongAnswer(`${cell.name}: a result was wrong, or there was none`);
    }
    // SAFETY: the one line that measure.ts prints.
    const result = JSON.parse(text) as Measured;
    many ??= result.many;
    if (cell === MANY) continue;
    measured.set(cell, result.samples);
    if (!isJson) console.log(`\n${cell.what}\n\n${table(cell, result.samples)}`);
  }
  if (isJson) {
    const samples = [...measured].map(([{ name }, ofCell]) => ({ cell: name, samples: ofCell }));
    console.log(JSON.stringify({ conditions, rounds, samples, many }));
  } else if (!isQuick) console.log(`\n${targets(measured, many)}`);
  if (!isJson) console.log('\nall results right');
}
