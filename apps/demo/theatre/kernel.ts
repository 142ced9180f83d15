/**
 * What the Linux kernel says about TCP: /proc/net/tcp, tcp6, netstat, /proc/sys, and ss where it is installed.
 *
 * Reads only; nothing here asks a program of ours.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { SockaddrIn, SockaddrIn6 } from '@netloom/sockaddr';
import { Problem } from '../commands/problem.js';
import { inLanguage, type Text } from './language.js';

/** In the order of the kernel's numbers, from 1. */
const STATES = [
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
  'NEW_SYN_RECV',
] as const;
export type TcpState = (typeof STATES)[number];

/** In the order of the kernel's numbers, from 0. */
const TIMERS = ['none', 'retransmit', 'keepalive', 'time-wait', 'probe'] as const;
export type TcpTimer = (typeof TIMERS)[number];

/** The kernel counts timers in hundredths of a second here, whatever its own tick is (USER_HZ). */
const TICK_MS = 10;
/** Between two looks. Reading /proc is cheap, and the kernel announces nothing. */
const LOOK_EVERY_MS = 20;

/** A row of /proc/net/tcp or tcp6. */
export interface TcpRow {
  readonly local: SockaddrIn | SockaddrIn6;
  readonly remote: SockaddrIn | SockaddrIn6;
  readonly state: TcpState;
  /** Bytes sent and not acknowledged. For a listener: its backlog, as the kernel holds it (ss shows it, /proc gives 0). */
  readonly sendQueue: number;
  /** Bytes not yet read. For a listener: finished connections that wait for `accept`. */
  readonly receiveQueue: number;
  readonly timer: TcpTimer;
  /** Until the timer fires; TIME_WAIT's is what is left of it. */
  readonly timerMs: number;
  readonly retransmits: number;
  readonly inode: number;
}

export interface TcpFilter {
  readonly localPort?: number;
  readonly remotePort?: number;
  /** At either end. */
  readonly port?: number;
  readonly state?: TcpState;
}

/** Whether this system has the tables that this file reads. */
export const hasKernelTables = process.platform === 'linux';

/** The TCP sockets of this network namespace, IPv4 first. */
export function tcpRows(filter: TcpFilter = {}): TcpRow[] {
  const { localPort, remotePort, port } = filter;
  // The table may have a hundred thousand rows, TIME_WAIT most of them: only those that name the ports are taken apart.
  const marks = [localPort, remotePort, port].flatMap((one) =>
    one === undefined ? [] : [`:${one.toString(16).toUpperCase().padStart(4, '0')} `],
  );
  return [...rowsOf('/proc/net/tcp', marks), ...rowsOf('/proc/net/tcp6', marks)].filter(
    ({ local, remote, state }) =>
      (localPort === undefined || local.port === localPort) &&
      (remotePort === undefined || remote.port === remotePort) &&
      (port === undefined || local.port === port || remote.port === port) &&
      (filter.state === undefined || state === filter.state),
  );
}

/** A counter of the section TcpExt of /proc/net/netstat, such as `ListenOverflows`. */
export function tcpExt(name: string): number {
  const lines = read('/proc/net/netstat').split('\n');
  const [names = '', values = ''] = lines.filter((line) => line.startsWith('TcpExt:'));
  const value = values.split(' ')[names.split(' ').indexOf(name)];
  if (value === undefined)
    throw new Problem({
      en: `/proc/net/netstat has no counter TcpExt ${name}`,
      zh: `/proc/net/netstat 里没有计数器 TcpExt ${name}`,
    });
  return Number(value);
}

/** A number of /proc/sys by its sysctl name; `undefined` where this kernel or container has none. */
export function setting(name: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8');
  } catch (error) {
    // SAFETY: readFileSync throws nothing but errors of the system.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return Number(text.trim());
}

/** The lines that ss prints; `undefined` where it is not installed. */
export function ss(...args: string[]): string[] | undefined {
  try {
    return execFileSync('ss', args, { encoding: 'utf8', timeout: 5000, stdio: 'pipe' })
      .split('\n')
      .filter((line) => line !== '');
  } catch (error) {
    // SAFETY: execFileSync throws nothing but errors of the system and of the program.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Looks again and again until there is an answer.
 *
 * @param what - names the thing in the `Problem` at the deadline: `no ${what} within 5 s`
 */
export async function within<T>(ms: number, look: () => T | undefined, what: Text): Promise<T> {
  const deadline = performance.now() + ms;
  for (;;) {
    const seen = look();
    if (seen !== undefined) return seen;
    if (performance.now() > deadline) {
      throw new Problem({
        en: `no ${inLanguage('en', what)} within ${ms / 1000} s`,
        zh: `${ms / 1000} 秒内没有等到：${inLanguage('zh', what)}`,
      });
    }
    // A scene that was stopped half-way looks on until its deadline; that must not hold up the end of the process.
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS).unref());
  }
}

/** The kernel's ids of a process's threads. */
export function threadsOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).map(Number);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Problem({
      en: `this looks into the Linux kernel, and here is no ${path} (${String(cause)})`,
      zh: `这一步要查看 Linux 内核，而这里没有 ${path}（${String(cause)}）`,
    });
  }
}

/** The rows whose lines have all the marks. */
function rowsOf(path: string, marks: readonly string[]): TcpRow[] {
  return read(path)
    .split('\n')
    .slice(1)
    .filter((line) => line !== '' && marks.every((mark) => line.includes(mark)))
    .map(rowOf);
}

/** `0: 0100007F:2330 00000000:0000 0A 00000000:00000001 00:00000000 00000000 0 0 4711 …`, all but inode in hex. */
function rowOf(line: string): TcpRow {
  const [
    ,
    local = '',
    remote = '',
    state = '',
    queues = '',
    timer = '',
    retransmits = '',
    ,
    ,
    inode,
  ] = line.trim().split(/\s+/);
  const [sendQueue = '', receiveQueue = ''] = queues.split(':');
  const [timerKind = '', timerTicks = ''] = timer.split(':');
  return {
    local: endpointOf(local),
    remote: endpointOf(remote),
    state: STATES[hex(state) - 1] ?? unknown('state', state),
    sendQueue: hex(sendQueue),
    receiveQueue: hex(receiveQueue),
    timer: TIMERS[hex(timerKind)] ?? unknown('timer', timerKind),
    timerMs: hex(timerTicks) * TICK_MS,
    retransmits: hex(retransmits),
    inode: Number(inode),
  };
}

function unknown(what: string, value: string): never {
  throw new Problem({
    en: `/proc/net/tcp has a ${what} that this program does not know: ${value}`,
    zh: `/proc/net/tcp 里有本程序不认识的 ${what}：${value}`,
  });
}

function hex(text: string): number {
  return Number.parseInt(text, 16);
}

/** The kernel prints the address as 32-bit words of this host's byte order, the port as a number. */
function endpointOf(text: string): SockaddrIn | SockaddrIn6 {
  const [address = '', port = ''] = text.split(':');
  const words = Uint32Array.from(address.match(/.{8}/g) ?? [], hex);
  const bytes = new Uint8Array(words.buffer);
  if (bytes.length === 4) {
    const v4 = SockaddrIn.from({ address: '0.0.0.0', port: hex(port) });
    v4.sin_addr.bytes.set(bytes);
    return v4;
  }
  const v6 = SockaddrIn6.from({ address: '::', port: hex(port) });
  v6.sin6_addr.bytes.set(bytes);
  return v6;
}
