#!/usr/bin/env node
/** The demo's command line. */
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';
import { client } from './commands/client.js';
import { EXIT_FAILED, EXIT_PIPE, EXIT_USAGE, explain } from './commands/problem.js';
import { run } from './commands/run.js';
import { serve } from './commands/serve.js';
import { DEFAULT_HOST, DEFAULT_PORT } from './dialogue/protocol.js';

/** More than any machine runs usefully, and a typing error is caught. */
const MOST_THREADS = 1024;
const MOST_CLIENTS = 200;

function integer(name: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most)) {
      throw new InvalidArgumentError(`${name} must be a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

const host = () => new Option('--host <address>', 'address of the server').default(DEFAULT_HOST);
const port = () =>
  new Option('--port <number>', 'port of the server')
    .argParser(integer('port', 0, 65535))
    .default(DEFAULT_PORT);
const threads = () =>
  new Option('--threads <number>', 'threads of the pool')
    .argParser(integer('threads', 1, MOST_THREADS))
    .default(10);

/** Runs a command, and turns whatever it throws into a sentence and an exit code. */
async function finish(command: Promise<number>): Promise<void> {
  try {
    process.exitCode = await command;
  } catch (error) {
    const { text, exitCode } = explain(error);
    console.error(text);
    process.exitCode = exitCode;
  }
}

/** A reader that has gone away (`| head -1`) wants no more; anything else, such as a full disk, is said. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT_PIPE);
  process.stderr.write(`cannot write the output: ${error.message}\n`, () =>
    process.exit(EXIT_FAILED),
  );
});

const program = new Command('demo')
  .description(
    'The pooled coroutine TCP server at work. Without a command: a server, clients, and a check of every byte.',
  )
  .addOption(host())
  .addOption(port())
  .addOption(
    new Option('--clients <number>', 'clients, each a process of its own')
      .argParser(integer('clients', 1, MOST_CLIENTS))
      .default(3),
  )
  .addOption(threads())
  .option('--json', 'one JSON object instead of text', false)
  .enablePositionalOptions()
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE);
  })
  .action((options) => finish(run({ ...options, program: fileURLToPath(import.meta.url) })));

program
  .command('serve')
  .description('the server alone, until Ctrl-C')
  .addOption(host())
  .addOption(port())
  .addOption(threads())
  .action((options) => finish(serve(options)));

program
  .command('client')
  .description('one client: prints the greeting, sends one line, waits for the close')
  .argument('[text...]', 'what to send; absent: asked for, or read from a pipe')
  .addOption(host())
  .addOption(port())
  .addOption(
    new Option('--local-port <number>', 'own port to bind before connecting').argParser(
      integer('local-port', 0, 65535),
    ),
  )
  .action((words: string[], options) =>
    finish(client({ ...options, text: words.length === 0 ? undefined : words.join(' ') })),
  );

await program.parseAsync();
