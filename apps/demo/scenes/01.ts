/** Stage 1 as it is shown: three clients of different kinds, one server that answers all of them with OK. */
import { TITLES } from '../stages/titles.js';
import { installed } from '../theatre/installed.js';
import { hasKernelTables, within } from '../theatre/kernel.js';
import type { Actor, Scene, Theatre } from '../theatre/scene.js';
import { listenersOf } from './shared/listeners.js';
import { serverPort } from './shared/server-port.js';

/** More than recv has room for: 127 bytes arrive. */
const LONG_WORD = 'x'.repeat(150);
const ROOM = 127;
/** A client that owes nothing to this project: Node's own sockets. */
const NODE_CLIENT = (host: string, port: number) =>
  `require('node:net').connect(${port}, '${host}', function () { this.write('hello from node:net') }).pipe(process.stdout)`;

export const scene: Scene = {
  title: TITLES[1],
  conclusion: {
    en:
      'The server waits in accept() until the kernel has finished a handshake; each client, whatever it is made of, gets ' +
      'OK. recv() gives what has arrived, at most the 127 bytes that it was told: it knows bytes, not messages.',
    zh:
      '服务器停在 accept()，直到内核完成一次握手；无论客户端用什么写成，得到的都是 OK。' +
      'recv() 给出的是已经到达的字节，最多是告诉它的 127 个：它只认识字节，不认识“消息”。',
  },

  async play(theatre) {
    const { host } = theatre;
    const clients = installed('nc') === undefined ? 3 : 4;
    await using server = theatre.start('server', { clients });
    const port = await serverPort(server);
    await expectListener(theatre, server, port);

    theatre.tell({
      en: 'A client of ours connects, sends one word and waits for the answer.',
      zh: '我们自己的客户端连接服务器，发送一个词，等待回答。',
    });
    await using ours = theatre.start('client', { port, args: ['hello'] });
    await ours.ended;
    expectOk(theatre, ours);
    const [said] = await server.printed(/buff = (.*), num = \d+/);
    theatre.expect(
      { en: 'the server prints the word and its 5 bytes', zh: '服务器打印出这个词和它的 5 个字节' },
      said === 'buff = hello, num = 5',
      said,
    );

    theatre.tell({
      en: `Then 150 bytes at once; recv() has been told that there is room for ${ROOM}.`,
      zh: `接着一次发送 150 个字节，而 recv() 得知的空间只有 ${ROOM} 个字节。`,
    });
    await using long = theatre.start('client', {
      lane: theatre.text({ en: 'long client', zh: '长消息客户端' }),
      port,
      args: [LONG_WORD],
    });
    await long.ended;
    const [, part, num] = await server.printed(/buff = (x+), num = (\d+)/);
    theatre.expect(
      { en: `recv() gives ${ROOM} of them`, zh: `recv() 只给出其中 ${ROOM} 个` },
      part === LONG_WORD.slice(0, ROOM) && num === String(ROOM),
      `num = ${num}`,
    );

    theatre.tell({
      en: 'Anything that speaks TCP is served alike.',
      zh: '凡是会说 TCP 的程序，服务器一视同仁。',
    });
    await using node = theatre.run(process.execPath, ['-e', NODE_CLIENT(host, port)], {
      lane: 'node:net',
    });
    await node.ended;
    expectOk(theatre, node);
    if (installed('nc') === undefined) {
      theatre.leaveOut({ en: 'nc is not installed here', zh: '这里没有安装 nc' });
    } else {
      await using nc = theatre.run('nc', [host, String(port)], { lane: 'nc' });
      nc.type('hello from nc');
      nc.endInput();
      await nc.ended;
      expectOk(theatre, nc);
    }
    const { code } = await server.ended;
    theatre.expect(
      { en: 'the server has cleaned up after the last', zh: '服务完最后一个后，服务器清理完毕' },
      code === 0,
      { en: `exit code ${code}`, zh: `退出码 ${code}` },
    );
  },
};

/** The kernel's own row of the listening socket. */
async function expectListener(theatre: Theatre, server: Actor, port: number): Promise<void> {
  if (!hasKernelTables) {
    theatre.leaveOut({
      en: 'the kernel’s table of sockets: this system has no /proc/net/tcp',
      zh: '内核的套接字表：本系统没有 /proc/net/tcp',
    });
    return;
  }
  const row = await within(5000, () => listenersOf(server, port)[0], {
    en: `listener on port ${port}`,
    zh: `端口 ${port} 上的监听套接字`,
  });
  theatre.expect(
    { en: 'the kernel lists a socket that listens', zh: '内核列出了一个正在监听的套接字' },
    row.local.port === port,
    `${row.local} ${row.state}, pid ${server.pid}`,
  );
}

function expectOk(theatre: Theatre, client: Actor): void {
  theatre.expect(
    { en: `${client.lane} gets OK`, zh: `${client.lane} 得到 OK` },
    client.out.trim() === 'OK',
    client.out.trim() || client.err.trim(),
  );
}
