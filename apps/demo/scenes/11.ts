/** Stage 11 as it is shown: three tasks on three of ten threads; then ten silent clients against both forms of the task. */
import { TITLES } from '../stages/titles.js';
import type { Scene } from '../theatre/scene.js';
import { serverPort } from './shared/server-port.js';
import { tenStarveNobody, tenStarveTheEleventh } from './shared/ten-silent.js';
import { threeClientsAnswer, threeClientsGreeted } from './shared/three-clients.js';

export const scene: Scene = {
  title: TITLES[11],
  conclusion: {
    en:
      'A pool of ten threads serves three clients on three of them. A task that blocks, as the tutorial’s does, holds its ' +
      'thread until its client speaks, so ten silent clients starve the eleventh. A task that waits on its thread’s event ' +
      'loop instead shares the thread: the same ten threads hold eleven clients.',
    zh:
      '十个线程的线程池用其中三个服务三个客户端。教程里的任务会阻塞：客户端不开口，线程就一直被占着，' +
      '于是十个不说话的客户端就能让第十一个干等。换成在线程的事件循环上等待的任务，线程可以共用：' +
      '同样十个线程，十一个客户端都照顾得到。',
  },
  async play(theatre) {
    theatre.tell({
      en: 'One server, three clients, as in the tutorial.',
      zh: '和教程一样：一个服务器，三个客户端。',
    });
    const server = theatre.start('server', { clients: 3 });
    const three = await threeClientsGreeted(theatre, server, await serverPort(server));
    await threeClientsAnswer(theatre, server, three);
    await server.ended;

    theatre.tell({
      en: 'The same server, and ten clients that connect and say nothing.',
      zh: '还是这个服务器，来了十个只连接、不说话的客户端。',
    });
    await tenStarveTheEleventh(theatre, 'server');

    theatre.tell({
      en: 'The other form: this NetworkTask waits on the event loop of its thread. The same ten.',
      zh: '另一种写法：这里的 NetworkTask 在线程的事件循环上等待。同样是那十个客户端。',
    });
    await tenStarveNobody(theatre, 'server-waiting');
  },
};
