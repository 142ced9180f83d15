/**
 * Stage 7 as it is shown: a backlog of one and four clients, and what the kernel holds where.
 *
 * The server is held without any trick: it has taken the first client, into which nobody has typed yet. Nothing moves until
 * the scene types, so the kernel's tables can be read at leisure.
 */
import type { Bilingual } from '@netloom/winsock-native';
import { TITLES } from '../stages/titles.js';
import { setting, ss, type TcpRow, tcpExt, within } from '../theatre/kernel.js';
import type { Actor, BesideWindows, Scene, Theatre } from '../theatre/scene.js';
import { tcpRowsOf } from '../theatre/tcp-rows-of.js';
import { CallTraces } from './shared/call-traces.js';
import { listenersOf } from './shared/listeners.js';
import { clientName, ownEnd, type Place, placesOf, showPlaces, WHERE } from './shared/places.js';
import { serverPort } from './shared/server-port.js';

const ASKED = /what you want to send to server: $/;
/** The kernel sends a lost SYN again after one second, then after more. */
const LOOK_MS = 15_000;
const BACKLOG = 1;

export const scene: Scene = {
  title: TITLES[7],
  conclusion: {
    en:
      'Backlog counts finished connections that wait for accept, and is a hint: Linux refuses only when the queue holds more than ' +
      'backlog, so one gives room for two. The first client was being served, the second and third were connected and waited ' +
      'in their first recv, and only the fourth hung in connect: Linux drops its SYN without a word, and the client’s kernel ' +
      'sends it again, for about two minutes if need be (10060). Windows holds exactly one and answers the third with a reset; ' +
      'its connect tries again for one to two seconds and fails with 10061.',
    zh:
      'backlog 数的是已完成握手、等待 accept 的连接，而且只是个参考值：Linux 只有在队列长度超过 backlog 时才拒绝，' +
      '所以 backlog 为 1 时能容纳两个。第一个客户端正在接受服务，第二、第三个已经连上，卡在第一次 recv；' +
      '只有第四个卡在 connect：Linux 一声不响地丢掉它的 SYN，客户端的内核便不断重发，最长约两分钟（10060）。' +
      'Windows 恰好只容纳一个，对第三个回以 RST；它的 connect 重试一两秒后以 10061 失败。',
  },
  async play(theatre) {
    const overflows = tcpExt('ListenOverflows');
    const drops = tcpExt('ListenDrops');
    const server = theatre.start('server', { clients: 4 });
    const port = await serverPort(server);
    using traces = new CallTraces();
    const { env } = traces;
    const first = theatre.start('client', { lane: theatre.text(clientName(1)), port, env });
    await first.printed(ASKED);
    theatre.tell({
      en: 'The first client is being served, and nobody has typed into it yet: the server does not come back to accept. Three more come.',
      zh: '第一个客户端正在接受服务，还没有人输入，服务器回不到 accept。这时又来了三个客户端。',
    });
    const second = await queuedClient(theatre, 2, port, traces);
    const third = await queuedClient(theatre, 3, port, traces);
    const fourth = theatre.start('client', { lane: theatre.text(clientName(4)), port, env });
    const clients = [first, second, third, fourth];
    const retried = await within(
      LOOK_MS,
      () => tcpRowsOf(fourth.pid, { remotePort: port }).find((row) => row.retransmits > 0),
      { en: 'second SYN of the fourth client', zh: '第四个客户端重发的 SYN' },
    );
    // From here on nothing moves but the fourth's retries: the scene has not typed.
    const places = placesOf(clients, port, traces);
    showPlaces(theatre, places);
    expectPlaces(theatre, places);
    expectListener(theatre, server, port);
    expectCounters(theatre, overflows, drops);
    sayHowLong(theatre, retried);

    theatre.tell({
      en: 'Somebody types into the first client: the server accepts the second, and the fourth’s next SYN finds room.',
      zh: '有人在第一个客户端输入了：服务器 accept 了第二个，第四个下一次重发的 SYN 就有了位置。',
    });
    first.type('ThisIs1');
    await second.printed(ASKED);
    const connected = await within(
      LOOK_MS + (places[3]?.own?.timerMs ?? 0),
      () => tcpRowsOf(fourth.pid, { remotePort: port, state: 'ESTABLISHED' })[0],
      { en: 'connection of the fourth client', zh: '第四个客户端的连接' },
    );
    theatre.expect(
      { en: 'once there is room, the fourth connects', zh: '一有空位，第四个就连上了' },
      connected.local.port === retried.local.port,
      `/proc/net/tcp: ${connected.local} → ${connected.remote} ${connected.state}`,
    );
    second.type('ThisIs2');
    await third.printed(ASKED);
    third.type('ThisIs3');
    await fourth.printed(ASKED);
    fourth.type('ThisIs4');
    const ends = await Promise.all([server, ...clients].map((actor) => actor.ended));
    const lines = server.out.split('\n').filter((line) => line.startsWith('ThisIs'));
    theatre.expect(
      {
        en: 'all four are served, in the order in which they got into the queue',
        zh: '四个客户端都得到了服务，次序就是进入队列的次序',
      },
      lines.join() === 'ThisIs1,ThisIs2,ThisIs3,ThisIs4' && ends.every(({ code }) => code === 0),
      lines.join(', '),
    );
    theatre.besideWindows(places.map(besideWindows));
  },
};

/** Starts a client and waits until its connection is ready for `accept`. */
async function queuedClient(
  theatre: Theatre,
  number: number,
  port: number,
  traces: CallTraces,
): Promise<Actor> {
  const { env } = traces;
  const client = theatre.start('client', { lane: theatre.text(clientName(number)), port, env });
  await traces.begun(client.pid, 'recv');
  await within(
    LOOK_MS,
    () => placesOf([client], port, traces).find(({ kind }) => kind === 'queued'),
    {
      en: `connection of client ${number} in the queue`,
      zh: `客户端 ${number} 的连接进入队列`,
    },
  );
  return client;
}

function expectPlaces(theatre: Theatre, places: readonly Place[]): void {
  const [first, second, third, fourth] = places;
  theatre.expect(
    { en: 'the first is accepted and greeted', zh: '第一个已被 accept 并得到问候' },
    first?.kind === 'served',
    `${first?.calls}; inode ${first?.other?.inode}`,
  );
  theatre.expect(
    {
      en: 'the second and the third are connected, not accepted, not greeted: it is their first recv that waits',
      zh: '第二、第三个已连上，但没有被 accept，也没有得到问候：卡住的是它们的第一次 recv',
    },
    [second, third].every((one) => one?.kind === 'queued' && one.calls === 'connect = 0, recv …'),
    [second, third].map((one) => `${one?.calls}, inode ${one?.other?.inode}`).join('; '),
  );
  theatre.expect(
    {
      en: 'only the fourth hangs in connect; its SYN was sent again, and the server’s kernel holds nothing of it',
      zh: '只有第四个卡在 connect：它的 SYN 已经重发，服务器的内核里没有它的任何记录',
    },
    fourth?.kind === 'refused' &&
      fourth.own?.timer === 'retransmit' &&
      fourth.calls === 'connect …',
    `${fourth?.calls}; ${theatre.text(ownEnd(fourth?.own))}`,
  );
}

function expectListener(theatre: Theatre, server: Actor, port: number): void {
  const [listener] = listenersOf(server, port);
  theatre.expect(
    {
      en: `the queue holds ${BACKLOG + 1}: backlog and one more`,
      zh: `队列里有 ${BACKLOG + 1} 个：比 backlog 多一个`,
    },
    listener?.receiveQueue === BACKLOG + 1,
    {
      en: `/proc/net/tcp: LISTEN queue ${listener?.receiveQueue}`,
      zh: `/proc/net/tcp：LISTEN 队列 ${listener?.receiveQueue}`,
    },
  );
  const what = {
    en: `the kernel’s maximum is what listen was given: ${BACKLOG}`,
    zh: `内核记下的上限就是传给 listen 的值：${BACKLOG}`,
  };
  const lines = ss('-ltnH', `src ${theatre.host}:${port}`);
  if (lines === undefined) {
    theatre.leaveOut({ en: `${what.en} (needs ss)`, zh: `${what.zh}（需要 ss）` });
    return;
  }
  const [, queue, most] = /LISTEN\s+(\d+)\s+(\d+)/.exec(lines.join(' ')) ?? [];
  theatre.expect(
    what,
    Number(queue) === BACKLOG + 1 && Number(most) === BACKLOG,
    `ss -ltn: Recv-Q ${queue}, Send-Q ${most}`,
  );
}

/** The counters are the whole machine's: others may count along, so they are only expected to have grown. */
function expectCounters(theatre: Theatre, overflowsBefore: number, dropsBefore: number): void {
  const overflows = tcpExt('ListenOverflows');
  const drops = tcpExt('ListenDrops');
  theatre.expect(
    {
      en: 'the kernel counts what it refused: an overflow and a drop for each SYN of the fourth',
      zh: '内核记下了拒绝的次数：第四个的每个 SYN 各算一次溢出、一次丢弃',
    },
    overflows - overflowsBefore >= 2 && drops - dropsBefore >= 2,
    `ListenOverflows ${overflowsBefore} → ${overflows}, ListenDrops ${dropsBefore} → ${drops}`,
  );
}

/** Nobody waits for it here: the settings say how long the fourth would have gone on. */
function sayHowLong(theatre: Theatre, { retransmits }: TcpRow): void {
  const retries = setting('net.ipv4.tcp_syn_retries');
  if (retries === undefined) return;
  // Kernels before 6.5 have no even retries; each retry after them waits twice as long as the one before. ip-sysctl.
  const even = setting('net.ipv4.tcp_syn_linear_timeouts') ?? 0;
  const seconds = even + 2 ** (retries + 1) - 1;
  theatre.tell({
    en:
      `The fourth has sent its SYN ${retransmits + 1} times. Left alone, it would send it ${even + retries + 1} times ` +
      `(tcp_syn_linear_timeouts ${even}, tcp_syn_retries ${retries}) and get 10060 after ${seconds} s; we do not wait for that.`,
    zh:
      `第四个的 SYN 已经发了 ${retransmits + 1} 次。若放着不管，它一共会发 ${even + retries + 1} 次` +
      `（tcp_syn_linear_timeouts ${even}，tcp_syn_retries ${retries}），${seconds} 秒后得到 10060；这里不等那么久。`,
  });
}

const ON_WINDOWS: readonly Bilingual[] = [
  { en: 'accepted and greeted', zh: '已被 accept 并得到问候' },
  { en: 'connected, waits in recv', zh: '已连上，卡在 recv' },
  {
    en: 'refused: 10061, after SYN retries of one to two seconds',
    zh: '被拒绝：重发 SYN 一两秒后得到 10061',
  },
  { en: 'refused, as the third', zh: '同第三个，被拒绝' },
];

function besideWindows({ kind, calls }: Place, index: number): BesideWindows {
  return {
    what: clientName(index + 1),
    here: { en: `${WHERE[kind].en} (${calls})`, zh: `${WHERE[kind].zh}（${calls}）` },
    windows: ON_WINDOWS[index] ?? '',
  };
}
