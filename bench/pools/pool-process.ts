/**
 * One row's pool as a process: sent a line, answers with a line. Whatever goes wrong in there ends it, and the run.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { WrongAnswer } from '../subcommand.js';
import type { Answer } from './programs/pool.js';

/** A pool that loses a task would let everybody wait for ever. */
const ANSWER_TIMEOUT_MS = 60_000;

/** It hangs, or has died. */
export class NoAnswer extends WrongAnswer {
  override name = 'NoAnswer';
}

export class PoolProcess implements AsyncDisposable {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<unknown>;

  constructor(name: string, command: readonly string[]) {
    const [program = '', ...args] = command;
    this.#name = name;
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child = child;
    this.#ended = new Promise((settle) => child.once('close', settle));
    // One that has died says so at the next question.
    child.stdin.on('error', () => {});
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  async ask(line: string): Promise<Answer> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#child.kill('SIGKILL');
    }, ANSWER_TIMEOUT_MS);
    this.#child.stdin?.write(`${line}\n`);
    const { value, done } = await this.#lines.next();
    clearTimeout(timer);
    if (done) {
      const why = isLate ? `nothing within ${ANSWER_TIMEOUT_MS} ms` : 'the process ended';
      throw new NoAnswer(`${this.#name}, ${line}: ${why}`);
    }
    // SAFETY: both programs print exactly this.
    return JSON.parse(value) as Answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
