/** Runs a program to its end, with a limit; whatever it started goes with it. */
import { spawn } from 'node:child_process';

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  /** How it ended, when not with 0. */
  readonly end: string | undefined;
}

export interface RunOptions {
  readonly cwd: string;
  readonly timeoutMs: number;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** The groups that run now. */
const groups = new Set<number>();
/** Calls that have not ended. */
let calls = 0;

/** Its standard input is empty, or `input`. */
export function run(
  command: string,
  args: readonly string[],
  { cwd, timeoutMs, env, input = '' }: RunOptions,
): Promise<Ended> {
  return new Promise((settle, reject) => {
    // Before anything is there to be left behind.
    listen();
    // A group of its own: what a shell started must not outlive the limit.
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, NO_COLOR: '1', ...env },
      detached: true,
    });
    if (child.pid !== undefined) groups.add(child.pid);
    // A program that ends without reading closes the pipe; how it ended tells enough.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, timeoutMs);
    let hasEnded = false;
    const end = () => {
      // One that could not be started says both.
      if (hasEnded) return;
      hasEnded = true;
      clearTimeout(timer);
      if (child.pid !== undefined) groups.delete(child.pid);
      unlisten();
    };
    child.on('error', (error) => {
      end();
      reject(error);
    });
    child.on('close', (code, signal) => {
      end();
      const how = code === null ? `ended by ${signal}` : `ended with exit code ${code}`;
      const reason = isLate ? `did not end within ${timeoutMs} ms` : code === 0 ? undefined : how;
      settle({ stdout, stderr, end: reason });
    });
  });
}

/** A group of its own does not hear what ends this process: it has to be told. */
function listen(): void {
  if (calls === 0) for (const signal of SIGNALS) process.on(signal, endAll);
  calls++;
}

function unlisten(): void {
  calls--;
  if (calls === 0) for (const signal of SIGNALS) process.off(signal, endAll);
}

function endAll(signal: NodeJS.Signals): void {
  for (const group of groups) process.kill(-group, 'SIGKILL');
  for (const one of SIGNALS) process.off(one, endAll);
  process.kill(process.pid, signal);
}
