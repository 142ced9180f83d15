/**
 * How many system calls a server makes for one operation, counted by strace from outside, the servers of `cells.ts` under
 * the load of `load.c`.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CELLS, type Cell, ROWS } from '../cells.js';
import { type Cores, RowServers } from '../row-servers.js';

const COUNTED = ['exchange-1', 'exchange-16', 'exchange-64', 'echo-1x1', 'echo-64x1'];

/** The cells of `pnpm bench` whose calls are counted. */
export const CALL_CELLS: readonly Cell[] = CELLS.filter(({ name }) => COUNTED.includes(name));

/** Calls of one name, or of one purpose, for one operation. */
export type CallCounts = ReadonlyMap<string, number>;

export interface CallCount {
  readonly row: string;
  readonly operations: number;
  readonly perOperation: CallCounts;
}

/** One call under several names. */
const SAME: ReadonlyMap<string, string> = new Map([
  ['epoll_pwait', 'epoll_wait'],
  ['recvfrom', 'recv'],
  ['sendto', 'send'],
]);

/** Columns of the table, in the order of an exchange; all else is `other`. */
export const COLUMNS = [
  'epoll_wait',
  'accept4',
  'send',
  'epoll_ctl',
  'recv',
  'close',
  'read',
  'write',
  'futex',
] as const;

/** Why calls cannot be counted here; undefined: they can. Installs strace where that needs no question. */
export function whyNotCounted(): string | undefined {
  if (runs('strace', '-V')) return undefined;
  if (process.getuid?.() !== 0 || !runs('apt-get', '--version')) {
    return 'strace is not there, and this is not root on Debian to install it';
  }
  const isThere =
    runs('apt-get', 'update', '-qq') && runs('apt-get', 'install', '-y', '-qq', 'strace');
  return isThere ? undefined : 'strace could not be installed';
}

/** Counts the calls of each row's server in one cell. */
export async function countCalls(
  cell: Cell,
  seconds: number,
  built: (name: string) => string,
  cores: Cores,
): Promise<readonly CallCount[]> {
  const counts: CallCount[] = [];
  for (const row of ROWS) {
    await using servers = await RowServers.start(cell.mode, [row], built, cores);
    await servers.load(row.name, cell, seconds);
    const { result, calls } = await underStrace(servers.pid(row.name), () =>
      servers.load(row.name, cell, seconds),
    );
    await servers.stop();
    const perOperation = new Map([...calls].map(([name, n]) => [name, n / result.operations]));
    counts.push({ row: row.name, operations: result.operations, perOperation });
  }
  return counts;
}

/** Runs `load` while strace counts the calls of all threads of a process. */
async function underStrace<T>(
  pid: number,
  load: () => Promise<T>,
): Promise<{ result: T; calls: Map<string, number> }> {
  const folder = mkdtempSync(join(tmpdir(), 'netloom-strace-'));
  const report = join(folder, 'counts');
  try {
    const strace = spawn('strace', ['-f', '-c', '-o', report, '-p', String(pid)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = new Promise((resolve) => strace.once('close', resolve));
    const words = createInterface({ input: strace.stderr })[Symbol.asyncIterator]();
    // `strace: Process 1234 attached with 11 threads`: printed when all are.
    const first = await words.next();
    if (first.done || !/attached/.test(first.value)) {
      throw new Error(`strace did not attach: ${first.done ? 'it ended' : first.value}`);
    }
    try {
      return { result: await load(), calls: await detached() };
    } finally {
      strace.kill('SIGKILL');
    }
    async function detached(): Promise<Map<string, number>> {
      strace.kill('SIGINT');
      await ended;
      return parseCounts(readFileSync(report, 'utf8'));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Reads the table of `strace -c`: calls are the fourth column, the name is the last. */
export function parseCounts(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of text.split('\n')) {
    const fields = line.trim().split(/\s+/);
    const [calls, name] = [Number(fields[3]), fields.at(-1) ?? ''];
    if (!Number.isInteger(calls) || name === 'total' || fields.length < 5) continue;
    const same = SAME.get(name) ?? name;
    const column: string = COLUMNS.find((one) => one === same) ?? 'other';
    counts.set(column, (counts.get(column) ?? 0) + calls);
  }
  return counts;
}

export function allOf(counts: CallCounts): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

function runs(program: string, ...args: readonly string[]): boolean {
  try {
    execFileSync(program, args, {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    return true;
  } catch {
    return false;
  }
}
