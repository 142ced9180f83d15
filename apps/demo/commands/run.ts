/**
 * The demo itself: the server with its pool, clients in processes of their own that all read the greeting before any
 * of them types, what the tutorial prints, and a check of every byte.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { createServer, type Ledger, type Server } from '@netloom/server';
import { type Bilingual, GetCurrentThreadId } from '@netloom/winsock-native';
import { type Dialogue, greet, type Thread } from '../dialogue/greeter.js';
import { clientLine, threadName } from '../dialogue/words.js';
import { inLanguage, type Language, type Text } from '../theatre/language.js';
import { standardOutput } from '../theatre/screen.js';
import { tableLines } from '../theatre/tables.js';
import { ClientProcess } from './client-process.js';
import { EXIT_FAILED, fromCommandLine } from './problem.js';
import { onStopSignal } from './stop-signal.js';

export interface RunOptions {
  readonly host: string;
  readonly port: number;
  readonly clients: number;
  readonly threads: number;
  readonly json: boolean;
  readonly language: Language;
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
const DRAIN_TIMEOUT_MS = 5_000;

export async function run(options: RunOptions): Promise<number> {
  const { host, port, threads, language } = options;
  const running = new Set<ChildProcessWithoutNullStreams>();
  let server: Server | undefined;
  const release = onStopSignal((name, exitCode) => {
    const sentence = inLanguage(language, {
      en: `${name}: stopped before the end; clients ended: ${running.size}`,
      zh: `${name}：提前停止；已结束 ${running.size} 个客户端`,
    });
    console.error(`\n${sentence}`);
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
  const { threads, language, json } = options;
  const say = (text: Text) => {
    if (!json) console.log(inLanguage(language, text));
  };
  const main = thisThread();
  const address = server.address();
  say({
    en: `server: ${address}, a pool of ${threads} threads, one coroutine per connection`,
    zh: `服务器：${address}，线程池有 ${threads} 个线程，每个连接一个协程`,
  });
  say({
    en: `accepting on the main thread: ${threadName(main, 'en')}\n`,
    zh: `在主线程上 accept：${threadName(main, 'zh')}\n`,
  });

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
    const sentences = faults.map((fault) => inLanguage(language, fault));
    console.log(
      JSON.stringify({ ok: faults.length === 0, faults: sentences, clients: records, ledger }),
    );
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
  { host, clients, language, program }: RunOptions,
  server: Server,
  running: Set<ChildProcessWithoutNullStreams>,
): Promise<Bilingual[]> {
  const port = String(server.address().port);
  const words = ['client', '--host', host, '--port', port, '--lang', language];
  const dialogues = Array.from({ length: clients }, (_, index) => {
    const child = spawn(process.execPath, [program, ...words], {
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

function kernelView({ kernelThreadId }: Thread): { isInKernelList?: boolean } {
  if (process.platform !== 'linux') return {};
  return { isInKernelList: readdirSync('/proc/self/task').includes(String(kernelThreadId)) };
}

function check(
  { clients, threads }: RunOptions,
  records: readonly ClientRecord[],
  ledger: Ledger,
  main: Thread,
): Bilingual[] {
  const faults: Bilingual[] = [];
  const expect = (holds: boolean, fault: Bilingual) => {
    if (!holds) faults.push(fault);
  };
  expect(records.length === clients, {
    en: `${records.length} of ${clients} messages arrived`,
    zh: `${clients} 条消息只到了 ${records.length} 条`,
  });
  records.forEach((one, index) => {
    const message = JSON.stringify(one.message);
    expect(one.message === `ThisIs${index + 1}`, {
      en: `message ${index + 1} is ${message}`,
      zh: `第 ${index + 1} 条消息是 ${message}`,
    });
    const { kernelThreadId } = one.servedOn;
    expect(one.acceptedOn.kernelThreadId === main.kernelThreadId, {
      en: `client ${one.client} was not accepted on the main thread`,
      zh: `客户端 ${one.client} 不是在主线程上被 accept 的`,
    });
    expect(kernelThreadId !== main.kernelThreadId, {
      en: `client ${one.client} was served on the main thread`,
      zh: `客户端 ${one.client} 是在主线程上得到服务的`,
    });
    expect(one.isInKernelList !== false, {
      en: `the kernel lists no thread ${kernelThreadId}`,
      zh: `内核没有列出线程 ${kernelThreadId}`,
    });
  });
  const used = new Set(records.map((one) => one.servedOn.kernelThreadId)).size;
  const expected = Math.min(clients, threads);
  expect(used === expected, {
    en: `${used} pool threads served, ${expected} expected`,
    zh: `线程池有 ${used} 个线程提供了服务，应为 ${expected} 个`,
  });
  const { accepted, served, live } = ledger;
  expect(accepted === clients && served === clients && live === 0, {
    en: `the ledger says ${accepted} accepted, ${served} served, ${live} live`,
    zh: `账目显示：接受 ${accepted} 个，服务完 ${served} 个，仍在 ${live} 个`,
  });
  return faults;
}

function summarise(
  { threads, language }: RunOptions,
  records: readonly ClientRecord[],
  ledger: Ledger,
  faults: readonly Bilingual[],
): void {
  const say = (text: Bilingual) => inLanguage(language, text);
  const rows = [
    [
      say({ en: 'client', zh: '客户端' }),
      say({ en: 'from', zh: '来自' }),
      say({ en: 'message', zh: '消息' }),
      say({ en: 'accepted on', zh: 'accept 它的线程' }),
      say({ en: 'served on', zh: '服务它的线程' }),
    ],
    ...records.map((one) => [
      String(one.client),
      one.peer,
      one.message,
      threadName(one.acceptedOn, language),
      threadName(one.servedOn, language),
    ]),
  ];
  console.log(`\n${tableLines(rows, standardOutput.columns).join('\n')}\n`);
  const used = new Set(records.map((one) => one.servedOn.threadId)).size;
  const { accepted, served } = ledger;
  console.log(
    say({
      en: `${used} of ${threads} pool threads used; ${accepted} accepted, ${served} served`,
      zh: `线程池的 ${threads} 个线程用了 ${used} 个；接受 ${accepted} 个连接，服务完 ${served} 个`,
    }),
  );
  if (faults.length === 0) {
    console.log(say({ en: 'every byte was right', zh: '每个字节都正确' }));
  }
  for (const { en, zh } of faults) console.log(say({ en: `WRONG: ${en}`, zh: `有误：${zh}` }));
}
