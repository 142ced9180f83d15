/** Stage 4 as it is shown: the dialogue, the greeting's 36 bytes, and who is left with TIME_WAIT. */
import { INET6_ADDRSTRLEN, sizeof } from '@netloom/sockaddr';
import { wchar_t } from '../stages/shared/wide-text.js';
import { TITLES } from '../stages/titles.js';
import { ss } from '../theatre/kernel.js';
import type { Scene, Theatre } from '../theatre/scene.js';
import { tcpRowsOf } from '../theatre/tcp-rows-of.js';
import { serverPort } from './shared/server-port.js';
import { expectTimeWait } from './shared/time-wait.js';

const GREETING = 'Welcome to server!';
const PROMPT = 'Please input what you want to send to server: ';

export const scene: Scene = {
  title: TITLES[4],
  conclusion: {
    en:
      'The server saw who connected, spoke first, and printed the line as it was typed. The messages are wide text: two bytes ' +
      'a character and no terminator, so each side has to know by itself where a message ends; here the client ends its side, ' +
      'and recv gives the server 0. The client closed first, so TIME_WAIT stays with its port, not with the server’s.',
    zh:
      '服务器看到了谁连进来，先开口问候，并原样打印出客户端输入的那一行。消息是宽字符文本：每个字符两个字节，不发送终止符，' +
      '所以一条消息到哪里为止，得由双方自己判断；这里由客户端先结束发送，服务器的 recv 随即得到 0。' +
      '先关闭的是客户端，所以 TIME_WAIT 留在客户端的端口上，而不在服务器的端口上。',
  },
  async play(theatre) {
    const server = theatre.start('server');
    const port = await serverPort(server);
    const client = theatre.start('client', { port });
    await client.printed(new RegExp(PROMPT));
    const [own] = tcpRowsOf(client.pid, { remotePort: port });
    const ownPort = own?.local.port;

    const [shown = '', shownPort] = await server.printed(/^client address: \S+, port: (\d+)$/m);
    theatre.expect(
      {
        en: 'the server shows the address and the port that the client’s socket has in the kernel',
        zh: '服务器打印的地址和端口，与内核里客户端套接字的一致',
      },
      shown.startsWith(`client address: ${own?.local.address},`) && Number(shownPort) === ownPort,
      `/proc/net/tcp: ${own?.local} → ${own?.remote} ${own?.state}`,
    );
    theatre.expect(
      {
        en: 'the client prints the greeting, then it asks',
        zh: '客户端先打印欢迎词，再提示输入',
      },
      client.out === `${GREETING}\n${PROMPT}`,
      JSON.stringify(client.out),
    );
    expectGreetingBytes(theatre, ownPort, port);

    const line = theatre.text({ en: 'a line with blanks in it', zh: '这一行 中间 有空格' });
    theatre.tell({
      en: 'Somebody types a line into the client; the original’s std::wcin would stop at the first blank.',
      zh: '有人在客户端输入一行文字；换作原教程的 std::wcin，读到第一个空格就停了。',
    });
    client.type(line);
    const [serverEnd, clientEnd] = await Promise.all([server.ended, client.ended]);
    theatre.expect(
      { en: 'the server prints the line whole', zh: '服务器完整地打印出这一行' },
      server.out.endsWith(`\n${line}\n`),
      JSON.stringify(server.out.split('\n').at(-2)),
    );
    theatre.expect(
      { en: 'both clean up and end with 0', zh: '双方清理完毕，退出码都是 0' },
      serverEnd.code === 0 && clientEnd.code === 0,
      {
        en: `server ${serverEnd.code}, client ${clientEnd.code}`,
        zh: `服务器 ${serverEnd.code}，客户端 ${clientEnd.code}`,
      },
    );

    await expectTimeWait(theatre, ownPort, port);
    theatre.besideWindows([
      {
        what: {
          en: 'INET6_ADDRSTRLEN (the tutorial’s buffer has 46)',
          zh: 'INET6_ADDRSTRLEN（教程的缓冲区是 46）',
        },
        here: String(INET6_ADDRSTRLEN),
        windows: '65',
      },
      {
        what: { en: 'bytes of a wchar_t in these messages', zh: '消息里一个 wchar_t 的字节数' },
        here: {
          en: `${sizeof(wchar_t)}, as on Windows; C’s own on Linux has 4`,
          zh: `${sizeof(wchar_t)}，与 Windows 相同；Linux 上 C 的是 4`,
        },
        windows: '2',
      },
    ]);
  },
};

/** The kernel counts what came: 36 bytes are 18 characters of two, with no terminator behind them. */
function expectGreetingBytes(theatre: Theatre, ownPort: number | undefined, port: number): void {
  const what = {
    en: 'the greeting was 36 bytes: 18 characters of two bytes, no terminator',
    zh: '欢迎词共 36 字节：18 个字符，每个两字节，没有终止符',
  };
  const lines = ss('-tniH', `sport = :${ownPort} and dport = :${port}`);
  if (lines === undefined) {
    theatre.leaveOut({ en: `${what.en} (needs ss)`, zh: `${what.zh}（需要 ss）` });
    return;
  }
  const [evidence, count] = /bytes_received:(\d+)/.exec(lines.join(' ')) ?? [];
  theatre.expect(what, Number(count) === 2 * GREETING.length, `ss -tni: ${evidence ?? '-'}`);
}
