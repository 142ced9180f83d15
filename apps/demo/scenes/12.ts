/** Stage 12 as it is shown: each coroutine takes a thread of the pool; then ten silent clients against both of its forms. */
import { TITLES } from '../stages/titles.js';
import type { Scene } from '../theatre/scene.js';
import { serverPort } from './shared/server-port.js';
import { tenStarveNobody, tenStarveTheEleventh } from './shared/ten-silent.js';
import {
  expectCalledOnMain,
  threeClientsAnswer,
  threeClientsGreeted,
} from './shared/three-clients.js';

export const scene: Scene = {
  title: TITLES[12],
  conclusion: {
    en:
      'setBgEntry gives each resumption to the pool as a CoroutineTask, so resumeBackground() takes one of ten threads. A ' +
      'coroutine that blocks its thread, as the tutorial’s does, gains nothing over a plain task: ten silent clients starve ' +
      'the eleventh. One that waits with yield* leaves the thread to others; pnpm demo is this server through createServer.',
    zh:
      'setBgEntry 把每次恢复执行（resumption）包成 CoroutineTask 交给线程池，于是 resumeBackground() 就占用十个线程之一。' +
      '教程里的协程会阻塞线程，与普通任务相比并没有好处：十个不说话的客户端照样让第十一个干等。' +
      '用 yield* 等待的协程会把线程让给别人；pnpm demo 就是用 createServer 写成的这个服务器。',
  },
  async play(theatre) {
    theatre.tell({
      en: 'The same three clients as in stage 11.',
      zh: '还是第 11 阶段的那三个客户端。',
    });
    const server = theatre.start('server', { clients: 3 });
    const three = await threeClientsGreeted(theatre, server, await serverPort(server));
    expectCalledOnMain(theatre, server, three, {
      en: 'workerAsync was called on the main thread each time; the pool’s threads did the rest',
      zh: 'workerAsync 每次都在主线程上被调用，其余的由线程池的线程完成',
    });
    await threeClientsAnswer(theatre, server, three);
    await server.ended;

    theatre.tell({
      en: 'The same server, whose coroutine blocks, and ten clients that say nothing.',
      zh: '还是这个协程会阻塞的服务器，来了十个不说话的客户端。',
    });
    await tenStarveTheEleventh(theatre, 'server');

    theatre.tell({
      en: 'The other form: the coroutine waits with yield*. The same ten.',
      zh: '另一种写法：协程用 yield* 等待。同样是那十个客户端。',
    });
    await tenStarveNobody(theatre, 'server-waiting');
  },
};
