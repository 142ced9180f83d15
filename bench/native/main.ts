/**
 * How much do the calls of the addon cost, beside plain C that does the same calls?
 *
 * One table per cell; README.md in the folder above says how to read it. A wrong answer ends the run with exit code 1.
 */
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { build } from '../build.js';
import { conditionsLines, readConditions } from '../conditions.js';
import { hasTaskset } from '../processes.js';
import { runSubcommand, WrongAnswer } from '../subcommand.js';
import { CALL_CELLS, countCalls, whyNotCounted } from './calls.js';
import { Driven } from './driven.js';
import { NATIVE_HELP, type NativePlan, readNativePlan } from './options.js';
import { callTable, countTable, type Figures } from './report.js';
import { NATIVE_CELLS, type NativeCell } from './rows.js';

/** What a program has open besides what a cell asks for. */
const SPARE_DESCRIPTORS = 100;

/** Runs the subcommand; gives its exit code. */
export function main(args: readonly string[]): Promise<number> {
  const needsLinux = 'its C programs use epoll';
  return runSubcommand({ help: NATIVE_HELP, needsLinux, readPlan: readNativePlan, measure }, args);
}

async function measure(plan: NativePlan): Promise<void> {
  const isPinned = hasTaskset() && availableParallelism() > 1;
  const cores = isPinned ? { server: 0, client: 1 } : { server: undefined, client: undefined };
  const conditions = readConditions(
    isPinned
      ? 'all on core 0, one at a time; servers on core 0, their clients on core 1'
      : 'not pinned: taskset or a second core is missing',
  );
  const built = build('run');
  const rows: Record<string, Record<string, readonly number[]>> = {};
  const calls: Record<string, Record<string, object>> = {};
  const say = (text: string) => {
    if (!plan.isJson) console.log(text);
  };
  say(
    `${conditionsLines(conditions).join('\n')}\n${plan.rounds} interleaved rounds, CPU time of the process; median (min–max)`,
  );
  for (const cell of NATIVE_CELLS.filter(({ name }) => plan.cells.includes(name))) {
    const missing = missingDescriptors(cell);
    if (missing !== undefined) {
      say(`\n${cell.name}: left out: ${missing}`);
      continue;
    }
    const figures = await figuresOf(cell, plan, built, cores.server);
    rows[cell.name] = Object.fromEntries(figures);
    say(`\n${callTable(cell, figures, !plan.isQuick)}`);
  }
  const counted = CALL_CELLS.filter(({ name }) => plan.cells.includes(name));
  const reason = counted.length > 0 ? whyNotCounted() : undefined;
  if (reason !== undefined) say(`\nsystem calls: left out: ${reason}`);
  for (const cell of reason === undefined ? counted : []) {
    const counts = await countCalls(cell, plan.seconds, built, cores);
    calls[cell.name] = Object.fromEntries(
      counts.map(({ row, perOperation }) => [row, Object.fromEntries(perOperation)]),
    );
    say(`\n${countTable(cell.name, counts, !plan.isQuick)}`);
  }
  if (plan.isJson) console.log(JSON.stringify({ conditions, rounds: plan.rounds, rows, calls }));
  else console.log('\nall answers right');
}

/** Nanoseconds of each row, round by round; one more round before does not count. */
async function figuresOf(
  cell: NativeCell,
  plan: NativePlan,
  built: (name: string) => string,
  core: number | undefined,
): Promise<Figures> {
  const figures = new Map<string, number[]>(cell.rows.map(({ name }) => [name, []]));
  const programs = new Map<string, Driven>();
  try {
    for (const { program, args = [] } of cell.rows) {
      if (programs.has(program)) continue;
      const command = [built(program), ...args.map(String)];
      const node = program.endsWith('.js') ? [process.execPath] : [];
      programs.set(program, new Driven([...node, ...command], core));
    }
    for (let round = -1; round < plan.rounds; round++) {
      for (const { name, program, operation } of cell.rows) {
        const count = Math.ceil(cell.count / plan.shortness);
        const answer = await programs.get(program)?.ask(operation, count);
        if (answer === undefined || answer.wrong > 0) {
          throw new WrongAnswer(
            `${cell.name}, ${name}: ${answer?.wrong} wrong answers of ${count}`,
          );
        }
        if (round >= 0) figures.get(name)?.push(answer.ns);
      }
    }
  } finally {
    for (const program of programs.values()) program.end();
  }
  return figures;
}

/** Both sides raise the soft limit to the hard one; that one only an administrator can raise. */
function missingDescriptors({ descriptors = 0 }: NativeCell): string | undefined {
  const limit = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim();
  if (limit === 'unlimited' || Number(limit) >= descriptors + SPARE_DESCRIPTORS) return undefined;
  return `it needs ${descriptors} descriptors, and \`ulimit -Hn\` is ${limit}`;
}
