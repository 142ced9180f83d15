/** Where each of several clients of one server waits: being served, in the accept queue, or still before it. */
import type { Bilingual } from '@netloom/winsock-native';
import { type TcpRow, tcpRows } from '../../theatre/kernel.js';
import type { Actor, Text, Theatre } from '../../theatre/scene.js';
import { socketInodes } from '../../theatre/tcp-rows-of.js';
import { type CallTraces, inShort } from './call-traces.js';

const GREETING = 'Welcome to server!';

/** Where one client waits, by the kernel's two rows of its connection and by what it has printed. */
export interface Place {
  readonly own: TcpRow | undefined;
  /** The server's end; none while the handshake is refused. */
  readonly other: TcpRow | undefined;
  readonly isGreeted: boolean;
  /** The client's own, in short: `connect = 0, recv …`. */
  readonly calls: string;
  readonly kind: 'served' | 'queued' | 'refused' | 'unknown';
}

/** Looks up each client's calls, and both ends of its connection to `port`, all in one look at the kernel's table. */
export function placesOf(clients: readonly Actor[], port: number, traces: CallTraces): Place[] {
  const rows = tcpRows({ port });
  return clients.map((client) => ({
    ...placeOf(client, port, rows),
    calls: inShort(traces.of(client.pid)),
  }));
}

function placeOf({ pid, out }: Actor, port: number, rows: readonly TcpRow[]): Omit<Place, 'calls'> {
  const inodes = socketInodes(pid);
  const own = rows.find(({ remote, inode }) => remote.port === port && inodes.has(inode));
  const other = rows.find(
    ({ local, remote }) => local.port === port && remote.port === own?.local.port,
  );
  const isGreeted = out.includes(GREETING);
  const isConnected = own?.state === 'ESTABLISHED' && other?.state === 'ESTABLISHED';
  let kind: Place['kind'] = 'unknown';
  if (isConnected && other.inode !== 0 && isGreeted) kind = 'served';
  else if (isConnected && other.inode === 0 && !isGreeted) kind = 'queued';
  else if (own?.state === 'SYN_SENT' && other === undefined) kind = 'refused';
  return { own, other, isGreeted, kind };
}

/** Heading of a client's lane. */
export function clientName(number: number): Bilingual {
  return { en: `client ${number}`, zh: `客户端 ${number}` };
}

/** What a place means for the client. */
export const WHERE: Readonly<Record<Place['kind'], Bilingual>> = {
  served: {
    en: 'accepted and greeted',
    zh: '已被 accept 并得到问候',
  },
  queued: {
    en: 'connected, in the accept queue',
    zh: '已连上，在 accept 队列里',
  },
  refused: { en: 'not connected: its SYN is dropped', zh: '没有连上：SYN 被丢弃' },
  unknown: { en: 'somewhere else', zh: '别处' },
};

/** A row for each client, in the order in which they came. */
export function showPlaces(theatre: Theatre, places: readonly Place[]): void {
  theatre.table(
    {
      en: 'Which client waits where (its own record of its calls; /proc/net/tcp)',
      zh: '各个客户端等在哪里（客户端自己的调用记录；/proc/net/tcp）',
    },
    [
      [
        { en: 'client', zh: '客户端' },
        { en: 'its calls', zh: '它的调用' },
        { en: 'its end', zh: '客户端这头' },
        { en: 'the server’s end', zh: '服务器那头' },
        { en: 'so it is', zh: '说明' },
      ],
      ...places.map(({ own, other, kind, calls }, index) => [
        String(index + 1),
        calls,
        ownEnd(own),
        other === undefined ? { en: 'none', zh: '没有' } : `${other.state}, inode ${other.inode}`,
        WHERE[kind],
      ]),
    ],
  );
}

/** The client's own end, in words; with its retries while it connects. */
export function ownEnd(own: TcpRow | undefined): Text {
  if (own === undefined) return { en: 'none', zh: '没有' };
  if (own.state !== 'SYN_SENT') return own.state;
  return {
    en: `SYN_SENT, ${own.retransmits} retried, next in ${own.timerMs} ms`,
    zh: `SYN_SENT，已重发 ${own.retransmits} 次，${own.timerMs} 毫秒后再发`,
  };
}
