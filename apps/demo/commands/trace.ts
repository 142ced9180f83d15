/**
 * `trace`: runs another command of the demo and shows every socket call of every process that it starts.
 *
 * The recording is winsock-native's (NETLOOM_TRACE_CALLS), into a folder that is removed afterwards; here the command is
 * run, and the records are put into the form that was asked for.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bilingual } from '@netloom/winsock-native';
import { type CallRecord, readTrace } from '@netloom/winsock-native/trace';
import { type Command, Option } from 'commander';
import { inLanguage, type Language } from '../theatre/language.js';
import { standardOutput } from '../theatre/screen.js';
import { langOption, refused } from './options.js';
import { EXIT_USAGE, Problem } from './problem.js';
import type { Finish } from './stage.js';
import { chromeTrace } from './trace-chrome.js';
import { jsonLines } from './trace-lines.js';
import { callsAsText } from './trace-text.js';

const FORMATS = ['text', 'jsonl', 'chrome'] as const;
type Format = (typeof FORMATS)[number];

export interface TraceOptions {
  /** Default: text. */
  readonly format?: Format;
  /** Absent: standard output. */
  readonly output?: string;
  readonly lang?: Language;
}

const STDERR = 2;
/** A process that a signal ended has this and the signal's number as its exit code, in every shell. */
const SIGNAL_EXIT = 128;

const WORDS = {
  description: {
    en: 'runs another command of the demo and shows every socket call of every process',
    zh: '运行演示的另一个命令，并显示其中每个进程的每一次套接字调用',
  },
  command: {
    en: 'the command and its options, after --: stage 4',
    zh: '要跟踪的命令及其选项，写在 -- 之后：stage 4',
  },
  format: {
    en: 'text, jsonl (a JSON object a line) or chrome (for ui.perfetto.dev); default: text',
    zh: 'text（文字）、jsonl（每行一个 JSON 对象）或 chrome（供 ui.perfetto.dev 打开）；默认：text',
  },
  output: {
    en: 'file for the calls (default: standard output)',
    zh: '保存调用记录的文件（默认：标准输出）',
  },
} as const satisfies Record<string, Bilingual>;

/** @param program - this command line's own file, which runs the traced command */
export function registerTrace(
  command: Command,
  finish: Finish,
  language: Language,
  program: string,
): void {
  const say = (text: Bilingual) => inLanguage(language, text);
  command
    .command('trace')
    .description(say(WORDS.description))
    .argument('[command...]', say(WORDS.command))
    .addOption(formatOption(language))
    .option('--output <file>', say(WORDS.output))
    .addOption(langOption(language))
    .passThroughOptions()
    .action((words: string[], options: TraceOptions) =>
      finish(trace(words, options, { language, program })),
    );
}

function formatOption(language: Language): Option {
  return new Option('--format <format>', inLanguage(language, WORDS.format)).argParser((text) => {
    if (FORMATS.some((known) => known === text)) return text;
    throw refused(language, {
      en: 'format must be text, jsonl or chrome',
      zh: 'format 只能是 text、jsonl 或 chrome',
    });
  });
}

/**
 * Runs a command of the demo and shows its calls.
 *
 * @returns the command's own exit code
 * @throws {Problem} there is no command, or the file cannot be opened: nothing was run then; or the file's disk is full
 */
export async function trace(
  words: readonly string[],
  { format = 'text', output, lang }: TraceOptions,
  { language, program }: { readonly language: Language; readonly program: string },
): Promise<number> {
  refuseWords(words);
  const file = output === undefined ? undefined : openOutput(output);
  const folder = makeFolder();
  const remove = () => rmSync(folder, { recursive: true, force: true });
  // Also when this process ends elsewhere: nobody reads the output any more.
  process.on('exit', remove);
  try {
    // What a program is to read must not stand among what the stage prints.
    const outTo = format === 'text' || file !== undefined ? 'inherit' : STDERR;
    const exitCode = await runTraced([program, ...withLanguage(words, lang)], {
      folder,
      outTo,
      name: words[0]?.startsWith('-') ? 'demo' : (words[0] ?? 'demo'),
    });
    const calls = readTrace(folder);
    // The command was wrong, and has said so.
    if (calls.length === 0 && exitCode === EXIT_USAGE) return exitCode;
    const text = formatted(calls, { format, language, command: `demo ${words.join(' ')}` });
    if (file === undefined) process.stdout.write(text);
    else writeAll(file, text, output ?? '');
    if (output !== undefined) console.error(inLanguage(language, written(output, format, calls)));
    return exitCode;
  } finally {
    if (file !== undefined) closeSync(file);
    process.off('exit', remove);
    remove();
  }
}

function makeFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'netloom-trace-'));
  } catch (error) {
    const reason = reasonOf(error);
    throw new Problem({
      en: `there is no room for the records in the folder for temporary files: ${reason}; TMPDIR names another`,
      zh: `无法在临时文件夹中保存记录：${reason}；可用 TMPDIR 指定别的文件夹`,
    });
  }
}

function writeAll(file: number, text: string, output: string): void {
  const bytes = Buffer.from(text);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  } catch (error) {
    throw unwritable(output, error);
  }
}

function unwritable(output: string, error: unknown, exitCode?: number): Problem {
  const reason = reasonOf(error);
  return new Problem(
    {
      en: `--output ${output} cannot be written: ${reason}`,
      zh: `--output ${output} 无法写入：${reason}`,
    },
    exitCode,
  );
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function written(output: string, format: Format, { length }: readonly CallRecord[]): Bilingual {
  const isForPerfetto = format === 'chrome';
  return {
    en: `${length} calls are in ${output}${isForPerfetto ? '; open it in https://ui.perfetto.dev' : ''}`,
    zh: `${length} 次调用已写入 ${output}${isForPerfetto ? '；可在 https://ui.perfetto.dev 中打开' : ''}`,
  };
}

interface Shown {
  readonly format: Format;
  readonly language: Language;
  readonly command: string;
}

function formatted(calls: readonly CallRecord[], { format, language, command }: Shown): string {
  switch (format) {
    case 'text': {
      const { columns } = standardOutput;
      return `\n${callsAsText(calls, { command, language, columns }).join('\n')}\n`;
    }
    case 'jsonl':
      return jsonLines(calls);
    case 'chrome':
      return `${JSON.stringify(chromeTrace(calls))}\n`;
  }
}

function refuseWords([first]: readonly string[]): void {
  if (first === undefined) {
    throw new Problem(
      {
        en: 'what shall be traced? Write a command of the demo after --: pnpm demo trace -- stage 4',
        zh: '要跟踪什么？请在 -- 之后写一个演示命令：pnpm demo trace -- stage 4',
      },
      EXIT_USAGE,
    );
  }
  if (first === 'trace') {
    throw new Problem(
      {
        en: 'a trace cannot be traced: write the command itself after --',
        zh: '不能跟踪 trace 本身：请在 -- 之后直接写要跟踪的命令',
      },
      EXIT_USAGE,
    );
  }
}

function openOutput(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    throw unwritable(path, error, EXIT_USAGE);
  }
}

/** Our language is the traced command's too, unless it is told one of its own. */
function withLanguage(words: readonly string[], lang: Language | undefined): readonly string[] {
  const isTold = words.some((word) => word === '--lang' || word.startsWith('--lang='));
  if (lang === undefined || isTold) return words;
  const at = words[0]?.startsWith('-') ? 0 : 1;
  return [...words.slice(0, at), '--lang', lang, ...words.slice(at)];
}

interface Run {
  readonly folder: string;
  readonly outTo: 'inherit' | number;
  /** Its name in the records; what it starts has names of its own. */
  readonly name: string;
}

/** Runs it in this terminal, and lets it decide what a stop means. */
async function runTraced(args: readonly string[], { folder, outTo, name }: Run): Promise<number> {
  const child = spawn(process.execPath, args, {
    stdio: ['inherit', outTo, 'inherit'],
    env: { ...process.env, NETLOOM_TRACE_CALLS: folder, NETLOOM_TRACE_NAME: name },
  });
  const terminate = () => child.kill('SIGTERM');
  // Ctrl-C reaches both of us from the terminal; without one, only whom it was sent to.
  const interrupt = () => process.stdin.isTTY || child.kill('SIGINT');
  process.on('SIGTERM', terminate);
  process.on('SIGINT', interrupt);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) =>
        resolve(code ?? SIGNAL_EXIT + constants.signals[signal ?? 'SIGKILL']),
      );
    });
  } finally {
    process.off('SIGTERM', terminate);
    process.off('SIGINT', interrupt);
  }
}
