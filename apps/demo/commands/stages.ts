/** `stages`: what there is, a line each; with `--all`, everything is played (play-all.ts). */
import { join } from 'node:path';
import type { Bilingual } from '@netloom/winsock-native';
import type { Command } from 'commander';
import { EXPERIMENTS } from '../experiments/table.js';
import { STAGES } from '../stages/table.js';
import { inLanguage, type Language } from '../theatre/language.js';
import { standardOutput } from '../theatre/screen.js';
import { tableLines } from '../theatre/tables.js';
import { langOption, portOption } from './options.js';
import { playAll } from './play-all.js';
import { EXIT_USAGE, Problem } from './problem.js';
import type { Finish } from './stage.js';

interface StagesOptions {
  readonly all: boolean;
  readonly json: boolean;
  readonly records?: string;
  readonly port?: number;
}

/** Something that can be played. */
export interface Item {
  /** The words of the command line that play it. */
  readonly words: readonly string[];
  readonly title: Bilingual;
  /** Of its record. */
  readonly file: string;
}

/** @param program - this command line's own file; its records lie beside its folder unless said otherwise */
export function registerStages(
  command: Command,
  finish: Finish,
  language: Language,
  program: string,
): void {
  const say = (text: Bilingual) => inLanguage(language, text);
  command
    .command('stages')
    .description(
      say({
        en: 'lists the stages and experiments, a line each',
        zh: '列出所有阶段和实验，每个一行',
      }),
    )
    .option(
      '--all',
      say({
        en: 'play all of them, and keep a record of each',
        zh: '全部运行，并保存每一个的记录',
      }),
      false,
    )
    .option(
      '--records <folder>',
      say({
        en: 'with --all: where to (default: records/ of the demo)',
        zh: '与 --all 合用：记录存放的目录（默认：演示程序的 records/）',
      }),
    )
    .option(
      '--json',
      say({ en: 'one JSON object instead of text', zh: '输出一个 JSON 对象，而不是文字' }),
      false,
    )
    .addOption(portOption(language))
    .addOption(langOption(language))
    .action((options: StagesOptions) => finish(stages(options, language, program)));
}

async function stages(
  { all, json, records, port }: StagesOptions,
  language: Language,
  program: string,
): Promise<number> {
  if (all) {
    const folder = records ?? join(program, '..', '..', 'records');
    return playAll(await items(), {
      folder,
      json,
      language,
      program,
      ...(port === undefined ? {} : { port }),
    });
  }
  if (records !== undefined) {
    throw new Problem(
      {
        en: '--records says where --all keeps what was printed: give both',
        zh: '--records 指定 --all 把输出存在哪里：两者要一起使用',
      },
      EXIT_USAGE,
    );
  }
  if (port !== undefined) {
    throw new Problem(
      {
        en: '--port is for the servers that --all starts: give both',
        zh: '--port 用于 --all 启动的服务器：两者要一起使用',
      },
      EXIT_USAGE,
    );
  }
  await list(json, language);
  return 0;
}

async function list(json: boolean, language: Language): Promise<void> {
  const experiments = await titledExperiments();
  if (json) {
    const stages = STAGES.map(({ number, slug, title, port, programs }) => ({
      number,
      slug,
      title,
      port,
      programs: Object.keys(programs),
    }));
    console.log(JSON.stringify({ stages, experiments }));
    return;
  }
  const rows = [
    [
      inLanguage(language, { en: 'pnpm demo …', zh: 'pnpm demo ……' }),
      inLanguage(language, { en: 'what it shows', zh: '内容' }),
    ],
    ...STAGES.map(({ number, title }) => [`stage ${number}`, inLanguage(language, title)]),
    ...experiments.map(({ name, title }) => [`experiment ${name}`, inLanguage(language, title)]),
  ];
  console.log(tableLines(rows, standardOutput.columns).join('\n'));
}

async function items(): Promise<Item[]> {
  const experiments = await titledExperiments();
  return [
    ...STAGES.map(
      ({ number, slug, title }): Item => ({
        words: ['stage', String(number)],
        title,
        file: `${String(number).padStart(2, '0')}-${slug}.txt`,
      }),
    ),
    ...experiments.map(
      ({ name, title }): Item => ({
        words: ['experiment', name],
        title,
        file: `experiment-${name}.txt`,
      }),
    ),
  ];
}

/** An experiment's title is its scene's. */
async function titledExperiments(): Promise<{ name: string; title: Bilingual }[]> {
  return Promise.all(
    EXPERIMENTS.map(async ({ name, scene }) => ({ name, title: (await scene()).scene.title })),
  );
}
