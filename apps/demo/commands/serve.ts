/** `serve`: the server alone, until Ctrl-C; for clients in other terminals, ours or anybody's. */
import { createServer } from '@netloom/server';
import { type Dialogue, greet } from '../dialogue/greeter.js';
import { clientLine, threadName } from '../dialogue/words.js';
import { inLanguage, type Language, type Text } from '../theatre/language.js';
import { fromCommandLine } from './problem.js';
import { onStopSignal, type StopSignal } from './stop-signal.js';

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly threads: number;
  readonly language: Language;
}

/** How long connections may go on after Ctrl-C before they are cut. */
const DRAIN_TIMEOUT_MS = 2000;

export async function serve({ host, port, threads, language }: ServeOptions): Promise<number> {
  const tell = (text: Text) => console.log(inLanguage(language, text));
  const stopping = stopSignal();
  const server = await fromCommandLine(createServer({ host, port, threads, handler: greet }));
  server.on('accepted', (connection) => console.log(clientLine(connection)));
  server.on('served', (_connection, result) => {
    // SAFETY: the handler is greet, whose result this is.
    const { message, servedOn } = result as Dialogue;
    console.log(`${message}    (${threadName(servedOn, language)})`);
  });
  server.on('connection-error', (error, { peer }) => {
    console.error(`${peer}: ${error instanceof Error ? error.message : String(error)}`);
  });
  const address = server.address();
  tell({
    en: `listening on ${address}, ${threads} threads; stop with Ctrl-C`,
    zh: `正在监听 ${address}，${threads} 个线程；按 Ctrl-C 停止`,
  });

  const signal = await stopping;
  const seconds = DRAIN_TIMEOUT_MS / 1000;
  tell({
    en: `${signal}: no new clients; waiting at most ${seconds} s for the live ones`,
    zh: `${signal}：不再接受新的客户端；最多等 ${seconds} 秒，让现有的客户端结束`,
  });
  const { accepted, served, aborted } = await server.drain({ timeoutMs: DRAIN_TIMEOUT_MS });
  tell({
    en: `${accepted} accepted, ${served} served, ${aborted} aborted`,
    zh: `接受 ${accepted} 个，服务完 ${served} 个，中断 ${aborted} 个`,
  });
  return 0;
}

/** The first signal asks for an end in order; a second one ends at once. */
function stopSignal(): Promise<StopSignal> {
  return new Promise((resolve) => {
    let isStopping = false;
    onStopSignal((name, exitCode) => {
      if (isStopping) process.exit(exitCode);
      isStopping = true;
      resolve(name);
    });
  });
}
