/**
 * A program on the stage: a process of its own, its output in a lane, and its end.
 *
 * It gets a process group of its own, so that the terminal's Ctrl-C reaches the theatre alone, which then ends every
 * group in order; and so that what it starts itself ends with it.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Problem } from '../commands/problem.js';
import type { Lanes } from './lanes.js';
import type { Text } from './language.js';
import type { ActorEnd, Actor as ActorInScene } from './scene.js';

export interface ActorOptions {
  readonly lane: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What to say in the lane when it has ended. */
  readonly endLine: (end: ActorEnd) => string;
}

/** Generous: machines are slow at times, and a hanging program must still end the scene. */
const PRINTED_TIMEOUT_MS = 15_000;
const HAS_GROUPS = process.platform !== 'win32';

/** How an actor's part was over: nobody asked yet, the scene looked, or the scene (or a stop) ended it. */
export type Part = 'its own' | 'looked at' | 'ended by us';

export class Actor implements ActorInScene {
  readonly lane: string;
  out = '';
  err = '';
  part: Part = 'its own';
  /** `undefined` while it runs. */
  end: ActorEnd | undefined;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lanes: Lanes;
  readonly #ended: Promise<ActorEnd>;
  readonly #watchers = new Set<() => void>();
  #spawnError: Error | undefined;

  constructor(lanes: Lanes, { lane, command, args, env, endLine }: ActorOptions) {
    this.lane = lane;
    this.#lanes = lanes;
    this.#child = spawn(command, args, {
      stdio: 'pipe',
      detached: HAS_GROUPS,
      // Its name in a trace of calls (`demo trace`), should this be one.
      env: { ...process.env, NETLOOM_TRACE_NAME: lane, ...env },
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.out += text;
      this.#changed(text);
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.err += text;
      this.#changed(text);
    });
    // A program that has gone away tells why by its exit code and its own words; the pipe's EPIPE adds nothing.
    this.#child.stdin.on('error', () => undefined);
    this.#ended = new Promise((resolve) => {
      this.#child.on('error', (error) => {
        this.#spawnError = error;
        // Without a process there is no 'close' to come.
        if (this.#child.pid === undefined) settle({ code: null, signal: null });
      });
      const settle = (end: ActorEnd) => {
        this.end = end;
        this.#lanes.ended(this.lane, this.#spawnError?.message ?? endLine(end));
        this.#changed('');
        resolve(end);
      };
      this.#child.on('close', (code, signal) => settle({ code, signal }));
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get ended(): Promise<ActorEnd> {
    if (this.part === 'its own') this.part = 'looked at';
    return this.#ended;
  }

  printed(pattern: RegExp, timeoutMs = PRINTED_TIMEOUT_MS): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const finish = (outcome: () => void) => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        outcome();
      };
      const look = () => {
        const match = pattern.exec(this.out) ?? pattern.exec(this.err);
        if (match !== null) finish(() => resolve(match));
        else if (this.end !== undefined) finish(() => reject(new Problem(this.#silence(pattern))));
      };
      const timer = setTimeout(
        () => finish(() => reject(new Problem(this.#silence(pattern, timeoutMs)))),
        timeoutMs,
      );
      this.#watchers.add(look);
      look();
    });
  }

  type(line: string): void {
    this.#lanes.typed(this.lane, line);
    this.#child.stdin.write(`${line}\n`);
  }

  endInput(): void {
    this.#child.stdin.end();
  }

  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    if (this.end !== undefined) return;
    this.part = 'ended by us';
    this.#signal(signal);
  }

  /** Ends it and what it started, at once and without waiting; for the last moment of this process, too. */
  killNow(): void {
    if (this.end === undefined) this.kill('SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill('SIGKILL');
    await this.#ended;
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    if (!HAS_GROUPS) {
      this.#child.kill(signal);
      return;
    }
    try {
      process.kill(-pid, signal);
    } catch (error) {
      // SAFETY: kill throws nothing but errors of the system. ESRCH: the group has just ended by itself.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  #changed(text: string): void {
    if (text !== '') this.#lanes.print(this.lane, text);
    for (const watcher of [...this.#watchers]) watcher();
  }

  /** Why a pattern was not printed. */
  #silence(pattern: RegExp, timeoutMs?: number): Text {
    const said = this.err.trim() || this.out.trim();
    if (this.#spawnError !== undefined) {
      const { message } = this.#spawnError;
      return {
        en: `${this.lane} could not be started: ${message}`,
        zh: `${this.lane} 无法启动：${message}`,
      };
    }
    if (timeoutMs === undefined) {
      const how = this.end?.code ?? this.end?.signal ?? '?';
      return {
        en: `${this.lane} ended (${how}) without having printed ${pattern}; its last words: ${said || 'none'}`,
        zh: `${this.lane} 已结束（${how}），却没有输出 ${pattern}；它最后说的是：${said || '什么也没说'}`,
      };
    }
    return {
      en: `${this.lane} has not printed ${pattern} within ${timeoutMs / 1000} s; so far: ${said || 'nothing'}`,
      zh: `${this.lane} 在 ${timeoutMs / 1000} 秒内没有输出 ${pattern}；目前为止：${said || '什么也没有'}`,
    };
  }
}
