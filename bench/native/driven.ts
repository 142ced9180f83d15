/**
 * A program that does so many operations when it is told to, and says what one took: `c/native-driver.h` and
 * `subjects/driver.ts`. While one works the others wait, so that all can be on one core.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { pinned } from '../processes.js';

/** After so long without an answer it is ended. */
const ANSWER_TIMEOUT_MS = 60_000;

export interface DrivenAnswer {
  /** CPU time of one operation. */
  readonly ns: number;
  /** Answers of the measured calls that were not the expected ones. */
  readonly wrong: number;
}

export class Driven {
  readonly #command: readonly string[];
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(command: readonly string[], core: number | undefined) {
    this.#command = command;
    const [program = '', ...args] = pinned(command, core);
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    // Its end is seen as the end of its output, with a better message than a broken pipe's.
    child.stdin.on('error', () => {});
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  async ask(operation: string, count: number): Promise<DrivenAnswer> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), ANSWER_TIMEOUT_MS);
    this.#child.stdin?.write(`${operation} ${count}\n`);
    const line = await this.#lines.next();
    clearTimeout(timer);
    if (line.done) throw new Error(`${this.#command.join(' ')}: no answer to ${operation}`);
    // SAFETY: the one line that both drivers print for each that they read.
    return JSON.parse(line.value) as DrivenAnswer;
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }
}
