/** The ways round 10048, each tried with programs, and what each costs; the kernel's table says what they leave. */
import { setting, tcpRows } from '../../theatre/kernel.js';
import {
  connected,
  leftovers,
  refused,
  rowsOf,
  rowText,
  type Stand,
  saysAndEnds,
  timeWait,
  timeWaitText,
  unusedPort,
} from './the-client.js';

const OLD = { en: 'old client', zh: '旧客户端' } as const;
const NEW = { en: 'new client', zh: '新客户端' } as const;

/** SO_REUSEADDR on the new socket only: the old one, closed long ago, had not agreed. */
export async function reuseOnOneSide(stand: Stand, localPort: number): Promise<void> {
  const { theatre } = stand;
  const said = await refused(stand, { lane: theatre.text(NEW), localPort, way: 'reuse' });
  theatre.expect(
    {
      en: 'SO_REUSEADDR on the new socket alone does not help: the old one did not have it',
      zh: '只在新套接字上设 SO_REUSEADDR 没有用：旧的那个没有设',
    },
    said === 'bind failed: 10048 (WSAEADDRINUSE)',
    said,
  );
}

/** Another port makes another five-tuple. */
export async function anotherPort(stand: Stand, localPort: number): Promise<void> {
  const { theatre } = stand;
  const other = unusedPort(localPort);
  const client = await connected(stand, { lane: theatre.text(NEW), localPort: other });
  const rows = [...rowsOf(stand, localPort), ...tcpRows({ localPort: other })];
  theatre.expect(
    {
      en: 'another port: connected at once, while the first is still in TIME_WAIT',
      zh: '换一个端口：马上连上，而原来的端口还在 TIME_WAIT',
    },
    rows.map(({ state }) => state).join() === 'TIME_WAIT,ESTABLISHED',
    rows.map(rowText).join('; '),
  );
  await saysAndEnds(stand, client, 'OtherPort');
}

/** SO_REUSEADDR on both sockets, while the old connection lives and when it is in TIME_WAIT. */
export async function reuse(stand: Stand, localPort: number): Promise<void> {
  const { theatre, port } = stand;
  const shared = unusedPort(localPort);
  theatre.tell({
    en: `SO_REUSEADDR on both, on port ${shared}: bind lets the second in, and the five-tuple is judged by connect.`,
    zh: `新旧两个都设 SO_REUSEADDR，端口 ${shared}：bind 放行，五元组是否重复改由 connect 判断。`,
  });
  const old = await connected(stand, { lane: theatre.text(OLD), localPort: shared, way: 'reuse' });
  const plain = await refused(stand, { lane: theatre.text(NEW), localPort: shared });
  const lane = theatre.text(NEW);
  const early = theatre.start('way-round', { lane, port, localPort: shared, args: ['reuse'] });
  await early.ended;
  theatre.expect(
    {
      en: 'while the old connection lives: bind succeeds, connect gives 10049; without the option bind fails as ever',
      zh: '旧连接还在：bind 成功，connect 得到 10049；不设这个选项，bind 照样失败',
    },
    early.out.trim() === `bound to port ${shared}` &&
      early.err.trim() === 'connect failed: 10049 (WSAEADDRNOTAVAIL)' &&
      plain === 'bind failed: 10048 (WSAEADDRINUSE)',
    `${early.out.trim()}; ${early.err.trim()}`,
  );
  await saysAndEnds(stand, old, 'WithReuse');
  const before = await timeWait(shared, port);

  if (setting('net.ipv4.tcp_timestamps') === 0) {
    theatre.leaveOut({
      en: 'connect out of TIME_WAIT: timestamps are switched off (net.ipv4.tcp_timestamps)',
      zh: '从 TIME_WAIT 直接 connect：时间戳已关闭（net.ipv4.tcp_timestamps）',
    });
    return;
  }
  const late = await connected(stand, { lane: theatre.text(NEW), localPort: shared, way: 'reuse' });
  const [row, ...others] = tcpRows({ localPort: shared, remotePort: port });
  theatre.expect(
    {
      en: 'in TIME_WAIT connect succeeds and the new connection takes the old one’s place: timestamps tell late segments of the old',
      zh: '处于 TIME_WAIT 时 connect 成功，新连接顶替了旧的：靠时间戳就能认出旧连接迟到的报文段',
    },
    row?.state === 'ESTABLISHED' && others.length === 0,
    {
      en: `before: ${timeWaitText(before).en}; now: ${row?.state}; net.ipv4.tcp_timestamps = ${setting('net.ipv4.tcp_timestamps')}`,
      zh: `之前：${timeWaitText(before).zh}；现在：${row?.state}；net.ipv4.tcp_timestamps = ${setting('net.ipv4.tcp_timestamps')}`,
    },
  );
  await saysAndEnds(stand, late, 'Again');
}

/** The server closes first, so TIME_WAIT is the server's, on a port that it shares with no other server. */
export async function serverFirst(stand: Stand, localPort: number): Promise<void> {
  const { theatre, port } = stand;
  const shared = unusedPort(localPort);
  theatre.tell({
    en: `The server closes first: this client ends its message with a line feed and waits, on port ${shared}.`,
    zh: `让服务器先关闭：这个客户端用换行符结束消息，然后等着，端口 ${shared}。`,
  });
  const options = { lane: theatre.text(OLD), localPort: shared, way: 'server-first' } as const;
  const old = await connected(stand, options);
  await saysAndEnds(stand, old, 'AfterYou');
  const row = await timeWait(port, shared);
  const own = tcpRows({ localPort: shared });
  const next = await connected(stand, { lane: theatre.text(NEW), localPort: shared });
  theatre.expect(
    {
      en: 'the server closes first: TIME_WAIT sits at the server’s port, and the client’s can be used again at once',
      zh: '服务器先关闭：TIME_WAIT 留在服务器的端口上，客户端的端口马上可以再用',
    },
    own.length === 0 && next.out.startsWith(`bound to port ${shared}\nconnected\n`),
    timeWaitText(row),
  );
  await saysAndEnds(stand, next, 'AtOnce');
}

/** SO_LINGER 0: no TIME_WAIT, because there was no orderly end. */
export async function withReset(stand: Stand, localPort: number): Promise<void> {
  const { theatre, server } = stand;
  const shared = unusedPort(localPort);
  theatre.tell({
    en: `SO_LINGER with 0 seconds: closesocket sends a reset in place of a FIN, on port ${shared}.`,
    zh: `SO_LINGER 设为 0 秒：closesocket 不发 FIN，而是发 RST，端口 ${shared}。`,
  });
  const options = { lane: theatre.text(OLD), localPort: shared, way: 'linger' } as const;
  const old = await connected(stand, options);
  old.type('NeverMind');
  await old.ended;
  await server.printed(/^recv failed: /m);
  const left = await leftovers(stand, shared);
  const next = await connected(stand, { lane: theatre.text(NEW), localPort: shared });
  theatre.expect(
    {
      en: 'SO_LINGER 0 leaves nothing behind, and the port can be used again at once',
      zh: 'SO_LINGER 设 0 秒，什么都不留下，端口马上可以再用',
    },
    left.length === 0 && next.out.startsWith(`bound to port ${shared}\nconnected\n`),
    {
      en: `/proc/net/tcp: ${left.length} rows of ${shared}`,
      zh: `/proc/net/tcp：端口 ${shared} 有 ${left.length} 行`,
    },
  );
  theatre.expect(
    {
      en: 'what it costs: the server’s recv fails with 10054, and the message, whose end never came, is not printed',
      zh: '代价：服务器的 recv 失败，得到 10054；消息没等到结尾，也就没有打印出来',
    },
    server.err.trim() === 'recv failed: 10054 (WSAECONNRESET)' && !server.out.includes('NeverMind'),
    server.err.trim(),
  );
  await saysAndEnds(stand, next, 'Orderly');
}
