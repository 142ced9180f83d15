/**
 * The programs under measurement as processes: started, pinned, asked for their CPU time from outside, ended.
 *
 * One instrument for all: the scheduler's own account of each thread, in nanoseconds, read from /proc. It holds user and
 * system time of the whole process, whatever language it is written in.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const START_TIMEOUT_MS = 20_000;
const END_TIMEOUT_MS = 10_000;

/** What one run of the load generator says. */
export interface LoadResult {
  readonly operations: number;
  readonly connections: number;
  readonly failures: number;
  readonly firstFailure: string;
  readonly seconds: number;
  /** Of the load generator. */
  readonly cpuSeconds: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

export class ServerProcess {
  readonly name: string;
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(
    name: string,
    port: number,
    child: ChildProcess,
    lines: AsyncIterator<string>,
  ) {
    this.name = name;
    this.port = port;
    this.#child = child;
    this.#lines = lines;
  }

  /** Starts it, on `core` where one is given, and waits for the line with its port. */
  static async start(
    name: string,
    command: readonly string[],
    core: number | undefined,
  ): Promise<ServerProcess> {
    const [program = '', ...args] = pinned(command, core);
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
    const first = await lines.next();
    clearTimeout(timer);
    if (first.done) throw new Error(`${name}: did not start: ${command.join(' ')}`);
    // SAFETY: every server's first line is this object; a server that prints another has no number here, and connecting fails.
    const { port } = JSON.parse(first.value) as { port: number };
    return new ServerProcess(name, port, child, lines);
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error(`${this.name}: has no process`);
    return pid;
  }

  /** CPU time its threads have used so far, user and system, in nanoseconds. */
  cpuNs(): number {
    const tasks = `/proc/${this.pid}/task`;
    let sum = 0;
    for (const task of readdirSync(tasks)) {
      sum += Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ', 1)[0]);
    }
    return sum;
  }

  /** Ends it with SIGTERM, and gives the number of connections it says it has had. */
  async stop(): Promise<number> {
    const ended = new Promise<number | null>((settle) => this.#child.once('close', settle));
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_TIMEOUT_MS);
    this.#child.kill('SIGTERM');
    const last = await this.#lines.next();
    const code = await ended;
    clearTimeout(timer);
    if (last.done || code !== 0) throw new Error(`${this.name}: ended with ${code} and no count`);
    // SAFETY: as in start(); anything else than the right number fails the comparison.
    return (JSON.parse(last.value) as { connections: number }).connections;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

/** Runs the load generator to its end. */
export async function runLoad(
  command: readonly string[],
  core: number | undefined,
): Promise<LoadResult> {
  const [program = '', ...args] = pinned(command, core);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  for await (const text of child.stdout.setEncoding('utf8')) output += text;
  if (output === '') throw new Error(`the load generator failed: ${command.join(' ')}`);
  // SAFETY: the one line that load.c prints.
  return JSON.parse(output) as LoadResult;
}

export function hasTaskset(): boolean {
  try {
    execFileSync('taskset', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The command on one core, where one is given. */
export function pinned(command: readonly string[], core: number | undefined): readonly string[] {
  return core === undefined ? command : ['taskset', '-c', String(core), ...command];
}
