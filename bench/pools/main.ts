/**
 * What does a task cost in our pool, beside the pools that Node users have and beside one in C++?
 *
 * `pnpm bench pools` answers with a table for each cell and size of pool, and one that sets ours beside what it is to
 * reach. Every result is checked and names its thread; a wrong one, a lost one, and a thread of ours that ran less than
 * half its share end the run with exit code 1.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { emptyFolder, transpile } from '../build.js';
import { readConditions } from '../conditions.js';
import { conditionsText, legend } from '../report.js';
import { runSubcommand, WrongAnswer } from '../subcommand.js';
import { type Cell, FLOOR, isPeer, OURS } from './cells.js';
import { HELP, type Plan, readPlan } from './options.js';
import { NoAnswer, PoolProcess } from './pool-process.js';
import type { Answer } from './programs/pool.js';
import { isUneven, type Sample, type Summary, summarise, table, targets } from './report.js';

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** Runs the subcommand; gives its exit code. */
export function main(args: readonly string[]): Promise<number> {
  const needsLinux = 'its C++ program reads /proc';
  return runSubcommand({ help: HELP, needsLinux, readPlan, measure }, args);
}

type Start = (row: string, threads: number) => PoolProcess;

async function measure(plan: Plan): Promise<void> {
  const { cells, rows, rounds, ms, isJson } = plan;
  const conditions = readConditions('not pinned');
  const start = build();
  if (!isJson) console.log(`${conditionsText(conditions, rounds, ms / 1000)}\n\n${legend(rows)}`);
  const summaries: Summary[] = [];
  const samples: (Sample & { cell: string; threads: number })[] = [];
  for (const threads of plan.threads) {
    await using running = new Running(start, threads);
    for (const cell of cells) {
      const { samples: ofCell, silent } = await measureCell(plan, cell, running);
      samples.push(...ofCell.map((sample) => ({ cell: cell.name, threads, ...sample })));
      const summary = summarise(cell, threads, ofCell);
      summaries.push(summary);
      if (isJson) continue;
      console.log(`\n${cell.what}\n\n${table(summary)}`);
      for (const why of silent) console.log(`left out: ${why}`);
    }
  }
  if (isJson) console.log(JSON.stringify({ conditions, rounds, ms, samples }));
  else {
    const operations = samples.reduce((sum, sample) => sum + sample.operations, 0);
    // What was measured for a moment is set beside nothing.
    if (plan.isJudged) console.log(`\n${targets(summaries)}`);
    console.log(`\nall answers right: ${operations} tasks`);
  }
  const uneven = summaries.filter(
    ({ cell, rows }) => cell.isShared && rows.some((row) => row.row === OURS && isUneven(row)),
  );
  if (plan.isJudged && uneven.length > 0) {
    const where = uneven
      .map(({ cell, threads }) => `${cell.name} of ${threads} threads`)
      .join(', ');
    throw new WrongAnswer(`a thread of ours ran less than half its share: ${where}`);
  }
}

/** What was measured, and of which peer there is no answer, and so nothing. */
interface Measured {
  readonly samples: Sample[];
  readonly silent: readonly string[];
}

async function measureCell(plan: Plan, cell: Cell, running: Running): Promise<Measured> {
  const rows = plan.rows.filter(({ name }) => !cell.without?.includes(name));
  const silent = new Map<string, string>();
  const tryRow = async (row: string, ask: () => Promise<void>) => {
    if (silent.has(row)) return;
    try {
      await ask();
    } catch (error) {
      // A peer that hangs is its own affair: poolifier's destroy() does at times.
      if (!(error instanceof NoAnswer) || !isPeer(row)) throw error;
      silent.set(row, error.message);
      await running.end(row);
    }
  };
  if (!cell.isFresh) {
    for (const { name } of rows) {
      await tryRow(name, async () => void (await running.ask(name, cell, plan.warmUpMs)));
    }
  }
  const samples: Sample[] = [];
  for (let round = 0; round < plan.rounds; round++) {
    for (const { name } of rows) {
      await tryRow(name, async () => {
        samples.push(await running.sample(name, cell, plan.ms, round));
      });
    }
  }
  return { samples: samples.filter(({ row }) => !silent.has(row)), silent: [...silent.values()] };
}

/** The pools of one size: warm ones stay, cold ones get a process for each sample. */
class Running implements AsyncDisposable {
  readonly threads: number;
  readonly #start: Start;
  readonly #warm = new Map<string, PoolProcess>();

  constructor(start: Start, threads: number) {
    this.#start = start;
    this.threads = threads;
  }

  async ask(row: string, cell: Cell, ms: number): Promise<Answer> {
    if (cell.isFresh) {
      await using one = this.#start(row, this.threads);
      const first = await one.ask('fresh');
      const command = cell.command(ms);
      if (command === 'fresh') return first;
      // What is closed has worked: poolifier's destroy() never settles on a pool that has only just met its threads.
      if (command === 'close') await one.ask(`empty ${ms}`);
      return await one.ask(command);
    }
    let process = this.#warm.get(row);
    if (process === undefined) {
      process = this.#start(row, this.threads);
      this.#warm.set(row, process);
      await process.ask('fresh');
    }
    return process.ask(cell.command(ms));
  }

  async sample(row: string, cell: Cell, ms: number, round: number): Promise<Sample> {
    const answer = await this.ask(row, cell, ms);
    const { operations, cpuUs, byThread } = answer;
    const total = byThread.reduce((sum, count) => sum + count, 0);
    if (cell.isShared && (total !== operations || operations === 0)) {
      throw new WrongAnswer(`${cell.name}, ${row}: ${total} results of ${operations} tasks`);
    }
    const fewest = byThread.length < this.threads ? 0 : Math.min(...byThread);
    return {
      row,
      round,
      operations,
      figure: figureOf(cell, answer),
      cpuUs: cpuUs / operations,
      leastShare: fewest / (total / this.threads),
    };
  }

  /** Another is started when it is asked again. */
  async end(row: string): Promise<void> {
    await this.#warm.get(row)?.[Symbol.asyncDispose]();
    this.#warm.delete(row);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#warm.values()].map((one) => one[Symbol.asyncDispose]()));
  }
}

function figureOf(cell: Cell, answer: Answer): number {
  if (cell.unit === 'tasks/s') return answer.operations / answer.seconds;
  if (cell.unit === 'MB') return answer.megabytesPerThread ?? Number.NaN;
  return answer.figure ?? Number.NaN;
}

function build(): Start {
  const out = emptyFolder('bench-pools');
  transpile(join(HERE, 'programs'), out);
  const native = join(out, 'native-pool');
  const flags = ['-std=c++17', '-O2', '-pthread', '-Wall', '-Wextra', '-Werror'];
  execFileSync('c++', [...flags, '-o', native, join(HERE, 'native', 'native-pool.cc')], {
    stdio: 'inherit',
  });
  return (row, threads) => {
    const js = [process.execPath, join(out, 'pool.js'), row, String(threads)];
    return new PoolProcess(row, row === FLOOR ? [native, String(threads)] : js);
  };
}
