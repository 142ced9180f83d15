/** connect where nobody answers, blocking: what the kernel does meanwhile, and when it gives up. */
import { type TcpRow, tcpExt, within } from '../../theatre/kernel.js';
import type { Actor, Theatre } from '../../theatre/scene.js';
import { tcpRowsOf } from '../../theatre/tcp-rows-of.js';
import type { FullListener } from './full-listener.js';
import { linearTimeouts, secondsUntilTimeout } from './syn-retries.js';

/** TCP_SYNCNT of the client. */
export const SYN_RETRIES = 1;
const LOOK_MS = 10_000;
/** The kernel's timers fire late by up to an eighth, and the machine is busy at times; a doubled interval would be more. */
const LATE = 1.25;
const LATE_MS = 500;

/** @returns how connect ended, and after how long */
export async function blocking(theatre: Theatre, { port }: FullListener): Promise<string> {
  const linear = linearTimeouts();
  const seconds = secondsUntilTimeout(SYN_RETRIES, linear);
  theatre.tell({
    en: `2. A blocking connect to it, its patience shortened by TCP_SYNCNT = ${SYN_RETRIES}. By the kernel’s rule that makes ${seconds} s.`,
    zh: `2. 对它做一次阻塞的 connect，用 TCP_SYNCNT = ${SYN_RETRIES} 缩短等待。按内核的规则，应是 ${seconds} 秒。`,
  });
  const overflows = tcpExt('ListenOverflows');
  const client = theatre.start('blocking', { port });
  await client.printed(/^connecting$/m);
  const seen: TcpRow[] = [];
  for (const retransmits of [0, 1]) seen.push(await synSent(client, port, retransmits));
  theatre.table({ en: 'Meanwhile in /proc/net/tcp', zh: '与此同时，/proc/net/tcp 中' }, [
    [
      { en: 'connection', zh: '连接' },
      { en: 'state', zh: '状态' },
      { en: 'SYN repeated', zh: 'SYN 已重发' },
      { en: 'timer', zh: '定时器' },
      { en: 'fires in', zh: '还有' },
    ],
    ...seen.map(({ local, remote, state, retransmits, timer, timerMs }) => [
      `${local} → ${remote}`,
      state,
      String(retransmits),
      timer,
      `${timerMs} ms`,
    ]),
  ]);
  const dropped = tcpExt('ListenOverflows') - overflows;
  theatre.expect(
    {
      en: 'the client hangs in SYN_SENT, and a retransmit timer of the kernel repeats its SYN; the listener drops each of them',
      zh: '客户端停在 SYN_SENT，由内核的重传定时器重发 SYN；监听那边来一个丢一个',
    },
    seen.every(({ timer }) => timer === 'retransmit') && dropped >= seen.length,
    {
      en: `${rowsText(seen)}; /proc/net/netstat: ListenOverflows +${dropped}`,
      zh: `${rowsText(seen)}；/proc/net/netstat：ListenOverflows +${dropped}`,
    },
  );

  const [, text] = await client.printed(/^connect returned after (\d+) ms$/m);
  await client.ended;
  const ms = Number(text);
  const leastMs = seconds * 1000;
  theatre.expect(
    {
      en: 'connect gives 10060 when the rule says so',
      zh: 'connect 到了规则所说的时间便返回 10060',
    },
    client.err.trim() === 'connect failed: 10060 (WSAETIMEDOUT)' &&
      ms >= leastMs &&
      ms <= leastMs * LATE + LATE_MS,
    {
      en: `${client.err.trim()}, after ${ms} ms; computed: ${leastMs} ms`,
      zh: `${client.err.trim()}，用时 ${ms} 毫秒；计算值：${leastMs} 毫秒`,
    },
  );
  return `${client.err.trim()}, ${ms} ms`;
}

/** Waits until the kernel has repeated the client's SYN so many times. */
async function synSent(client: Actor, port: number, retransmits: number): Promise<TcpRow> {
  const filter = { remotePort: port, state: 'SYN_SENT' } as const;
  const look = () => tcpRowsOf(client.pid, filter).find((row) => row.retransmits === retransmits);
  return within(LOOK_MS, look, {
    en: `SYN repeated ${retransmits} times`,
    zh: `重发 ${retransmits} 次的 SYN`,
  });
}

function rowsText(rows: readonly TcpRow[]): string {
  return rows.map(({ state, retransmits }) => `${state}, ${retransmits}`).join('; ');
}
