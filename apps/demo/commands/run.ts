/**
 * The demo itself: the server with its pool, clients in processes of their own that all read the greeting before any
 * of them types, what the tutorial prints, and a check of every byte.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { createServer, type Ledger, type Server } from '@netloom/server';
import { GetCurrentThreadId } from '@netloom/winsock-native';
import { type Dialogue, greet, type Thread } from '../dialogue/greeter.js';
import { GREETING, PROMPT } from '../dialogue/protocol.js';
import { clientLine, threadName } from '../dialogue/words.js';
import { standardOutput } from '../theatre/screen.js';
import { tableLines } from '../theatre/tables.js';
import { EXIT_FAILED, fromCommandLine, Problem } from './problem.js';
import { onStopSignal } from './stop-signal.js';

export interface RunOptions {
  readonly host: string;
  readonly port: number;
  readonly clients: number;
  readonly threads: number;
  readonly json: boolean;
  /** The program to start for each client: this one. */
  readonly program: string;
}

interface ClientRecord extends Dialogue {
  readonly client: number;
  /** `127.0.0.1:50432`. */
  readonly peer: string;
  /** The thread that accepted the connection and handed it over. */
  readonly acceptedOn: Thread;
  /** Whether the kernel lists a thread of that id in this process; absent where there is no such list. */
  readonly isInKernelList?: boolean;
}

/** Shows in the table, and fails the check, should a connection be served that nobody accepted. */
const UNKNOWN_THREAD: Thread = { threadId: -1, kernelThreadId: -1 };
/** Generous: a loaded machine is slow, a hanging one must still end. */
const CLIENT_TIMEOUT_MS = 60_000;
const DRAIN_TIMEOUT_MS = 5_000;

export async function run(options: RunOptions): Promise<number> {
  const { host, port, threads } = options;
  const running = new Set<ChildProcessWithoutNullStreams>();
  let server: Server | undefined;
  const release = onStopSignal((name, exitCode) => {
    console.error(`\n${name}: stopped before the end; ${running.size} clients ended`);
    for (const child of running) child.kill('SIGTERM');
    if (server === undefined) process.exit(exitCode);
    void server.close().finally(() => process.exit(exitCode));
  });
  try {
    server = await fromCommandLine(createServer({ host, port, threads, handler: greet }));
    return await serveClients(options, server, running);
  } finally {
    for (const child of running) child.kill('SIGKILL');
    await server?.close();
    release();
  }
}

async function serveClients(
  options: RunOptions,
  server: Server,
  running: Set<ChildProcessWithoutNullStreams>,
): Promise<number> {
  const say = options.json ? () => undefined : console.log;
  const main = thisThread();
  say(
    `server: ${server.address()}, a pool of ${options.threads} threads, one coroutine per connection`,
  );
  say(`accepting on the main thread: ${threadName(main)}\n`);

  const records: ClientRecord[] = [];
  const acceptedOn = new Map<number, Thread>();
  server.on('accepted', (connection) => {
    acceptedOn.set(connection.id, thisThread());
    say(clientLine(connection));
  });
  server.on('served', ({ id, peer }, result) => {
    // SAFETY: the handler is greet, whose result this is.
    const dialogue = result as Dialogue;
    say(dialogue.message);
    records.push({
      ...dialogue,
      client: Number(dialogue.message.slice('ThisIs'.length)),
      peer: String(peer),
      acceptedOn: acceptedOn.get(id) ?? UNKNOWN_THREAD,
      ...kernelView(dialogue.servedOn),
    });
  });

  const faults = await runClients(options, server, running);
  const ledger = await server.drain({ timeoutMs: DRAIN_TIMEOUT_MS });
  records.sort((a, b) => a.client - b.client);
  faults.push(...check(options, records, ledger, main));
  if (options.json) {
    console.log(JSON.stringify({ ok: faults.length === 0, faults, clients: records, ledger }));
  } else {
    summarise(options, records, ledger, faults);
  }
  return faults.length === 0 ? 0 : EXIT_FAILED;
}

function thisThread(): Thread {
  return { threadId, kernelThreadId: GetCurrentThreadId() };
}

/** Starts the clients, lets all of them read the greeting, and only then lets each type its line. */
async function runClients(
  { host, clients, program }: RunOptions,
  server: Server,
  running: Set<ChildProcessWithoutNullStreams>,
): Promise<string[]> {
  const port = String(server.address().port);
  const dialogues = Array.from({ length: clients }, (_, index) => {
    const child = spawn(process.execPath, [program, 'client', '--host', host, '--port', port], {
      // Its name in a trace of calls (`demo trace`), should this be one.
      env: { ...process.env, NETLOOM_TRACE_NAME: `client ${index + 1}` },
    });
    running.add(child);
    return new ClientProcess(index + 1, child);
  });
  await Promise.all(dialogues.map((one) => one.prompted));
  for (const one of dialogues) one.type(`ThisIs${one.number}`);
  const faults = await Promise.all(dialogues.map((one) => one.ended));
  running.clear();
  return faults.flat();
}

/** One client in a process of its own: what it prints, and what was wrong with it. */
class ClientProcess {
  readonly number: number;
  /** Settles when it has printed the greeting and asks for its line. */
  readonly prompted: Promise<void>;
  /** What was wrong, as sentences; empty if nothing. */
  readonly ended: Promise<string[]>;
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
          new Problem(
            `client ${number} ended before it asked for its line: ${err.trim() || 'no reason given'}`,
          ),
        );
      });
    });
    this.ended = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        clearTimeout(timer);
        const faults: string[] = [];
        const expected = `${GREETING}\n${PROMPT}`;
        if (out.trimEnd() !== expected.trimEnd()) {
          faults.push(
            `client ${number} printed ${JSON.stringify(out)} instead of ${JSON.stringify(expected)}`,
          );
        }
        if (code !== 0) faults.push(`client ${number} ended with ${code ?? signal}: ${err.trim()}`);
        resolve(faults);
      });
    });
  }

  type(line: string): void {
    this.#child.stdin.end(`${line}\n`);
  }
}

function kernelView({ kernelThreadId }: Thread): { isInKernelList?: boolean } {
  if (process.platform !== 'linux') return {};
  return { isInKernelList: readdirSync('/proc/self/task').includes(String(kernelThreadId)) };
}

function check(
  { clients, threads }: RunOptions,
  records: readonly ClientRecord[],
  ledger: Ledger,
  main: Thread,
): string[] {
  const faults: string[] = [];
  const expect = (holds: boolean, fault: string) => {
    if (!holds) faults.push(fault);
  };
  expect(records.length === clients, `${records.length} of ${clients} messages arrived`);
  records.forEach((one, index) => {
    expect(
      one.message === `ThisIs${index + 1}`,
      `message ${index + 1} is ${JSON.stringify(one.message)}`,
    );
    const { kernelThreadId } = one.servedOn;
    expect(
      one.acceptedOn.kernelThreadId === main.kernelThreadId,
      `client ${one.client} was not accepted on the main thread`,
    );
    expect(
      kernelThreadId !== main.kernelThreadId,
      `client ${one.client} was served on the main thread`,
    );
    expect(one.isInKernelList !== false, `the kernel lists no thread ${kernelThreadId}`);
  });
  const used = new Set(records.map((one) => one.servedOn.kernelThreadId)).size;
  const expected = Math.min(clients, threads);
  expect(used === expected, `${used} pool threads served, ${expected} expected`);
  const { accepted, served, live } = ledger;
  expect(
    accepted === clients && served === clients && live === 0,
    `the ledger says ${accepted} accepted, ${served} served, ${live} live`,
  );
  return faults;
}

function summarise(
  { threads }: RunOptions,
  records: readonly ClientRecord[],
  ledger: Ledger,
  faults: readonly string[],
): void {
  const rows = [
    ['client', 'from', 'message', 'accepted on', 'served on'],
    ...records.map((one) => [
      String(one.client),
      one.peer,
      one.message,
      threadName(one.acceptedOn),
      threadName(one.servedOn),
    ]),
  ];
  console.log(`\n${tableLines(rows, standardOutput.columns).join('\n')}\n`);
  const used = new Set(records.map((one) => one.servedOn.threadId)).size;
  console.log(
    `${used} of ${threads} pool threads used; ${ledger.accepted} accepted, ${ledger.served} served`,
  );
  if (faults.length === 0) console.log('every byte was right');
  else for (const fault of faults) console.log(`WRONG: ${fault}`);
}
