/**
 * Plays a scene: gives it a theatre, shows what happens, and decides how it ended.
 *
 * Whatever way a play ends (seen, not seen, an error, Ctrl-C, SIGTERM, nobody reads any more), every program that it
 * started is ended and reaped.
 */
import type { Bilingual } from '@netloom/winsock-native';
import { EXIT_FAILED, explain, Problem, portTaken } from '../commands/problem.js';
import { onStopSignal } from '../commands/stop-signal.js';
import { Actor } from './actor.js';
import { endText, fallenText } from './ends.js';
import { Lanes } from './lanes.js';
import { inLanguage, type Language, type Text } from './language.js';
import { type Play, wordsFor } from './play.js';
import type { BesideWindows, RunOptions, StartOptions, Theatre } from './scene.js';
import { type Screen, standardOutput } from './screen.js';
import { indented, tableLines } from './tables.js';
import { Verdict } from './verdict.js';
import { besideWindowsRows } from './windows-column.js';

export interface DirectorOptions {
  readonly language: Language;
  /** The command line's own file, which starts the programs. */
  readonly program: string;
  /** Default: standard output. */
  readonly screen?: Screen;
  /** Where to say why a play could not go on; default: the error output. */
  readonly complain?: (text: string) => void;
  /** A scene that takes longer is stopped; default 120 s. */
  readonly timeoutMs?: number;
}

const SCENE_TIMEOUT_MS = 120_000;

/**
 * Plays a scene to its end.
 *
 * @returns 0 only if all that was to be seen was seen and every program ended as the scene awaited
 */
export async function play(it: Play, options: DirectorOptions): Promise<number> {
  return new Director(it, options).play();
}

class Director implements Theatre {
  readonly language: Language;
  readonly host: string;
  readonly port: number;
  readonly #play: Play;
  readonly #program: string;
  readonly #screen: Screen;
  readonly #complain: (text: string) => void;
  readonly #timeoutMs: number;
  readonly #lanes: Lanes;
  readonly #stop = new AbortController();
  readonly #actors: Actor[] = [];
  readonly #verdict = new Verdict();

  constructor(it: Play, { language, program, screen, complain, timeoutMs }: DirectorOptions) {
    this.language = language;
    this.host = it.host;
    this.port = it.port;
    this.#play = it;
    this.#program = program;
    this.#screen = screen ?? standardOutput;
    this.#complain = complain ?? ((text) => process.stderr.write(text));
    this.#timeoutMs = timeoutMs ?? SCENE_TIMEOUT_MS;
    this.#lanes = new Lanes(this.#screen);
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  async play(): Promise<number> {
    const release = onStopSignal((name, exitCode) => this.#stopFor(name, exitCode));
    const killAll = () => this.#killAll();
    // Also when this process exits elsewhere: nobody reads the output, an error nobody expected.
    process.on('exit', killAll);
    const timer = setTimeout(() => this.#stop.abort(this.#tooLong()), this.#timeoutMs);
    try {
      this.#heading();
      await this.#untilStopped(this.#play.scene.play(this));
      this.#checkNoneLeft();
      await this.#clearStage();
      this.#checkEnds();
      this.signal.throwIfAborted();
      return this.#conclude();
    } catch (error) {
      // Now: the others' ends that follow from ending one of them are no news.
      const fallen = this.#fallen();
      await this.#clearStage();
      return this.#fail(error, fallen);
    } finally {
      clearTimeout(timer);
      process.off('exit', killAll);
      release();
    }
  }

  text(both: Text): string {
    return inLanguage(this.language, both);
  }

  tell(both: Text): void {
    this.#paragraph(this.text(both));
  }

  start(role: string, options: StartOptions = {}): Actor {
    const { lane = role, env = {} } = options;
    const words = wordsFor(this.#play, role, options);
    return this.#enter(lane, process.execPath, [this.#program, ...words], {
      // The name that a trace of its calls gives it.
      NETLOOM_TRACE_NAME: lane,
      ...env,
    });
  }

  run(command: string, args: readonly string[], options: RunOptions = {}): Actor {
    const { lane = command, env = {} } = options;
    return this.#enter(lane, command, args, env);
  }

  table(heading: Text, rows: readonly (readonly Text[])[]): void {
    this.#paragraph(
      this.text(heading),
      tableLines(
        rows.map((row) => row.map((cell) => this.text(cell))),
        this.#screen.columns,
      ),
    );
  }

  expect(what: Bilingual, isSeen: boolean, evidence: Text = ''): void {
    this.#verdict.expect(what, isSeen, evidence);
    if (!isSeen) this.tell({ en: `NOT SEEN: ${what.en}`, zh: `没有看到：${what.zh}` });
  }

  leaveOut(what: Bilingual): void {
    this.#verdict.leaveOut(what);
  }

  besideWindows(rows: readonly BesideWindows[]): void {
    const { heading, table } = besideWindowsRows(rows);
    this.table(heading, table);
  }

  #enter(
    lane: string,
    command: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Actor {
    this.signal.throwIfAborted();
    const running = new Set(this.#actors.filter(isRunning).map((actor) => actor.lane));
    if (running.has(lane)) throw new TypeError(`a program in the lane ${lane} still runs`);
    const finished = new Set(
      this.#actors.map((actor) => actor.lane).filter((name) => !running.has(name)),
    );
    this.#lanes.open(lane, finished);
    const actor = new Actor(this.#lanes, {
      lane,
      command,
      args,
      env,
      endLine: (end) => this.text(endText(end)),
    });
    this.#actors.push(actor);
    return actor;
  }

  #heading(): void {
    const { name, scene } = this.#play;
    const title = this.text({
      en: `${name.en}: ${scene.title.en}`,
      zh: `${name.zh}：${scene.title.zh}`,
    });
    this.#screen.write(`${indented(title, this.#screen.columns).join('\n')}\n`);
  }

  /** The scene, or the reason why it was stopped: a scene that waits for something else must not hold us up. */
  async #untilStopped(scene: Promise<void>): Promise<void> {
    const stopped = new Promise<never>((_, reject) => {
      const stop = () => reject(this.signal.reason);
      if (this.signal.aborted) stop();
      this.signal.addEventListener('abort', stop, { once: true });
    });
    await Promise.race([scene, stopped]);
    this.signal.throwIfAborted();
  }

  #stopFor(name: string, exitCode: number): void {
    const running = this.#actors.filter(isRunning).length;
    this.#stop.abort(
      new Problem(
        {
          en: `${name}: stopped before the end; programs ended: ${running}`,
          zh: `${name}：提前停止；已结束 ${running} 个程序`,
        },
        exitCode,
      ),
    );
    this.#killAll();
  }

  #tooLong(): Problem {
    const seconds = this.#timeoutMs / 1000;
    return new Problem({
      en: `the scene has not ended within ${seconds} s`,
      zh: `这一幕在 ${seconds} 秒内没有结束`,
    });
  }

  #killAll(): void {
    for (const actor of this.#actors) actor.killNow();
  }

  /** Ends and reaps everything. */
  async #clearStage(): Promise<void> {
    for (const actor of this.#actors.filter(isRunning)) await actor[Symbol.asyncDispose]();
  }

  /** A scene awaits the end of what it has started, or ends it. */
  #checkNoneLeft(): void {
    for (const { lane, part } of this.#actors.filter(isRunning)) {
      if (part === 'ended by us') continue;
      this.expect(
        { en: `${lane} has ended when the scene is over`, zh: `这一幕结束时 ${lane} 已经结束` },
        false,
      );
    }
  }

  /** A program that failed while nobody looked is a fault of the play. */
  #checkEnds(): void {
    for (const { lane, part, end, err } of this.#actors) {
      if (part !== 'its own' || end?.code === 0) continue;
      this.expect(
        { en: `${lane} ends well (exit code 0)`, zh: `${lane} 正常结束（退出码 0）` },
        false,
        `${end?.code ?? end?.signal}: ${err.trim()}`,
      );
    }
  }

  #conclude(): number {
    if (this.#verdict.isEmpty) return this.#fail(new Problem(NOTHING_EXPECTED));
    this.table({ en: 'What was to be seen:', zh: '应当看到的：' }, this.#verdict.rows());
    for (const what of this.#verdict.leftOut()) this.tell(what);
    this.tell(this.#play.scene.conclusion);
    return this.#verdict.isSeen ? 0 : EXIT_FAILED;
  }

  #fail(error: unknown, fallen: readonly Actor[] = []): number {
    // A stop makes programs end and waits fail: the stop is the reason, not what followed from it.
    const cause = this.signal.aborted ? this.signal.reason : error;
    const { text, exitCode } = explain(cause, this.language);
    // Who has pressed Ctrl-C knows enough.
    if (exitCode === EXIT_FAILED && !this.#verdict.isEmpty) {
      this.table({ en: 'Until then:', zh: '到此为止：' }, this.#verdict.rows());
    }
    this.#lanes.interrupt();
    this.#complain(`\n${text}\n`);
    for (const actor of exitCode === EXIT_FAILED ? fallen : []) {
      if (!text.startsWith(`${actor.lane} `)) this.#complain(`${this.text(fallenText(actor))}\n`);
    }
    // The first is the server; a client's own port is its listing's affair.
    const isTaken = /^bind failed: 10048\b/m.test(this.#actors[0]?.err ?? '');
    if (isTaken) this.#complain(`${this.text(portTaken(this.port))}\n`);
    return exitCode;
  }

  /** Who had ended badly while nobody looked: a wait for another may have been in vain because of it. */
  #fallen(): Actor[] {
    return this.#actors.filter(
      ({ part, end }) => part === 'its own' && end !== undefined && end.code !== 0,
    );
  }

  #paragraph(text: string, lines: readonly string[] = []): void {
    this.#lanes.interrupt();
    const { columns } = this.#screen;
    this.#screen.write(`\n${[...indented(text, columns, 0), ...lines].join('\n')}\n`);
  }
}

const NOTHING_EXPECTED: Bilingual = {
  en: 'the scene has not said what was to be seen',
  zh: '这一幕没有说明应当看到什么',
};

function isRunning(actor: Actor): boolean {
  return actor.end === undefined;
}
