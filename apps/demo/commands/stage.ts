/**
 * `stage N`: one step of the tutorial. As a play with everything that it needs, as one of its programs alone (`--as`), or
 * as a server for people in other terminals (`--interactive`).
 */
import type { Command } from 'commander';
import { DEFAULT_HOST } from '../dialogue/protocol.js';
import { ALL_CLIENTS, type StageProgram } from '../stages/shared/settings.js';
import { STAGES, type Stage, stageOf } from '../stages/table.js';
import { inLanguage, type Language } from '../theatre/language.js';
import { interact } from './interactive.js';
import { integer, langOption, localPortOption, portOption, refused } from './options.js';
import { playHere } from './play-here.js';
import { EXIT_USAGE, Problem } from './problem.js';

/** How the command line runs a command: `finish` of main.ts. */
export type Finish = (command: Promise<number>) => Promise<void>;

/** The options of `--as`, which stages and experiments share. */
export interface RoleOptions {
  readonly as?: string;
  readonly port?: number;
  readonly clients?: number;
  readonly localPort?: number;
}

export interface StageOptions extends RoleOptions {
  readonly interactive?: boolean;
}

const MOST_CLIENTS = 1_000_000;

/** @param program - this command line's own file, which starts the programs of a scene */
export function registerStage(
  command: Command,
  finish: Finish,
  language: Language,
  program: string,
): void {
  const stage = command
    .command('stage')
    .description(
      inLanguage(language, {
        en: 'one stage of the tutorial, from 1 to 12, with everything that it needs',
        zh: '运行教程的一个阶段（1 到 12），所需的一切都会自动启动',
      }),
    )
    .argument('[number]', inLanguage(language, { en: 'which stage', zh: '第几阶段' }))
    .argument('[words...]', wordsText(language))
    .option(
      '--interactive',
      inLanguage(language, {
        en: 'start the server here, for people in other terminals',
        zh: '只在这里启动服务器，由人在其他终端里充当客户端',
      }),
    );
  addRoleOptions(stage, language).action(
    (number: string | undefined, words: string[], options: StageOptions) =>
      finish(runStage(number, words, options, { language, program })),
  );
}

export function addRoleOptions(command: Command, language: Language): Command {
  return command
    .addOption(portOption(language))
    .option(
      '--as <role>',
      inLanguage(language, {
        en: 'run one of its programs alone, here: server, client …',
        zh: '在这里单独运行其中一个程序：server、client……',
      }),
    )
    .option(
      '--clients <number>',
      inLanguage(language, {
        en: 'with --as: how many connections a server serves (or all; default: 1)',
        zh: '与 --as 合用：服务器要服务多少个连接（all 表示不限；默认 1）',
      }),
      readClients(language),
    )
    .addOption(localPortOption(language))
    .addOption(langOption(language));
}

export function wordsText(language: Language): string {
  return inLanguage(language, {
    en: 'with --as: words for the program',
    zh: '与 --as 合用：交给该程序的词',
  });
}

function readClients(language: Language): (text: string) => number {
  const read = integer(language, 'clients', 1, MOST_CLIENTS);
  return (text) => {
    if (text === ALL_CLIENTS) return Number.POSITIVE_INFINITY;
    if (/^\d+$/.test(text)) return read(text);
    throw refused(language, {
      en: `clients must be a whole number from 1 to ${MOST_CLIENTS}, or all`,
      zh: `clients 必须是 1 到 ${MOST_CLIENTS} 之间的整数，或者 all`,
    });
  };
}

export interface CommandContext {
  readonly language: Language;
  readonly program: string;
}

async function runStage(
  text: string | undefined,
  words: readonly string[],
  options: StageOptions,
  context: CommandContext,
): Promise<number> {
  const stage = stageFrom(text);
  checkRoleOptions(options, words);
  const port = options.port ?? stage.port;
  if (options.as !== undefined) {
    if (options.interactive) {
      throw new Problem(
        {
          en: '--as runs one program alone and --interactive starts the server for people: choose one of them',
          zh: '--as 单独运行一个程序，--interactive 为人启动服务器：两者只能选一个',
        },
        EXIT_USAGE,
      );
    }
    return runRole(`stage ${stage.number}`, stage.programs, options, { port, words });
  }
  if (options.interactive) return interact(stage, port, context);
  const { scene } = await stage.scene();
  return playHere(
    {
      name: { en: `Stage ${stage.number}`, zh: `第 ${stage.number} 阶段` },
      scene,
      words: ['stage', String(stage.number)],
      programs: stage.programs,
      host: DEFAULT_HOST,
      port,
    },
    context,
  );
}

function stageFrom(text: string | undefined): Stage {
  const stage = text !== undefined && /^\d+$/.test(text) ? stageOf(Number(text)) : undefined;
  if (stage !== undefined) return stage;
  const [least, most] = [STAGES[0]?.number, STAGES.at(-1)?.number];
  throw new Problem(
    {
      en: `stage must be a whole number from ${least} to ${most}: got ${text ?? 'none'}. What there is: pnpm demo stages`,
      zh: `阶段必须是 ${least} 到 ${most} 之间的整数，实际得到：${text ?? '（没有）'}。查看全部：pnpm demo stages`,
    },
    EXIT_USAGE,
  );
}

/** Options of `--as` without it would be silently without effect. */
export function checkRoleOptions(options: RoleOptions, words: readonly string[]): void {
  if (options.as !== undefined) return;
  const idle = [
    options.clients === undefined ? '' : '--clients',
    options.localPort === undefined ? '' : '--local-port',
    ...words,
  ].find((word) => word !== '');
  if (idle === undefined) return;
  throw new Problem(
    {
      en: `${idle} is for one program alone: say which with --as`,
      zh: `${idle} 只用于单独运行的程序：请用 --as 指明是哪个`,
    },
    EXIT_USAGE,
  );
}

/** Runs a listing here, in this process. */
export async function runRole(
  name: string,
  programs: Readonly<Record<string, () => Promise<StageProgram>>>,
  { as: role = '', clients = 1, localPort }: RoleOptions,
  { port, words }: { readonly port: number; readonly words: readonly string[] },
): Promise<number> {
  const load = Object.hasOwn(programs, role) ? programs[role] : undefined;
  if (load === undefined) {
    const known = Object.keys(programs).join(', ');
    throw new Problem(
      {
        en: `${name} has no program ${role || '""'}; it has: ${known || 'none'}`,
        zh: `${name} 没有名为 ${role || '""'} 的程序；它有：${known || '一个也没有'}`,
      },
      EXIT_USAGE,
    );
  }
  const { main } = await load();
  return main({
    host: DEFAULT_HOST,
    port,
    clients,
    args: words,
    ...(localPort === undefined ? {} : { localPort }),
  });
}
