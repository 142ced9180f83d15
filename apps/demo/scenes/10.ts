/** Stage 10 as it is shown: who calls the coroutine, where its body runs, and that no error of it is lost. */
import { TITLES } from '../stages/titles.js';
import { threadsOf, within } from '../theatre/kernel.js';
import type { Scene, Theatre } from '../theatre/scene.js';
import { serverPort } from './shared/server-port.js';
import {
  expectCalledOnMain,
  type ServedClient,
  threeClientsAnswer,
  threeClientsGreeted,
} from './shared/three-clients.js';

const CLIENTS = 4;
const RUDE = { en: 'the fourth', zh: '第四个' } as const;
const END_MS = 10_000;

export const scene: Scene = {
  title: TITLES[10],
  conclusion: {
    en:
      'The main thread called workerAsync and went on accepting; from the statement after resumeBackground() on, each call ran ' +
      'on a thread of its own. Here the whole body runs over there, because a JavaScript frame cannot change threads in the ' +
      'middle as a C++ one can. The tutorial drops the IAsyncAction; ours is kept, so that an error over there arrives.',
    zh:
      '主线程调用 workerAsync 后继续 accept；从 resumeBackground() 的下一条语句起，每次调用都在各自的线程上运行。' +
      '与 C++ 不同，JavaScript 的栈帧不能中途换线程，所以这里整个函数体都在那边执行。' +
      '教程丢弃了 IAsyncAction，我们把它留着，那边出了错，这边才知道。',
  },
  async play(theatre) {
    const server = theatre.start('server', { clients: CLIENTS });
    const port = await serverPort(server);
    const three = await threeClientsGreeted(theatre, server, port);
    tellThreads(theatre, three);
    expectCalledOnMain(theatre, server, three, {
      en: 'workerAsync was called three times on the main thread, and its body ran elsewhere',
      zh: 'workerAsync 三次都在主线程上被调用，函数体却在别的线程上运行',
    });
    await threeClientsAnswer(theatre, server, three);
    const left = await within(
      END_MS,
      () => {
        const tasks = threadsOf(server.pid);
        return three.some(({ served }) => tasks.includes(served?.kernelId ?? 0))
          ? undefined
          : tasks;
      },
      { en: 'end of the three threads', zh: '三个线程结束' },
    );
    theatre.expect(
      {
        en: 'the three threads have ended with their coroutines, the server goes on',
        zh: '三个线程随各自的协程一起结束，服务器照常运行',
      },
      left.includes(server.pid),
      {
        en: `/proc/${server.pid}/task lists ${left.length} threads, and none of the three`,
        zh: `/proc/${server.pid}/task 列出 ${left.length} 个线程，其中没有这三个`,
      },
    );

    theatre.tell({
      en: 'A fourth client cuts its connection off instead of answering. Nobody waits for the coroutine that serves it.',
      zh: '第四个客户端不回话，直接重置连接。没有人在等待为它服务的那个协程。',
    });
    const rude = theatre.start('silent', { lane: theatre.text(RUDE), port, clients: 1 });
    await rude.printed(/Welcome to server!/);
    rude.type('reset 1');
    rude.endInput();
    await Promise.all([server.ended, rude.ended]);
    const { code } = await server.ended;
    theatre.expect(
      {
        en: 'the error of that coroutine has arrived on the main thread, and the server has ended in order',
        zh: '那个协程的错误传回了主线程，服务器正常退出',
      },
      /recv: .*ECONNRESET, 10054/.test(server.err) && code === 0,
      {
        en: `${server.err.trim()}; exit code ${code}`,
        zh: `${server.err.trim()}；退出码 ${code}`,
      },
    );
  },
};

function tellThreads(theatre: Theatre, three: readonly ServedClient[]): void {
  theatre.table({ en: 'Who runs on which thread', zh: '谁在哪个线程上运行' }, [
    [
      { en: 'client', zh: '客户端' },
      { en: 'port', zh: '端口' },
      { en: 'after the switch', zh: '切换之后' },
    ],
    ...three.map(({ client, served }) => [
      client.lane,
      String(served?.port ?? '-'),
      served?.name ?? '-',
    ]),
  ]);
}
