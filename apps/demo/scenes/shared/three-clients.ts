/** Three clients at once, ThisIs1 to ThisIs3, as the tutorial tries its servers; and on which threads they are served. */
import type { Bilingual } from '@netloom/winsock-native';
import { threadsOf } from '../../theatre/kernel.js';
import type { Actor, Theatre } from '../../theatre/scene.js';
import { tcpRowsOf } from '../../theatre/tcp-rows-of.js';
import {
  calledOn,
  differentThreads,
  messagesOf,
  printedTimes,
  type Served,
  servedBy,
} from './served.js';

const PROMPT = /Please input what you want to send to server: /;

/** One client, and the thread that serves it. */
export interface ServedClient {
  readonly client: Actor;
  readonly line: string;
  readonly served: Served | undefined;
}

/** Starts them; all have the greeting before any of them types. */
export async function threeClientsGreeted(
  theatre: Theatre,
  server: Actor,
  port: number,
): Promise<ServedClient[]> {
  const clients = [1, 2, 3].map((n) => {
    const lane = theatre.text({ en: `client ${n}`, zh: `客户端 ${n}` });
    return theatre.start('client', { lane, port });
  });
  await Promise.all(clients.map((client) => client.printed(PROMPT)));
  await printedTimes(server, 'client address', clients.length);
  const all = servedBy(server);
  const three = clients.map((client, index) => {
    const [own] = tcpRowsOf(client.pid, { remotePort: port });
    const served = all.find((one) => one.port === own?.local.port);
    return { client, line: `ThisIs${index + 1}`, served };
  });
  expectThreeThreads(theatre, server, three);
  return three;
}

/** Lets each type its line, and waits for their ends. */
export async function threeClientsAnswer(
  theatre: Theatre,
  server: Actor,
  three: readonly ServedClient[],
): Promise<void> {
  for (const { client, line } of three) {
    client.type(line);
    await server.printed(new RegExp(`^${line}, on`, 'm'));
  }
  const ends = await Promise.all(three.map(({ client }) => client.ended));
  const messages = messagesOf(server);
  theatre.expect(
    {
      en: 'each message arrives on the thread that greeted its client, and all three clients end with 0',
      zh: '每条消息都由问候该客户端的那个线程收到，三个客户端的退出码都是 0',
    },
    three.every(
      ({ line, served }) =>
        served !== undefined &&
        messages.some(({ text, kernelId }) => text === line && kernelId === served.kernelId),
    ) && ends.every(({ code }) => code === 0),
    messages.map(({ text, kernelId }) => `${text}: ${kernelId}`).join(', '),
  );
}

/** That the coroutine was called on the main thread for each of them, and that its body ran elsewhere. */
export function expectCalledOnMain(
  theatre: Theatre,
  server: Actor,
  three: readonly ServedClient[],
  what: Bilingual,
): void {
  const called = calledOn(server).map(({ kernelId }) => kernelId);
  theatre.expect(
    what,
    called.length === three.length &&
      called.every((kernelId) => kernelId === server.pid) &&
      three.every(({ served }) => served !== undefined && served.kernelId !== server.pid),
    {
      en: `called on ${called.join(', ')}; the process is ${server.pid}`,
      zh: `调用线程 ${called.join('、')}；进程号 ${server.pid}`,
    },
  );
}

function expectThreeThreads(theatre: Theatre, server: Actor, three: readonly ServedClient[]): void {
  const threads = three.flatMap(({ served }) => served ?? []);
  const inKernel = threadsOf(server.pid);
  theatre.expect(
    {
      en: 'three clients are served at the same time, on three threads of the server, none of them its main thread',
      zh: '三个客户端同时得到服务，各用服务器的一个线程，都不是主线程',
    },
    threads.length === three.length &&
      differentThreads(threads) === three.length &&
      threads.every(({ kernelId }) => kernelId !== server.pid && inKernel.includes(kernelId)),
    `/proc/${server.pid}/task: ${threads.map(({ kernelId }) => kernelId).join(', ')}`,
  );
}
