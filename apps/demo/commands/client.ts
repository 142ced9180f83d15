/** `client`: connects, prints the greeting, sends one line, waits until the server closes. */
import { createInterface } from 'node:readline';
import { connectTcp } from '@netloom/client';
import type { Connection } from '@netloom/connection';
import { type Bilingual, SocketError } from '@netloom/winsock-native';
import { GREETING_BYTES, PROMPT } from '../dialogue/protocol.js';
import { inLanguage, type Language } from '../theatre/language.js';
import { fromCommandLine, Problem } from './problem.js';
import { onStopSignal } from './stop-signal.js';

export interface ClientOptions {
  readonly host: string;
  readonly port: number;
  readonly localPort?: number | undefined;
  /** What to send; absent: asked for on the terminal, or read from the pipe. */
  readonly text?: string | undefined;
  readonly language: Language;
}

/** A server that accepts and then says nothing is told apart from a slow one. */
const CONNECT_TIMEOUT_MS = 10_000;
const GREETING_TIMEOUT_MS = 10_000;

const NO_LINE: Bilingual = {
  en: 'no line to send: the input ended',
  zh: '没有可发送的内容：输入已经结束',
};

export async function client(options: ClientOptions): Promise<number> {
  const { host, port, localPort, text, language } = options;
  let phase: Bilingual = { en: `connecting to ${host}:${port}`, zh: `连接 ${host}:${port}` };
  onStopSignal((name, exitCode) => {
    const { en, zh } = phase;
    console.error(
      inLanguage(language, {
        en: `\n${name}: stopped while ${en}`,
        zh: `\n${name}：已停止，当时正在${zh}`,
      }),
    );
    process.exit(exitCode);
  });
  using conn = await fromCommandLine(
    connectTcp({
      host,
      port,
      ...(localPort === undefined ? {} : { localPort }),
      timeoutMs: CONNECT_TIMEOUT_MS,
    }),
  );
  phase = { en: 'waiting for the greeting', zh: '等待欢迎语' };
  // The greeting has a known length; a server that greets otherwise ends it by a pause or by closing.
  const greeting = await greetingOf(conn);
  if (greeting === '') {
    throw new Problem({
      en: `${host}:${port} closed the connection before it said anything`,
      zh: `${host}:${port} 什么也没说就关闭了连接`,
    });
  }
  console.log(greeting);

  phase = { en: 'waiting for the line to send', zh: '等待要发送的那一行' };
  const line = text ?? (await ask(conn));
  await conn.sendWideText(line);
  conn.shutdown('send');
  phase = { en: 'waiting for the server to close', zh: '等待服务器关闭' };
  await drain(conn);
  return 0;
}

async function greetingOf(conn: Connection): Promise<string> {
  try {
    return await conn.recvWideText({
      limitBytes: GREETING_BYTES,
      timeoutMs: GREETING_TIMEOUT_MS,
    });
  } catch (error) {
    if (!(error instanceof SocketError && error.code === 'ETIMEDOUT')) throw error;
    const seconds = GREETING_TIMEOUT_MS / 1000;
    throw new Problem({
      en:
        `${conn.peer} accepted the connection but said nothing for ${seconds} s; in this dialogue the ` +
        'server speaks first: is it one started with pnpm demo serve?',
      zh: `${conn.peer} 接受了连接，却有 ${seconds} 秒什么也没说；在这个对话里由服务器先开口：它是用 pnpm demo serve 启动的吗？`,
    });
  }
}

/** Asks for a line while it watches the connection: a server that goes away meanwhile ends the question. */
async function ask(conn: Connection): Promise<string> {
  const stop = new AbortController();
  const input = createInterface({
    input: process.stdin,
    output: process.stdout,
    terminal: process.stdin.isTTY,
  });
  // readline swallows Ctrl-C on a terminal; hand it on, so that it means what it means everywhere.
  input.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  // Not question(): that one drops a last line without a newline, which a pipe may well end with.
  input.setPrompt(PROMPT);
  input.prompt();
  const answer = new Promise<string>((resolve, reject) => {
    input.once('line', resolve);
    input.once('close', () => reject(new Problem(NO_LINE)));
  });
  const gone = serverGone(conn, stop.signal);
  try {
    return await Promise.race([answer, gone]);
  } finally {
    stop.abort();
    input.close();
    await Promise.allSettled([answer, gone]);
  }
}

/** Rejects when the server closes or resets while nothing is expected from it. */
async function serverGone(conn: Connection, signal: AbortSignal): Promise<never> {
  const count = await conn.recv(new Uint8Array(1), { signal });
  throw new Problem(
    count === 0
      ? {
          en: `server ${conn.peer} closed the connection before anything was sent`,
          zh: `还没发送任何内容，服务器 ${conn.peer} 就关闭了连接`,
        }
      : {
          en: `server ${conn.peer} sent more than its greeting`,
          zh: `服务器 ${conn.peer} 发来的不止欢迎语`,
        },
  );
}

/** Reads to the end: the orderly close is the server's word that it has everything. */
async function drain(conn: Connection): Promise<void> {
  const rest = new Uint8Array(256);
  while ((await conn.recv(rest)) > 0) {
    // Whatever else the server says is not part of the dialogue.
  }
}
