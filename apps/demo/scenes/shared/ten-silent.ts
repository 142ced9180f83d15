/** Ten clients that say nothing against a pool of ten threads, and the eleventh: stages 11 and 12, each in two forms. */
import { setTimeout } from 'node:timers/promises';
import { type TcpRow, within } from '../../theatre/kernel.js';
import type { Actor, Theatre } from '../../theatre/scene.js';
import { tcpRowsOf } from '../../theatre/tcp-rows-of.js';
import { differentThreads, messagesOf, printedTimes, type Served, servedBy } from './served.js';
import { serverPort } from './server-port.js';
import { isBlocked, isInEventLoop, type ThreadWait, threadWaits } from './thread-waits.js';

const THREADS = 10;
const ACCEPT_MS = 15_000;
/** What does not happen has no event to wait for: it is watched for this long. */
const WATCH_MS = 1000;
const LOOK_EVERY_MS = 20;
const GREETING = /Welcome to server!/;
const PROMPT = /Please input/;

const TEN_SILENT = { en: 'ten silent ones', zh: '十个不说话的' } as const;
const ELEVENTH = { en: 'the eleventh', zh: '第十一个' } as const;

/** The server as the tutorial wrote it: the eleventh waits until one of the ten leaves. */
export async function tenStarveTheEleventh(theatre: Theatre, role: string): Promise<void> {
  const { server, port, silent, ten } = await tenSilent(theatre, role);
  const ids = ten.map(({ kernelId }) => kernelId);
  const before = await threadWaits(server.pid, ids, isBlocked);
  tellWaits(theatre, before);
  theatre.expect(
    {
      en: 'each of the ten threads sleeps in the kernel, in a blocking call, for one silent client',
      zh: '十个线程个个睡在内核里的阻塞调用中，每个守着一个不说话的客户端',
    },
    differentThreads(ten) === THREADS && before.every(isBlocked),
    `/proc/${server.pid}/task/*/syscall: ${summary(before)}`,
  );

  theatre.tell({ en: 'Now the eleventh.', zh: '现在来第十一个。' });
  const eleventh = theatre.start('client', { lane: theatre.text(ELEVENTH), port });
  const accepted = await within(
    ACCEPT_MS,
    () => connectionsOf(server, port).find(({ remote }) => isNobodyOf(ten, remote.port)),
    { en: 'eleventh connection in the server', zh: '服务器里出现第十一个连接' },
  );
  let own: TcpRow | undefined;
  const waits = await holdsFor(WATCH_MS, () => {
    [own] = tcpRowsOf(eleventh.pid, { remotePort: port });
    const isUnserved = eleventh.out === '' && servedBy(server).length === THREADS;
    return isUnserved && own?.receiveQueue === 0;
  });
  const meanwhile = await threadWaits(server.pid, ids, isBlocked);
  theatre.expect(
    {
      en: 'the eleventh is connected and accepted, and for a second gets no greeting: no thread is free',
      zh: '第十一个客户端已连上，也已被 accept，整整一秒收不到欢迎词：没有空闲的线程',
    },
    waits && meanwhile.every(isBlocked),
    {
      en: `/proc/net/tcp: ${own?.local} → ${own?.remote} ${own?.state}, ${own?.receiveQueue} bytes to read; threads: ${summary(meanwhile)}`,
      zh: `/proc/net/tcp：${own?.local} → ${own?.remote} ${own?.state}，可读 ${own?.receiveQueue} 字节；线程：${summary(meanwhile)}`,
    },
  );

  theatre.tell({
    en: 'One of the ten leaves, still without a word.',
    zh: '十个之中有一个离开了，依然一言不发。',
  });
  silent.type('leave 1');
  await eleventh.printed(GREETING);
  await printedTimes(server, 'client address', THREADS + 1);
  const last = servedBy(server).at(-1);
  const [freed] = messagesOf(server);
  theatre.expect(
    {
      en: 'only then is the eleventh served, on the thread that became free',
      zh: '这时第十一个客户端才得到服务，用的正是刚空出来的线程',
    },
    last?.port === accepted.remote.port && freed !== undefined && isOrder(server, freed, last),
    {
      en: `thread ${freed?.kernelId ?? '-'} was left by its client; then port ${last?.port} on thread ${last?.kernelId}`,
      zh: `线程 ${freed?.kernelId ?? '-'} 的客户端先离开；随后端口 ${last?.port} 由线程 ${last?.kernelId} 服务`,
    },
  );
  await finish(theatre, server, silent, eleventh);
}

/** The form that waits on the event loop: the eleventh is served at once, on a thread that it shares. */
export async function tenStarveNobody(theatre: Theatre, role: string): Promise<void> {
  const { server, port, silent, ten } = await tenSilent(theatre, role);
  const ids = ten.map(({ kernelId }) => kernelId);
  const waits = await threadWaits(server.pid, ids, isInEventLoop);
  tellWaits(theatre, waits);
  theatre.expect(
    {
      en: 'the ten clients are on ten threads, and none of these is blocked: each sleeps in its event loop',
      zh: '十个客户端分在十个线程上，没有一个被阻塞：都睡在各自的事件循环里',
    },
    differentThreads(ten) === THREADS && waits.every(isInEventLoop),
    `/proc/${server.pid}/task/*/syscall: ${summary(waits)}`,
  );

  theatre.tell({ en: 'Now the eleventh.', zh: '现在来第十一个。' });
  const eleventh = theatre.start('client', { lane: theatre.text(ELEVENTH), port });
  await eleventh.printed(GREETING);
  await printedTimes(server, 'client address', THREADS + 1);
  const last = servedBy(server).at(-1);
  const live = connectionsOf(server, port);
  theatre.expect(
    {
      en: 'the eleventh is greeted at once, by one of the same ten threads, while all ten silent clients are still there',
      zh: '第十一个客户端马上收到欢迎词，由同样这十个线程之一发出，而十个不说话的客户端都还在',
    },
    last !== undefined &&
      isNobodyOf(ten, last.port) &&
      ids.includes(last.kernelId) &&
      ten.every(({ port: one }) => live.some(({ remote }) => remote.port === one)) &&
      messagesOf(server).length === 0,
    {
      en: `port ${last?.port} on thread ${last?.kernelId}; /proc/net/tcp: ${live.length} ESTABLISHED`,
      zh: `端口 ${last?.port} 由线程 ${last?.kernelId} 服务；/proc/net/tcp：${live.length} 个 ESTABLISHED`,
    },
  );
  await finish(theatre, server, silent, eleventh);
}

interface Beginning {
  readonly server: Actor;
  readonly port: number;
  readonly silent: Actor;
  readonly ten: readonly Served[];
}

async function tenSilent(theatre: Theatre, role: string): Promise<Beginning> {
  const server = theatre.start(role, { lane: role, clients: THREADS + 1 });
  const port = await serverPort(server);
  const silent = theatre.start('silent', {
    lane: theatre.text(TEN_SILENT),
    port,
    clients: THREADS,
  });
  await printedTimes(silent, String.raw`client \d+, port \d+: Welcome to server!`, THREADS);
  await printedTimes(server, 'client address', THREADS);
  return { server, port, silent, ten: servedBy(server) };
}

async function finish(
  theatre: Theatre,
  server: Actor,
  silent: Actor,
  eleventh: Actor,
): Promise<void> {
  await eleventh.printed(PROMPT);
  eleventh.type('eleventh');
  await server.printed(/^eleventh, on/m);
  theatre.tell({
    en: 'The silent ones leave: recv gives 0, and their messages are empty.',
    zh: '不说话的客户端相继离开：recv 返回 0，它们的消息都是空的。',
  });
  silent.endInput();
  const ends = await Promise.all([server, silent, eleventh].map((actor) => actor.ended));
  theatre.expect(
    {
      en: 'the server ends by itself after eleven clients, when the last task has ended, with 0',
      zh: '服务完十一个客户端、最后一个任务结束之后，服务器自行退出，退出码为 0',
    },
    ends.every(({ code }) => code === 0) && messagesOf(server).length === THREADS + 1,
    { en: `exit codes ${codes(ends)}`, zh: `退出码 ${codes(ends)}` },
  );
}

/** The connections that the server has accepted: their sockets are among its descriptors. */
function connectionsOf(server: Actor, port: number) {
  return tcpRowsOf(server.pid, { localPort: port, state: 'ESTABLISHED' });
}

function isNobodyOf(ten: readonly Served[], port: number): boolean {
  return ten.every((one) => one.port !== port);
}

/** Whether it holds at every look, all the time. */
async function holdsFor(ms: number, holds: () => boolean): Promise<boolean> {
  const end = performance.now() + ms;
  while (holds()) {
    if (performance.now() > end) return true;
    // As in within(): a scene that was stopped holds nothing up.
    await setTimeout(LOOK_EVERY_MS, undefined, { ref: false });
  }
  return false;
}

/** Whether the eleventh was begun on the thread that had been freed, after it was: as the lines stand in the output. */
function isOrder(server: Actor, freed: { name: string; kernelId: number }, last: Served): boolean {
  const end = server.out.search(
    new RegExp(`^, on thread \\d+ \\(kernel id ${freed.kernelId}\\)$`, 'm'),
  );
  const begin = server.out.indexOf(`port: ${last.port}, on`);
  return freed.kernelId === last.kernelId && end >= 0 && end < begin;
}

function tellWaits(theatre: Theatre, waits: readonly ThreadWait[]): void {
  theatre.table({ en: 'The ten threads in the kernel', zh: '内核里的十个线程' }, [
    [
      { en: 'kernel id', zh: '内核线程号' },
      { en: 'system call', zh: '系统调用' },
      { en: 'asleep in', zh: '睡眠于' },
    ],
    ...waits.map(({ kernelId, call, wchan }) => [String(kernelId), call, wchan]),
  ]);
}

/** `10 × poll`, `9 × poll, 1 × futex`. */
function summary(waits: readonly ThreadWait[]): string {
  const counts = new Map<string, number>();
  for (const { call } of waits) counts.set(call, (counts.get(call) ?? 0) + 1);
  return [...counts].map(([call, count]) => `${count} × ${call}`).join(', ');
}

function codes(ends: readonly { readonly code: number | null }[]): string {
  return ends.map(({ code }) => code ?? '-').join(', ');
}
