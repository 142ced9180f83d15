/** One client of the demo, as a process: when it asks, when it has ended, and what was wrong with it. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Bilingual } from '@netloom/winsock-native';
import { GREETING, PROMPT } from '../dialogue/protocol.js';
import { Problem } from './problem.js';

/** Generous: a loaded machine is slow, a hanging one must still end. */
const CLIENT_TIMEOUT_MS = 60_000;

/** One client in a process of its own: what it prints, and what was wrong with it. */
export class ClientProcess {
  readonly number: number;
  /** Settles when it has printed the greeting and asks for its line. */
  readonly prompted: Promise<void>;
  /** What was wrong, as sentences; empty if nothing. */
  readonly ended: Promise<Bilingual[]>;
  readonly #child: ChildProcessWithoutNullStreams;

  constructor(number: number, child: ChildProcessWithoutNullStreams) {
    this.number = number;
    this.#child = child;
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8');
    child.stderr.setEncoding('utf8').on('data', (text) => {
      err += text;
    });
    // A client that has gone away tells why by its exit code and its own words; the pipe's EPIPE adds nothing.
    child.stdin.on('error', () => undefined);
    const timer = setTimeout(() => child.kill('SIGKILL'), CLIENT_TIMEOUT_MS);
    this.prompted = new Promise((resolve, reject) => {
      child.stdout.on('data', (text) => {
        out += text;
        if (out.includes(PROMPT)) resolve();
      });
      child.on('error', reject);
      child.on('close', () => {
        reject(
          new Problem({
            en: `client ${number} ended before it asked for its line: ${err.trim() || 'no reason given'}`,
            zh: `客户端 ${number} 还没提示输入就结束了：${err.trim() || '没有说明原因'}`,
          }),
        );
      });
    });
    this.ended = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        clearTimeout(timer);
        const faults: Bilingual[] = [];
        const expected = `${GREETING}\n${PROMPT}`;
        if (out.trimEnd() !== expected.trimEnd()) {
          const [is, should] = [JSON.stringify(out), JSON.stringify(expected)];
          faults.push({
            en: `client ${number} printed ${is} instead of ${should}`,
            zh: `客户端 ${number} 打印了 ${is}，应为 ${should}`,
          });
        }
        if (code !== 0) {
          faults.push({
            en: `client ${number} ended with ${code ?? signal}: ${err.trim()}`,
            zh: `客户端 ${number} 以 ${code ?? signal} 结束：${err.trim()}`,
          });
        }
        resolve(faults);
      });
    });
  }

  type(line: string): void {
    this.#child.stdin.end(`${line}\n`);
  }
}
