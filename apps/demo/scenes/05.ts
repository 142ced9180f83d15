/** Stage 5 as it is shown: the client's port is the one that it bound, in the server's line and in the kernel. */
import { readFileSync } from 'node:fs';
import { TITLES } from '../stages/titles.js';
import type { Scene } from '../theatre/scene.js';
import { tcpRowsOf } from '../theatre/tcp-rows-of.js';
import { clientOnOwnPort } from './shared/own-port.js';
import { serverPort } from './shared/server-port.js';
import { expectTimeWait } from './shared/time-wait.js';

const ASKED = /what you want to send to server: $/;

export const scene: Scene = {
  title: TITLES[5],
  conclusion: {
    en:
      'bind is not the server’s alone: a client may call it before connect, and then has the port that it asked for instead of ' +
      'one that the system picks. The price: it closed first, so this very port is now in TIME_WAIT, and whoever binds it ' +
      'within the next minute gets 10048 (stage 9).',
    zh:
      'bind 并非服务器专用：客户端也可以在 connect 之前调用它，这样用的就是自己指定的端口，而不是系统随机挑选的端口。' +
      '代价是：它先关闭了连接，这个端口现在处于 TIME_WAIT，一分钟之内谁再绑定它，都会得到 10048（见第 9 阶段）。',
  },
  async play(theatre) {
    const server = theatre.start('server');
    const port = await serverPort(server);
    const { client, localPort: chosen } = await clientOnOwnPort(theatre, ASKED, (localPort) =>
      theatre.start('client', { port, localPort }),
    );
    const [, shown] = await server.printed(/^client address: \S+, port: (\d+)$/m);
    theatre.expect(
      {
        en: `the server shows the port that the client bound, ${chosen}`,
        zh: `服务器打印的正是客户端绑定的端口 ${chosen}`,
      },
      Number(shown) === chosen,
      `client address: …, port: ${shown}`,
    );
    const [own] = tcpRowsOf(client.pid, { remotePort: port });
    theatre.expect(
      {
        en: 'the kernel has it as the client’s end of the connection',
        zh: '内核里，它就是连接在客户端这头的端口',
      },
      own?.local.port === chosen && own.state === 'ESTABLISHED',
      `/proc/net/tcp: ${own?.local} → ${own?.remote} ${own?.state}`,
    );
    client.type('ThisIs5');
    const [serverEnd, clientEnd] = await Promise.all([server.ended, client.ended]);
    theatre.expect(
      { en: 'the line arrived, and both ended with 0', zh: '文字送达，双方退出码都是 0' },
      server.out.endsWith('\nThisIs5\n') && serverEnd.code === 0 && clientEnd.code === 0,
      {
        en: `server ${serverEnd.code}, client ${clientEnd.code}`,
        zh: `服务器 ${serverEnd.code}，客户端 ${clientEnd.code}`,
      },
    );
    await expectTimeWait(theatre, chosen, port);
    theatre.besideWindows([
      {
        what: { en: 'ports that the system picks by itself', zh: '系统自己挑选的端口范围' },
        here: pickedBySystem(),
        windows: '49152–65535',
      },
    ]);
  },
};

/** The kernel's own words: least and most, parted by a tab. */
function pickedBySystem(): string {
  return readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().replace(/\s+/, '–');
}
