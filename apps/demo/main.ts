#!/usr/bin/env node
/** The demo's command line. */
import { fileURLToPath } from 'node:url';
import { Option } from 'commander';
import { client } from './commands/client.js';
import { registerErrors } from './commands/errors.js';
import { registerExperiment } from './commands/experiment.js';
import { languageOf } from './commands/language-of.js';
import {
  defaultPortOption,
  hostOption,
  integer,
  langOption,
  localPortOption,
} from './commands/options.js';
import { EXIT_FAILED, EXIT_PIPE, EXIT_USAGE, explain, Problem } from './commands/problem.js';
import { run } from './commands/run.js';
import { serve } from './commands/serve.js';
import { registerStage } from './commands/stage.js';
import { registerStages } from './commands/stages.js';
import { registerTrace } from './commands/trace.js';
import { commandIn } from './commands/wording.js';
import { inLanguage, type Text } from './theatre/language.js';

/** More than any machine runs usefully, and a typing error is caught. */
const MOST_THREADS = 1024;
const MOST_CLIENTS = 200;

const language = languageOf(process.argv);
const say = (text: Text) => inLanguage(language, text);
const thisFile = fileURLToPath(import.meta.url);
const threads = () =>
  new Option('--threads <number>', say({ en: 'threads of the pool', zh: '线程池的线程数' }))
    .argParser(integer(language, 'threads', 1, MOST_THREADS))
    .default(10);

/** Runs a command, and turns whatever it throws into a sentence and an exit code. */
async function finish(command: Promise<number>): Promise<void> {
  try {
    process.exitCode = await command;
  } catch (error) {
    const { text, exitCode } = explain(error, language);
    console.error(text);
    process.exitCode = exitCode;
  }
}

/** A reader that has gone away (`| head -1`) wants no more; anything else, such as a full disk, is said. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT_PIPE);
  const sentence = say({
    en: `cannot write the output: ${error.message}`,
    zh: `无法写出结果：${error.message}`,
  });
  process.stderr.write(`${sentence}\n`, () => process.exit(EXIT_FAILED));
});

const program = commandIn(language, 'demo')
  .description(
    say({
      en: 'The pooled coroutine TCP server at work. Without a command: a server, clients, and a check of every byte.',
      zh: '线程池加协程的 TCP 服务器的演示。不带命令时：启动一个服务器和若干客户端，并核对每一个字节。',
    }),
  )
  .addOption(hostOption(language))
  .addOption(defaultPortOption(language))
  .addOption(
    new Option(
      '--clients <number>',
      say({ en: 'clients, each a process of its own', zh: '客户端个数，每个都是独立的进程' }),
    )
      .argParser(integer(language, 'clients', 1, MOST_CLIENTS))
      .default(3),
  )
  .addOption(threads())
  .option(
    '--json',
    say({ en: 'one JSON object instead of text', zh: '输出一个 JSON 对象，而不是文字' }),
    false,
  )
  .addOption(langOption(language))
  .enablePositionalOptions()
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE);
  })
  .action((options) => {
    const [unknown] = program.args;
    return finish(
      unknown === undefined ? run({ ...options, language, program: thisFile }) : refuse(unknown),
    );
  });

program
  .command('serve')
  .description(say({ en: 'the server alone, until Ctrl-C', zh: '只启动服务器，按 Ctrl-C 停止' }))
  .addOption(hostOption(language))
  .addOption(defaultPortOption(language))
  .addOption(threads())
  .addOption(langOption(language))
  .action((options) => finish(serve({ ...options, language })));

program
  .command('client')
  .description(
    say({
      en: 'one client: prints the greeting, sends one line, waits for the close',
      zh: '一个客户端：显示欢迎语，发送一行，等待对方关闭',
    }),
  )
  .argument(
    '[text...]',
    say({
      en: 'what to send; absent: asked for, or read from a pipe',
      zh: '要发送的内容；不写则在终端询问，或从管道读取',
    }),
  )
  .addOption(hostOption(language))
  .addOption(defaultPortOption(language))
  .addOption(localPortOption(language))
  .addOption(langOption(language))
  .action((words: string[], options) =>
    finish(
      client({ ...options, language, text: words.length === 0 ? undefined : words.join(' ') }),
    ),
  );

registerStages(program, finish, language, thisFile);
registerStage(program, finish, language, thisFile);
registerExperiment(program, finish, language, thisFile);
registerErrors(program, finish, language);
registerTrace(program, finish, language, thisFile);

/** For a word that is no command. */
async function refuse(word: string): Promise<never> {
  const known = program.commands.map((command) => command.name()).join(', ');
  throw new Problem(
    {
      en: `there is no command ${word}; there are: ${known}`,
      zh: `没有命令 ${word}；现有：${known}`,
    },
    EXIT_USAGE,
  );
}

// Only here, because the commands above would inherit it: the library calls an unknown command an argument too many.
program.allowExcessArguments();
await program.parseAsync();
