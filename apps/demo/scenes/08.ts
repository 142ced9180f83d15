/** Stage 8 as it is shown: three clients served at once, the threads in the kernel, and a server that waits for them. */
import { TITLES } from '../stages/titles.js';
import { threadsOf, within } from '../theatre/kernel.js';
import type { Actor, Scene, Theatre } from '../theatre/scene.js';
import { CallTraces } from './shared/call-traces.js';
import { listenersOf } from './shared/listeners.js';
import { messagesOf, printedTimes, servedBy } from './shared/served.js';
import { serverPort } from './shared/server-port.js';
import { isBlocked, type ThreadWait, threadWaits } from './shared/thread-waits.js';
import {
  type ServedClient,
  threeClientsAnswer,
  threeClientsGreeted,
} from './shared/three-clients.js';

const CLIENTS = 4;
const LOOK_MS = 10_000;
const FOURTH = { en: 'client 4', zh: '客户端 4' } as const;
const PROMPT = /Please input what you want to send to server: /;

export const scene: Scene = {
  title: TITLES[8],
  conclusion: {
    en:
      'While the main thread waited in accept, each client had a thread that waited in recv for it alone, so whoever answered first ' +
      'was served first. Both captured values are copies: the next accept overwrote the address, and no thread noticed. ' +
      'The tutorial detaches its threads: without that the jthread’s destructor would join at the end of each round, and with it ' +
      'nobody can wait for them any more. Ours keeps them, and closes only when the last has ended.',
    zh:
      '主线程停在 accept 时，每个客户端都有一个线程专门停在 recv 等它，所以谁先回答，谁就先得到服务。' +
      '捕获的两个值都是副本：下一次 accept 改写了地址，各个线程却不受影响。' +
      '教程对线程调用了 detach：不调用，jthread 的析构函数会在每轮循环末尾 join，accept 循环就停住了；调用之后，谁也没法再等它们结束。' +
      '这里把线程都留着，等最后一个结束才退出。',
  },
  async play(theatre) {
    using traces = new CallTraces();
    const server = theatre.start('server', { clients: CLIENTS, env: traces.env });
    const port = await serverPort(server);
    const three = await threeClientsGreeted(theatre, server, port);
    expectCopies(theatre, server, three);
    await expectAllBlocked(theatre, server, three, traces);

    theatre.tell({
      en: 'A fourth client connects: the last that this server takes. It stops listening while all four are in their dialogue.',
      zh: '第四个客户端连进来，这是本服务器接待的最后一个。服务器不再监听，而四个客户端的对话都还没完。',
    });
    const fourth = theatre.start('client', { lane: theatre.text(FOURTH), port });
    await fourth.printed(PROMPT);
    await expectWaiting(theatre, server, port);

    theatre.tell({
      en: 'They answer in the reverse order, the fourth first.',
      zh: '四个客户端按相反的顺序回答，第四个最先。',
    });
    fourth.type('ThisIs4');
    await server.printed(/^ThisIs4, on/m);
    await threeClientsAnswer(theatre, server, three.toReversed());
    const [end] = await Promise.all([server.ended, fourth.ended]);
    theatre.expect(
      {
        en: 'only then has the server ended, after its last thread, with 0',
        zh: '此后服务器才退出：最后一个线程已经结束，退出码为 0',
      },
      end.code === 0 && messagesOf(server).length === CLIENTS,
      { en: `exit code ${end.code}`, zh: `退出码 ${end.code}` },
    );
  },
};

/** One SockaddrIn, written by every accept; each thread shows the address that it was started with. */
function expectCopies(theatre: Theatre, server: Actor, three: readonly ServedClient[]): void {
  const ports = servedBy(server).map(({ port }) => port);
  theatre.expect(
    {
      en: 'each thread shows the port of its own client, although all of them were accepted into one structure',
      zh: '三次 accept 写的是同一个结构，每个线程打印的却是自己那个客户端的端口',
    },
    new Set(ports).size === three.length && three.every(({ served }) => served !== undefined),
    ports.join(', '),
  );
}

/** The main thread in accept, the others in recv: the kernel has put all of them to sleep in a blocking call. */
async function expectAllBlocked(
  theatre: Theatre,
  server: Actor,
  three: readonly ServedClient[],
  traces: CallTraces,
): Promise<void> {
  const ids = [server.pid, ...three.map(({ served }) => served?.kernelId ?? -1)];
  const waits = await threadWaits(server.pid, ids, isBlocked);
  const calls = ids.map((id) => traces.unfinished(server.pid, id));
  theatre.table(
    {
      en: `Where the server’s threads sleep (its own record of its calls; /proc/${server.pid}/task/*/syscall)`,
      zh: `服务器的线程睡在哪里（服务器自己的调用记录；/proc/${server.pid}/task/*/syscall）`,
    },
    [
      [
        { en: 'thread', zh: '线程' },
        { en: 'waits in', zh: '停在' },
        { en: 'system call', zh: '系统调用' },
      ],
      ...waits.map((wait, index) => [String(wait.kernelId), calls[index] ?? '-', callOf(wait)]),
    ],
  );
  theatre.expect(
    {
      en: 'all three are in their dialogue at the same time, while the main thread blocks in accept',
      zh: '三个客户端的对话同时进行着，主线程则阻塞在 accept',
    },
    waits.length === ids.length &&
      waits.every(isBlocked) &&
      calls.join() === 'accept,recv,recv,recv',
    waits.map(({ kernelId, call }, index) => `${kernelId}: ${calls[index]}, ${call}`).join('; '),
  );
}

function callOf({ call, wchan }: ThreadWait): string {
  return wchan === '0' || wchan === '-' ? call : `${call} (${wchan})`;
}

/** The accept loop is over, nobody listens, and yet every thread is still there. */
async function expectWaiting(theatre: Theatre, server: Actor, port: number): Promise<void> {
  await within(LOOK_MS, () => listenersOf(server, port).length === 0 || undefined, {
    en: 'closing of the listening socket',
    zh: '监听套接字关闭',
  });
  await printedTimes(server, 'client address', CLIENTS);
  const tasks = threadsOf(server.pid);
  const alive = servedBy(server).filter(({ kernelId }) => tasks.includes(kernelId));
  theatre.expect(
    {
      en: 'the server has closed its listening socket and waits for its four threads, which go on',
      zh: '服务器关闭了监听套接字，等着仍在工作的四个线程',
    },
    alive.length === CLIENTS && listenersOf(server, port).length === 0,
    {
      en: `/proc/net/tcp: it no longer listens on ${port}; /proc/${server.pid}/task: ${alive.map(({ kernelId }) => kernelId).join(', ')}`,
      zh: `/proc/net/tcp：它不再监听端口 ${port}；/proc/${server.pid}/task：${alive.map(({ kernelId }) => kernelId).join('、')}`,
    },
  );
}
