/** `serve`: the server alone, until Ctrl-C; for clients in other terminals, ours or anybody's. */
import { createServer } from '@netloom/server';
import { type Dialogue, greet } from '../dialogue/greeter.js';
import { clientLine, threadName } from '../dialogue/words.js';
import { fromCommandLine } from './problem.js';
import { onStopSignal, type StopSignal } from './stop-signal.js';

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly threads: number;
}

/** How long connections may go on after Ctrl-C before they are cut. */
const DRAIN_TIMEOUT_MS = 2000;

export async function serve({ host, port, threads }: ServeOptions): Promise<number> {
  const stopping = stopSignal();
  const server = await fromCommandLine(createServer({ host, port, threads, handler: greet }));
  server.on('accepted', (connection) => console.log(clientLine(connection)));
  server.on('served', (_connection, result) => {
    // SAFETY: the handler is greet, whose result this is.
    const { message, servedOn } = result as Dialogue;
    console.log(`${message}    (${threadName(servedOn)})`);
  });
  server.on('connection-error', (error, { peer }) => {
    console.error(`${peer}: ${error instanceof Error ? error.message : String(error)}`);
  });
  console.log(`listening on ${server.address()}, ${threads} threads; stop with Ctrl-C`);

  const signal = await stopping;
  console.log(
    `${signal}: no new clients; waiting at most ${DRAIN_TIMEOUT_MS / 1000} s for the live ones`,
  );
  const ledger = await server.drain({ timeoutMs: DRAIN_TIMEOUT_MS });
  console.log(`${ledger.accepted} accepted, ${ledger.served} served, ${ledger.aborted} aborted`);
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
