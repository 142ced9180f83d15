/**
 * `stages --all`: plays everything there is, one after the other, each as the command that a person would type, in a
 * process of its own; shows and keeps what each prints; then a table of outcomes and times.
 */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Bilingual } from '@netloom/winsock-native';
import { inLanguage, type Language } from '../theatre/language.js';
import { standardOutput } from '../theatre/screen.js';
import { tableLines } from '../theatre/tables.js';
import { EXIT_FAILED, Problem } from './problem.js';
import type { Item } from './stages.js';
import { onStopSignal } from './stop-signal.js';

export interface PlayAllOptions {
  readonly folder: string;
  readonly json: boolean;
  readonly language: Language;
  readonly program: string;
  /** Of every server; default: the tutorial's own. */
  readonly port?: number;
}

interface Outcome {
  readonly what: string;
  readonly title: Bilingual;
  readonly exitCode: number | null;
  readonly seconds: number;
  readonly record: string;
  /** What could not be done on this machine, as the play says it. */
  readonly leftOut: readonly string[];
}

/** Longer than a scene may take by itself, which ends with a sentence of its own. */
const ITEM_TIMEOUT_MS = 150_000;
/** What a scene that was told to end may take to end its programs. */
const END_TIMEOUT_MS = 10_000;

/** A paragraph of the play, folded to the width of the terminal. */
const LEFT_OUT = /^(?:Left out: |略过：).+(?:\n.+)*/gm;

/** @returns 0 only if all were seen */
export async function playAll(items: readonly Item[], options: PlayAllOptions): Promise<number> {
  const { folder, json, language } = options;
  makeFolder(folder);
  const started = performance.now();
  const outcomes: Outcome[] = [];
  for (const item of items) outcomes.push(await playOne(item, options));
  const failed = outcomes.filter(({ exitCode }) => exitCode !== 0).length;
  const seconds = secondsSince(started);
  if (json) console.log(JSON.stringify({ ok: failed === 0, seconds, outcomes }));
  else summarise(outcomes, seconds, folder, language);
  return failed === 0 ? 0 : EXIT_FAILED;
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Problem({
      en: `the folder for the records cannot be made: ${reason}`,
      zh: `无法创建存放记录的目录：${reason}`,
    });
  }
}

async function playOne(item: Item, options: PlayAllOptions): Promise<Outcome> {
  const path = resolve(options.folder, item.file);
  const record = createWriteStream(path);
  // Said here and now, whenever it comes; otherwise a full disk would be an exception of its own.
  const written = finished(record).then(
    () => undefined,
    (error: Error) => error,
  );
  let printed = '';
  const show = (text: string) => {
    printed += text;
    record.write(text);
    if (!options.json) standardOutput.write(text);
  };
  if (!options.json) standardOutput.write(`\n${'═'.repeat(standardOutput.columns)}\n`);
  const started = performance.now();
  show(`$ pnpm demo ${wordsOf(item, options).join(' ')}\n`);
  const { exitCode, stopped } = await run(wordsOf(item, options), options.program, show);
  const seconds = secondsSince(started);
  record.end(`\nexit code ${exitCode}, ${seconds} s\n`);
  const fault = await written;
  if (fault !== undefined) {
    throw new Problem({
      en: `the record cannot be written: ${fault.message}`,
      zh: `无法写入记录：${fault.message}`,
    });
  }
  if (stopped !== undefined) throw stopped;
  const { words, title } = item;
  return {
    what: words.join(' '),
    title,
    exitCode,
    seconds,
    record: relative('', path),
    leftOut: [...printed.matchAll(LEFT_OUT)].map(([text]) => text.replaceAll('\n', ' ')),
  };
}

function wordsOf({ words }: Item, { language, port }: PlayAllOptions): string[] {
  return [
    ...words,
    ...(port === undefined ? [] : ['--port', String(port)]),
    ...(language === 'en' ? [] : ['--lang', language]),
  ];
}

/** One command in a process of its own; Ctrl-C is handed on, and ends everything when that one has ended. */
function run(
  words: readonly string[],
  program: string,
  show: (text: string) => void,
): Promise<{ exitCode: number | null; stopped?: Problem }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: the terminal's Ctrl-C comes to us alone, and reaches it once.
      detached: process.platform !== 'win32',
      env: { ...process.env, COLUMNS: String(standardOutput.columns) },
    });
    let stopped: Problem | undefined;
    const timer = setTimeout(() => child.kill('SIGTERM'), ITEM_TIMEOUT_MS);
    const lastResort = setTimeout(() => child.kill('SIGKILL'), ITEM_TIMEOUT_MS + END_TIMEOUT_MS);
    const release = onStopSignal((name, exitCode) => {
      child.kill(name);
      stopped = new Problem(
        { en: `${name}: the rest is not played`, zh: `${name}：其余的不再运行` },
        exitCode,
      );
    });
    const endWithUs = () => child.kill('SIGTERM');
    process.on('exit', endWithUs);
    child.stdout.setEncoding('utf8').on('data', show);
    child.stderr.setEncoding('utf8').on('data', show);
    child.on('error', reject);
    child.on('close', (exitCode) => {
      clearTimeout(timer);
      clearTimeout(lastResort);
      process.off('exit', endWithUs);
      release();
      resolve({ exitCode, ...(stopped === undefined ? {} : { stopped }) });
    });
  });
}

function secondsSince(started: number): number {
  return Math.round((performance.now() - started) / 100) / 10;
}

function summarise(
  outcomes: readonly Outcome[],
  seconds: number,
  folder: string,
  language: Language,
): void {
  const say = (text: Bilingual) => inLanguage(language, text);
  const rows = [
    [
      say({ en: 'what', zh: '项目' }),
      say({ en: 'title', zh: '标题' }),
      say({ en: 'outcome', zh: '结果' }),
      say({ en: 'time', zh: '用时' }),
    ],
    ...outcomes.map(({ what, title, exitCode, seconds }) => [
      what,
      say(title),
      exitCode === 0
        ? say({ en: 'seen', zh: '看到了' })
        : say({ en: `NOT SEEN (${exitCode})`, zh: `没有看到（${exitCode}）` }),
      `${seconds.toFixed(1)} s`,
    ]),
  ];
  const { columns } = standardOutput;
  const seen = outcomes.filter(({ exitCode }) => exitCode === 0).length;
  const sum = say({
    en: `${seen} of ${outcomes.length} seen in ${seconds} s; records: ${resolve(folder)}`,
    zh: `${outcomes.length} 项中看到了 ${seen} 项，共 ${seconds} 秒；记录在 ${resolve(folder)}`,
  });
  console.log(`\n${'═'.repeat(columns)}\n${tableLines(rows, columns).join('\n')}\n`);
  for (const { what, leftOut } of outcomes) {
    for (const each of leftOut) console.log(`${what}: ${each}`);
  }
  console.log(sum);
}
