/** Stage 6 as it is shown: the second client is connected, and waits in the kernel's queue; then two that want one port. */
import { TITLES } from '../stages/titles.js';
import { within } from '../theatre/kernel.js';
import type { Actor, Scene, Theatre } from '../theatre/scene.js';
import { tcpRowsOf } from '../theatre/tcp-rows-of.js';
import { CallTraces } from './shared/call-traces.js';
import { listenersOf } from './shared/listeners.js';
import { clientOnOwnPort } from './shared/own-port.js';
import { clientName, placesOf, showPlaces } from './shared/places.js';
import { serverPort } from './shared/server-port.js';

const ASKED = /what you want to send to server: $/;
const GREETING = 'Welcome to server!';
const LOOK_MS = 15_000;

export const scene: Scene = {
  title: TITLES[6],
  conclusion: {
    en:
      'One thread, one client at a time: while the server waited for what the first client would type, the second was connected ' +
      '(the kernel does that by itself) and waited in its first recv. Clients that share a host must not fix their port: two ' +
      'cannot have the same one at a time, and bind refuses the second.',
    zh:
      '一个线程一次只能服务一个客户端：服务器等第一个客户端输入的时候，第二个客户端其实已经连上了（握手由内核自行完成），' +
      '它卡在第一次 recv 上。同一台主机上的多个客户端不要固定端口：同一时刻一个端口只能给一个客户端用，第二个 bind 会被拒绝。',
  },
  async play(theatre) {
    const server = theatre.start('server', { clients: 3 });
    const port = await serverPort(server);
    using traces = new CallTraces();
    await secondWaits(theatre, server, port, traces);
    await onePortForTwo(theatre, port);
    const { code } = await server.ended;
    theatre.expect(
      {
        en: 'the server has served three and ends with 0',
        zh: '服务器服务了三个客户端，退出码为 0',
      },
      code === 0 && clientLines(server).length === 3,
      { en: `exit code ${code}`, zh: `退出码 ${code}` },
    );
  },
};

async function secondWaits(
  theatre: Theatre,
  server: Actor,
  port: number,
  traces: CallTraces,
): Promise<void> {
  const { env } = traces;
  const first = theatre.start('client', { lane: theatre.text(clientName(1)), port, env });
  await first.printed(ASKED);
  theatre.tell({
    en: 'The first client is being served; nobody has typed into it yet. A second one comes.',
    zh: '第一个客户端正在接受服务，还没有人输入。这时来了第二个客户端。',
  });
  const second = theatre.start('client', { lane: theatre.text(clientName(2)), port, env });
  await traces.begun(second.pid, 'recv');
  const { own, other, calls } = await within(
    LOOK_MS,
    () => placesOf([second], port, traces).find(({ kind }) => kind === 'queued'),
    { en: 'connection of the second client', zh: '第二个客户端的连接' },
  );
  const [listener] = listenersOf(server, port);
  showPlaces(theatre, placesOf([first, second], port, traces));
  theatre.expect(
    {
      en: 'the second client is connected: its connect has returned, its first recv has not',
      zh: '第二个客户端已经连上：它的 connect 已返回，第一次 recv 还没有',
    },
    own?.state === 'ESTABLISHED' && calls === 'connect = 0, recv …',
    `${calls}; /proc/net/tcp: ${own?.local} → ${own?.remote} ${own?.state}`,
  );
  theatre.expect(
    {
      en: 'it waits in the accept queue: one finished connection there, and its other end belongs to no process yet',
      zh: '它在 accept 队列里等着：队列里有一个已完成的连接，连接的服务器端还不属于任何进程',
    },
    listener?.receiveQueue === 1 && other?.inode === 0,
    {
      en: `LISTEN queue ${listener?.receiveQueue}; ${other?.local} → ${other?.remote} inode ${other?.inode}`,
      zh: `LISTEN 队列 ${listener?.receiveQueue}；${other?.local} → ${other?.remote} inode ${other?.inode}`,
    },
  );
  const isSilent = second.out === '' && own?.receiveQueue === 0 && other?.sendQueue === 0;
  theatre.expect(
    {
      en: 'nobody has greeted it: not a byte is there for its recv',
      zh: '还没有人问候它：没有一个字节可供它 recv',
    },
    isSilent && clientLines(server).length === 1,
    {
      en: `client 2 printed ${JSON.stringify(second.out)}; ${own?.receiveQueue} bytes received, ${other?.sendQueue} on the way`,
      zh: `客户端 2 打印了 ${JSON.stringify(second.out)}；已收到 ${own?.receiveQueue} 字节，途中 ${other?.sendQueue} 字节`,
    },
  );

  theatre.tell({
    en: 'Somebody types into the first client; only now does the server come back to accept.',
    zh: '有人在第一个客户端输入了；服务器这才回到 accept。',
  });
  first.type('ThisIs1');
  await second.printed(ASKED);
  const [afterwards] = listenersOf(server, port);
  theatre.expect(
    {
      en: 'then the second is greeted, and the queue is empty',
      zh: '随后第二个客户端得到问候，队列清空',
    },
    second.out.startsWith(`${GREETING}\n`) &&
      afterwards?.receiveQueue === 0 &&
      server.out.includes('\nThisIs1\n'),
    {
      en: `LISTEN queue ${afterwards?.receiveQueue}`,
      zh: `LISTEN 队列 ${afterwards?.receiveQueue}`,
    },
  );
  second.type('ThisIs2');
  await Promise.all([first.ended, second.ended, server.printed(/^ThisIs2$/m)]);
  const lines = server.out.split('\n').filter((line) => line.startsWith('ThisIs'));
  theatre.expect(
    { en: 'served in the order in which they came', zh: '按到达的先后次序服务' },
    lines.join() === 'ThisIs1,ThisIs2',
    lines.join(', '),
  );
}

/** Two clients of stage 5 on one host with one port. */
async function onePortForTwo(theatre: Theatre, port: number): Promise<void> {
  theatre.tell({
    en: 'Now two clients that both bind the same port, as in stage 5.',
    zh: '现在来两个绑定同一个端口的客户端，同第 5 阶段。',
  });
  const { client: first, localPort: fixed } = await clientOnOwnPort(theatre, ASKED, (localPort) =>
    theatre.start('client', { stage: 5, lane: theatre.text(clientName(1)), port, localPort }),
  );
  const second = theatre.start('client', {
    stage: 5,
    lane: theatre.text(clientName(2)),
    port,
    localPort: fixed,
  });
  await second.printed(/^bind failed: .*$/m);
  const { code } = await second.ended;
  const [holder] = tcpRowsOf(first.pid, { localPort: fixed });
  theatre.expect(
    {
      en: `bind refuses the second: 10048, while the first has port ${fixed}`,
      zh: `第二个客户端的 bind 被拒绝：10048，因为端口 ${fixed} 正被第一个占用`,
    },
    code === 1 &&
      second.err.trim() === 'bind failed: 10048 (WSAEADDRINUSE)' &&
      holder !== undefined,
    `${second.err.trim()}; /proc/net/tcp: ${holder?.local} → ${holder?.remote} ${holder?.state}`,
  );
  first.type('ThisIs3');
  await first.ended;
}

function clientLines(server: Actor): string[] {
  return server.out.split('\n').filter((line) => line.startsWith('client address: '));
}
