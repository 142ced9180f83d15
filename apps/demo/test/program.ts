/** A program under test: its output as it comes, its end, and nothing left running. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const DEMO = fileURLToPath(new URL('../dist/main.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** Loaded machines are slow; a program that hangs must still end the test. */
const TIMEOUT_MS = 60_000;

export class Program implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  out = '';
  err = '';
  readonly #watchers = new Set<() => void>();

  constructor(command: string, args: readonly string[], options: SpawnOptions = {}) {
    this.child = spawn(command, args, { stdio: 'pipe', ...options });
    const timer = setTimeout(() => this.child.kill('SIGKILL'), TIMEOUT_MS);
    this.child.stdout?.setEncoding('utf8').on('data', (text) => {
      this.out += text;
      this.#changed();
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.err += text;
      this.#changed();
    });
    this.child.stdin?.on('error', () => undefined);
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => {
        clearTimeout(timer);
        resolve({ code, signal, out: this.out, err: this.err });
        this.#changed();
      });
    });
  }

  static demo(...args: string[]): Program {
    return new Program(process.execPath, [DEMO, ...args]);
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }

  /** Resolves with the match once the output has it; rejects when the program ends without. */
  async printed(pattern: RegExp, stream: 'out' | 'err' = 'out'): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this[stream]);
        const isOver = this.child.exitCode !== null || this.child.signalCode !== null;
        if (match === null && !isOver) return;
        this.#watchers.delete(look);
        if (match !== null) resolve(match);
        else reject(new Error(`ended without ${pattern}: ${this.out}\n${this.err}`));
      };
      this.#watchers.add(look);
      look();
    });
  }

  write(text: string): void {
    this.child.stdin?.write(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    await this.ended;
  }
}

/** Starts `serve` on a free port and says which. */
export async function startServe(...args: string[]): Promise<{ server: Program; port: number }> {
  const server = Program.demo('serve', '--port', '0', ...args);
  const [, port] = await server.printed(/listening on 127\.0\.0\.1:(\d+)/);
  return { server, port: Number(port) };
}
