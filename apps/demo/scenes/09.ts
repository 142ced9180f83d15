/** Stage 9 as it is shown: one client port used twice, what TIME_WAIT looks like, and the ways round it. */
import { TITLES } from '../stages/titles.js';
import { type TcpRow, tcpRows } from '../theatre/kernel.js';
import type { Scene } from '../theatre/scene.js';
import {
  leftovers,
  PROMPT,
  refused,
  type Stand,
  saysAndEnds,
  startClient,
  timeWait,
  timeWaitText,
} from './09/the-client.js';
import { anotherPort, reuse, reuseOnOneSide, serverFirst, withReset } from './09/ways-round.js';
import { clientOnOwnPort } from './shared/own-port.js';
import { serverPort } from './shared/server-port.js';
import { secondsLeft } from './shared/time-wait.js';

/** Those that get as far as `accept`: the first client, one on another port, and two for each of three ways round. */
const CONNECTIONS = 8;
/** TCP_TIMEWAIT_LEN in the kernel's source; no setting changes it. */
const MINUTE_MS = 60_000;
const FIRST = { en: 'client 1', zh: '客户端 1' } as const;
const SECOND = { en: 'client 2', zh: '客户端 2' } as const;

export const scene: Scene = {
  title: TITLES[9],
  conclusion: {
    en:
      'A connection is five numbers: the protocol, two addresses, two ports; while one lives, and for a minute after, the same ' +
      'five cannot be used again. Who closes first keeps TIME_WAIT, so a client that closes first blocks its own fixed port. Linux ' +
      'says so in bind, Windows in connect; both say 10048. The best way round is not to fix the port; SO_REUSEADDR has to be on ' +
      'both sockets, and SO_LINGER 0 ends the connection with a reset: the server gets 10054 in place of an end.',
    zh:
      '一条连接就是一个五元组：协议、两个地址、两个端口；它存在期间以及结束后的一分钟内，同样的五元组不能再用。' +
      '谁先关闭，TIME_WAIT 就留在谁那边，所以先关闭的客户端挡住的是自己的固定端口。' +
      'Linux 在 bind 时报错，Windows 在 connect 时报错，错误码都是 10048。最好的办法是不固定端口；' +
      'SO_REUSEADDR 必须新旧两个套接字都设；SO_LINGER 设 0 秒，则连接以 RST 收场，服务器等来的不是正常结束，而是 10054。',
  },
  async play(theatre) {
    const server = theatre.start('server', { clients: CONNECTIONS });
    const stand: Stand = { theatre, server, port: await serverPort(server) };

    const { localPort, said: whileAlive } = await twoAtOnce(stand);
    const row = await expectTimeWait(stand, localPort);
    const afterwards = await again(stand, localPort);
    theatre.besideWindows([
      {
        what: {
          en: 'the same port while the first client lives',
          zh: '第一个客户端还在时使用同一端口',
        },
        here: whileAlive,
        windows: { en: 'bind fails', zh: 'bind 失败' },
      },
      {
        what: { en: 'all closed, then a new client', zh: '全部关闭之后再来一个客户端' },
        here: afterwards,
        windows: {
          en: 'bind succeeds, connect failed: 10048 (WSAEADDRINUSE)',
          zh: 'bind 成功，connect 失败：10048（WSAEADDRINUSE）',
        },
      },
      {
        what: { en: 'for how long', zh: '持续多久' },
        here: {
          en: `${secondsLeft(row)} s left when first seen`,
          zh: `初见时还剩 ${secondsLeft(row)} 秒`,
        },
        windows: { en: 'about two minutes', zh: '大约两分钟' },
      },
    ]);

    theatre.tell({
      en: 'Now the ways round, each of them tried.',
      zh: '下面逐一试验绕开的办法。',
    });
    await reuseOnOneSide(stand, localPort);
    await anotherPort(stand, localPort);
    expectStillThere(stand, localPort, row);
    await reuse(stand, localPort);
    await serverFirst(stand, localPort);
    await withReset(stand, localPort);

    const { code } = await server.ended;
    theatre.expect(
      {
        en: 'the server has ended in order after eight connections',
        zh: '接待八个连接之后，服务器正常退出',
      },
      code === 0,
      { en: `exit code ${code}`, zh: `退出码 ${code}` },
    );
  },
};

/** The second client while the first is in its dialogue. @returns how the second says what failed, and their port */
async function twoAtOnce(stand: Stand): Promise<{ localPort: number; said: string }> {
  const { theatre, port } = stand;
  const { client: first, localPort } = await clientOnOwnPort(theatre, PROMPT, (localPort) =>
    startClient(stand, { lane: theatre.text(FIRST), localPort }),
  );
  const [row] = tcpRows({ localPort, remotePort: port });
  theatre.table(
    {
      en: 'The five-tuple of the first client’s connection (/proc/net/tcp)',
      zh: '第一个客户端的连接，五元组如下（/proc/net/tcp）',
    },
    [
      [
        { en: 'protocol', zh: '协议' },
        { en: 'client’s address', zh: '客户端地址' },
        { en: 'client’s port', zh: '客户端端口' },
        { en: 'server’s address', zh: '服务器地址' },
        { en: 'server’s port', zh: '服务器端口' },
      ],
      [
        'TCP',
        ...[row?.local.address, row?.local.port, row?.remote.address, row?.remote.port].map(String),
      ],
    ],
  );
  theatre.tell({
    en: `All but the client’s port are given, and it is fixed too: ${localPort}. A second client wants the same five.`,
    zh: `除了客户端端口，其余四项本来就定了；而它也固定为 ${localPort}。第二个客户端要的是同一个五元组。`,
  });
  const said = await refused(stand, { lane: theatre.text(SECOND), localPort });
  theatre.expect(
    {
      en: 'while the first client lives, the second one’s bind fails',
      zh: '第一个客户端还在，第二个的 bind 就失败',
    },
    said === 'bind failed: 10048 (WSAEADDRINUSE)' && row?.state === 'ESTABLISHED',
    said,
  );
  await saysAndEnds(stand, first, 'FirstOne');
  return { localPort, said };
}

/** The side that closed first keeps the connection's five numbers busy. @returns its row when first seen */
async function expectTimeWait(stand: Stand, localPort: number): Promise<TcpRow> {
  const { theatre, port } = stand;
  const row = await timeWait(localPort, port);
  const rows = await leftovers(stand, localPort);
  theatre.expect(
    {
      en: 'all closed, the client first: its end stays in the kernel, in TIME_WAIT, with a timer of a minute',
      zh: '全部关闭，客户端先关：它那一端留在内核里，处于 TIME_WAIT，定时器为一分钟',
    },
    row.timer === 'time-wait' && row.timerMs > 0 && row.timerMs <= MINUTE_MS && rows.length === 1,
    timeWaitText(row),
  );
  return row;
}

/** A new client on the same port. @returns the line by which it says what failed */
async function again(stand: Stand, localPort: number): Promise<string> {
  const said = await refused(stand, { lane: stand.theatre.text(SECOND), localPort });
  stand.theatre.expect(
    {
      en: 'a new client: here it is bind itself that fails, connect is not reached',
      zh: '再来一个客户端：在本机是 bind 本身失败，根本走不到 connect',
    },
    said === 'bind failed: 10048 (WSAEADDRINUSE)',
    said,
  );
  return said;
}

/** Its minute goes on, whatever is tried beside it. */
function expectStillThere({ theatre, port }: Stand, localPort: number, first: TcpRow): void {
  const [row] = tcpRows({ localPort, remotePort: port, state: 'TIME_WAIT' });
  theatre.expect(
    {
      en: 'the first connection’s TIME_WAIT is still there, its timer running down',
      zh: '第一个连接的 TIME_WAIT 还在，定时器在倒计时',
    },
    row !== undefined && row.timerMs < first.timerMs,
    row === undefined ? '-' : timeWaitText(row),
  );
}
