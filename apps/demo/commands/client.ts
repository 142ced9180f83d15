/** `client`: connects, prints the greeting, sends one line, waits until the server closes. */
import { createInterface } from 'node:readline';
import { connectTcp } from '@netloom/client';
import type { Connection } from '@netloom/connection';
import { SocketError } from '@netloom/winsock-native';
import { GREETING_BYTES, PROMPT } from '../dialogue/protocol.js';
import { fromCommandLine, Problem } from './problem.js';
import { onStopSignal } from './stop-signal.js';

export interface ClientOptions {
  readonly host: string;
  readonly port: number;
  readonly localPort?: number | undefined;
  /** What to send; absent: asked for on the terminal, or read from the pipe. */
  readonly text?: string | undefined;
}

/** A server that accepts and then says nothing is told apart from a slow one. */
const CONNECT_TIMEOUT_MS = 10_000;
const GREETING_TIMEOUT_MS = 10_000;

export async function client({ host, port, localPort, text }: ClientOptions): Promise<number> {
  let phase = `connecting to ${host}:${port}`;
  onStopSignal((name, exitCode) => {
    console.error(`\n${name}: stopped while ${phase}`);
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
  phase = 'waiting for the greeting';
  // The greeting has a known length; a server that greets otherwise ends it by a pause or by closing.
  const greeting = await greetingOf(conn);
  if (greeting === '') {
    throw new Problem(`${host}:${port} closed the connection before it said anything`);
  }
  console.log(greeting);

  phase = 'waiting for the line to send';
  const line = text ?? (await ask(conn));
  await conn.sendWideText(line);
  conn.shutdown('send');
  phase = 'waiting for the server to close';
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
    throw new Problem(
      `${conn.peer} accepted the connection but said nothing for ${GREETING_TIMEOUT_MS / 1000} s; in this dialogue the ` +
        'server speaks first: is it one started with pnpm demo serve?',
    );
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
    input.once('close', () => reject(new Problem('no line to send: the input ended')));
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
      ? `server ${conn.peer} closed the connection before anything was sent`
      : `server ${conn.peer} sent more than its greeting`,
  );
}

/** Reads to the end: the orderly close is the server's word that it has everything. */
async function drain(conn: Connection): Promise<void> {
  const rest = new Uint8Array(256);
  while ((await conn.recv(rest)) > 0) {
    // Whatever else the server says is not part of the dialogue.
  }
}
