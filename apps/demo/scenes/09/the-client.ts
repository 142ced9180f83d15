/** The clients of stage 9: started on a port of their own, and what they leave in the kernel. */
import type { Bilingual } from '@netloom/winsock-native';
import { type TcpRow, tcpRows, within } from '../../theatre/kernel.js';
import type { Actor, Theatre } from '../../theatre/scene.js';
import { FIRST_PORT } from '../shared/own-port.js';
import { secondsLeft } from '../shared/time-wait.js';

export const PROMPT = /Please input what you want to send to server: /;
const LOOK_MS = 5000;
/** So that what they leave in TIME_WAIT is not in the way of the next play, which begins with the tutorial's port. */
const APART = 1000;
/** More than the ways round need; a play at the same time has the next port, and so the next ten. */
const PORTS_EACH = 10;

/** The server that all of them connect to. */
export interface Stand {
  readonly theatre: Theatre;
  readonly server: Actor;
  readonly port: number;
}

/** Which client: its lane, its own port, and the way round that it goes, if any. */
export interface ClientOptions {
  readonly lane: string;
  readonly localPort: number;
  readonly way?: 'reuse' | 'linger' | 'server-first';
}

/** Starts a client that is to connect, and waits until it asks for its line. */
export async function connected(stand: Stand, options: ClientOptions): Promise<Actor> {
  const client = startClient(stand, options);
  await client.printed(PROMPT);
  return client;
}

/** Starts a client that is to be refused, and gives the line by which it says which call failed. */
export async function refused(stand: Stand, options: ClientOptions): Promise<string> {
  const client = startClient(stand, options);
  const [said] = await client.printed(new RegExp(`failed: |${PROMPT.source}`));
  // One that was let in would wait for its line until the scene's time is up.
  if (said !== 'failed: ') client.endInput();
  await client.ended;
  return client.err.trim();
}

/** The client says its line and ends, as ever. */
export async function saysAndEnds({ server }: Stand, client: Actor, line: string): Promise<void> {
  client.type(line);
  await server.printed(new RegExp(`^${line}, on`, 'm'));
  await client.ended;
}

/** The kernel's rows of one connection, whichever side they belong to. */
export function rowsOf({ port }: Stand, localPort: number): TcpRow[] {
  return [
    ...tcpRows({ localPort, remotePort: port }),
    ...tcpRows({ localPort: port, remotePort: localPort }),
  ];
}

/** Waits until nothing of a connection is under way any more: what stays is in TIME_WAIT, or there is nothing. */
export async function leftovers(stand: Stand, localPort: number): Promise<TcpRow[]> {
  return within(
    LOOK_MS,
    () => {
      const rows = rowsOf(stand, localPort);
      return rows.every(({ state }) => state === 'TIME_WAIT') ? rows : undefined;
    },
    { en: 'end of the connection', zh: '连接的结束' },
  );
}

/** Waits for the TIME_WAIT that one side of a connection keeps. */
export async function timeWait(localPort: number, remotePort: number): Promise<TcpRow> {
  return within(LOOK_MS, () => tcpRows({ localPort, remotePort, state: 'TIME_WAIT' })[0], {
    en: `TIME_WAIT at port ${localPort}`,
    zh: `端口 ${localPort} 上的 TIME_WAIT`,
  });
}

/** A port for a way round: one that no row of the kernel's table has as its own. */
export function unusedPort(localPort: number): number {
  let port = FIRST_PORT + APART + PORTS_EACH * (localPort - FIRST_PORT);
  while (tcpRows({ localPort: port }).length > 0) port += 1;
  return port;
}

/** `127.0.0.1:10000 → 127.0.0.1:9008 TIME_WAIT`. */
export function rowText({ local, remote, state }: TcpRow): string {
  return `${local} → ${remote} ${state}`;
}

/** The same with the time that is left. */
export function timeWaitText(row: TcpRow): Bilingual {
  const left = secondsLeft(row);
  return { en: `${rowText(row)}, ${left} s left`, zh: `${rowText(row)}，还剩 ${left} 秒` };
}

export function startClient(
  { theatre, port }: Stand,
  { lane, localPort, way }: ClientOptions,
): Actor {
  if (way === undefined) return theatre.start('client', { lane, port, localPort });
  return theatre.start('way-round', { lane, port, localPort, args: [way] });
}
