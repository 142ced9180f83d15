/**
 * How much does a TCP server cost, beside plain C and beside node:net?
 *
 * `pnpm bench` answers with one table per cell; README.md beside this file says how to read it. Any wrong byte, any
 * failed connection, and any difference between the server's count and the client's ends the run with exit code 1.
 */
import { availableParallelism } from 'node:os';
import { build } from './build.js';
import { readConditions } from './conditions.js';
import { HELP, type Plan, readPlan } from './options.js';
import { hasTaskset } from './processes.js';
import {
  type CellSummary,
  conditionsText,
  legend,
  type Sample,
  summarise,
  table,
} from './report.js';
import { type Cores, RowServers } from './row-servers.js';
import { runSubcommand } from './subcommand.js';

/** Runs the subcommand; gives its exit code. */
export function main(args: readonly string[]): Promise<number> {
  const needsLinux = 'its C programs use epoll, CPU time is read from /proc';
  return runSubcommand({ help: HELP, needsLinux, readPlan, measure }, args);
}

async function measure({
  cells,
  rows,
  rounds,
  seconds,
  warmUpSeconds,
  isJson,
}: Plan): Promise<void> {
  const isPinned = hasTaskset() && availableParallelism() > 1;
  const cores: Cores = isPinned
    ? { server: 0, client: 1 }
    : { server: undefined, client: undefined };
  const conditions = readConditions(
    isPinned
      ? 'server on core 0, client on core 1'
      : 'not pinned: taskset or a second core is missing',
  );
  const built = build('run');
  const samples: (Sample & { cell: string })[] = [];
  const summaries: CellSummary[] = [];
  if (!isJson) console.log(`${conditionsText(conditions, rounds, seconds)}\n\n${legend(rows)}`);
  for (const mode of ['exchange', 'echo'] as const) {
    const ofMode = cells.filter((cell) => cell.mode === mode);
    if (ofMode.length === 0) continue;
    await using servers = await RowServers.start(mode, rows, built, cores);
    for (const cell of ofMode) {
      for (const row of rows) await servers.load(row.name, cell, warmUpSeconds);
      const ofCell: Sample[] = [];
      for (let round = 0; round < rounds; round++) {
        for (const row of rows) ofCell.push(await servers.sample(row.name, cell, seconds, round));
      }
      samples.push(...ofCell.map((sample) => ({ cell: cell.name, ...sample })));
      const summary = summarise(cell, ofCell);
      summaries.push(summary);
      if (!isJson) console.log(`\n${table(summary)}`);
    }
    await servers.stop();
  }
  if (isJson) console.log(JSON.stringify({ conditions, rounds, seconds, summaries, samples }));
  else
    console.log(
      `\nall answers right: ${sum(samples.map(({ operations }) => operations))} operations`,
    );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
