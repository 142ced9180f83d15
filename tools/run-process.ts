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

/** Its standard input is empty, or `input`. */
export function run(
  command: string,
  args: readonly string[],
  { cwd, timeoutMs, env, input = '' }: RunOptions,
): Promise<Ended> {
  return new Promise((settle, reject) => {
    // A group of its own: what a shell started must not outlive the limit.
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, NO_COLOR: '1', ...env },
      detached: true,
    });
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
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const how = code === null ? `ended by ${signal}` : `ended with exit code ${code}`;
      const end = isLate ? `did not end within ${timeoutMs} ms` : code === 0 ? undefined : how;
      settle({ stdout, stderr, end });
    });
  });
}
