/**
 * The experiment about connecting: to a port where nobody listens, and to an address that does not answer; blocking, and
 * without blocking. Each part is a file in `connecting/`.
 *
 * An address that does not answer is made here: a listener whose queue is full. The kernel drops what else knocks, as a
 * firewall or a dead machine would.
 */
import type { Scene } from '../theatre/scene.js';
import { blocking } from './connecting/blocking.js';
import { FullListener } from './connecting/full-listener.js';
import { beginImpatient, expectTimedOut, nonBlocking } from './connecting/non-blocking.js';
import { nobodyListens, nobodyListensNonBlocking } from './connecting/refused.js';
import { systemDefault } from './connecting/syn-retries.js';
import { withWinsock } from './shared/with-winsock.js';

export const scene: Scene = {
  title: {
    en: 'connect: refused, not answered, blocking and non-blocking',
    zh: 'connect：被拒绝、没有回应，阻塞与非阻塞',
  },
  conclusion: {
    en:
      'A port where nobody listens answers at once, with a reset: 10061. An address that does not answer leaves connect alone with ' +
      'its own patience: the kernel repeats the SYN, at first every second, then at doubled intervals, and gives up with 10060. ' +
      'A non-blocking connect says 10035 and goes on by itself; select or WSAPoll tell when it is over, and SO_ERROR how.',
    zh:
      '没有人监听的端口马上回一个 RST：10061。没有回应的地址，connect 就只能靠自己的耐心：' +
      '内核重发 SYN，起先每秒一次，之后间隔逐次加倍，最后放弃，返回 10060。' +
      '非阻塞的 connect 先返回 10035，连接在后台继续；select 或 WSAPoll 告诉你何时有结果，SO_ERROR 告诉你结果是什么。',
  },
  async play(theatre) {
    await withWinsock(async () => {
      await nobodyListens(theatre);
      await nobodyListensNonBlocking(theatre);
      using full = new FullListener(theatre.host);
      await full.filled(theatre);
      const impatient = beginImpatient(full);
      const noAnswer = await blocking(theatre, full);
      await expectTimedOut(theatre, impatient);
      systemDefault(theatre);
      const begun = await nonBlocking(theatre, full);
      theatre.besideWindows([
        {
          what: { en: 'connect, the queue over there being full', zh: '对方队列已满时 connect' },
          here: noAnswer,
          windows: {
            en: '10061, after SYN retries of one to two seconds',
            zh: '重试 SYN 一两秒之后，10061',
          },
        },
        {
          what: { en: 'what a non-blocking connect says first', zh: '非阻塞的 connect 先返回什么' },
          here: begun,
          windows: '10035',
        },
      ]);
    });
  },
};
