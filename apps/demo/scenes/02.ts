/**
 * Stage 2 as it is shown: every call of the server (with inet_addr first, then with inet_pton) and of the client, its
 * arguments in text and hex, and what it returned.
 */
import type { CallRecord, TracedArgument } from '@netloom/winsock-native/trace';
import { TITLES } from '../stages/titles.js';
import type { Actor, Scene, Theatre } from '../theatre/scene.js';
import { CallTraces } from './shared/call-traces.js';
import { serverPort } from './shared/server-port.js';

/** In the order of the listings; `setsockopt` and `getsockname` are ours (restart at once, say where). */
const SERVER_CALLS =
  'WSAStartup socket setsockopt bind listen getsockname accept closesocket closesocket WSACleanup';
const CLIENT_CALLS = 'WSAStartup socket connect closesocket WSACleanup';

export const scene: Scene = {
  title: TITLES[2],
  conclusion: {
    en:
      'Every program starts Winsock and cleans up after itself, every call gives 0 or a socket, or says by INVALID_SOCKET or ' +
      'SOCKET_ERROR that it failed. bind and connect take the same sixteen bytes: family, port and address, the last two in ' +
      'network order. inet_addr and inet_pton write the same four bytes; the old one cannot tell an error from 255.255.255.255.',
    zh:
      '每个程序都先启动 Winsock，最后自己清理；每个调用要么返回 0 或一个套接字，要么用 INVALID_SOCKET 或 SOCKET_ERROR 表示失败。' +
      'bind 和 connect 拿到的是同样的十六个字节：地址族、端口和地址，后两者是网络字节序。' +
      'inet_addr 和 inet_pton 写出的是同样的四个字节；只是旧的那个分不清错误和 255.255.255.255。',
  },

  async play(theatre) {
    using traces = new CallTraces();
    theatre.tell({
      en: 'First as the tutorial begins: bind to an address made by inet_addr.',
      zh: '先照教程最初的写法：用 inet_addr 生成地址，再 bind。',
    });
    const first = await meet(theatre, 'server-inet-addr', traces.env);
    theatre.tell({
      en: 'Then with inet_pton, which Visual C++ asks for.',
      zh: '再用 inet_pton，也就是 Visual C++ 要求的写法。',
    });
    const second = await meet(theatre, 'server', traces.env);

    const server = traces.of(second.server.pid);
    const client = traces.of(second.client.pid);
    show(theatre, second.server, server);
    show(theatre, second.client, client);
    expectCalls(theatre, second.server, server, SERVER_CALLS);
    expectCalls(theatre, second.client, client, CLIENT_CALLS);
    expectSameBytes(theatre, traces.of(first.server.pid), server, client, second.port);
    expectPeer(theatre, server);
  },
};

interface Meeting {
  readonly server: Actor;
  readonly client: Actor;
  readonly port: number;
}

async function meet(
  theatre: Theatre,
  role: string,
  env: Readonly<Record<string, string>>,
): Promise<Meeting> {
  const server = theatre.start(role, { env });
  const port = await serverPort(server);
  const client = theatre.start('client', { port, env });
  const clientEnd = await client.ended;
  // A server that nobody reached would wait in accept until the scene's time is up.
  if (clientEnd.code !== 0) server.kill();
  const serverEnd = await server.ended;
  theatre.expect(
    { en: `${role} accepts, the client connects`, zh: `${role} 接受，client 连上` },
    serverEnd.code === 0 && clientEnd.code === 0,
    `${server.out.trim().split('\n').at(-1)}; ${client.out.trim() || client.err.trim()}`,
  );
  return { server, client, port };
}

/** A row for each call: the call as C would write it, the memory that it was given or filled, and what it returned. */
function show(theatre: Theatre, actor: Actor, calls: readonly CallRecord[]): void {
  theatre.table({ en: `The calls of ${actor.lane}:`, zh: `${actor.lane} 的各个调用：` }, [
    [
      { en: 'call and arguments', zh: '调用与参数' },
      { en: 'memory, in hex', zh: '内存，十六进制' },
      { en: 'returns', zh: '返回' },
    ],
    ...calls.map((call) => [
      `${call.call}(${call.args.map(textOf).join(', ')})`,
      call.args.flatMap(hexOf).join('\n'),
      [call.result ?? '', call.error?.name ?? ''].join(' ').trim(),
    ]),
  ]);
}

function textOf({ name, in: before, out: after }: TracedArgument): string {
  if (before !== undefined && after !== undefined && before.text !== after.text) {
    return `${name} ${before.text} → ${after.text}`;
  }
  return `${name} ${(after ?? before)?.text ?? ''}`.trim();
}

function hexOf(argument: TracedArgument): string[] {
  const hex = bytesOf(argument);
  return hex === undefined ? [] : [`${argument.name}: ${hex.replace(/..(?!$)/g, '$& ')}`];
}

function bytesOf({ in: before, out: after }: TracedArgument): string | undefined {
  return (after?.bytes ?? before?.bytes)?.hex;
}

function expectCalls(
  theatre: Theatre,
  { lane }: Actor,
  calls: readonly CallRecord[],
  expected: string,
): void {
  const seen = calls.map(({ call }) => call).join(' ');
  const failures = calls.filter(({ error }) => error !== undefined).length;
  theatre.expect(
    {
      en: `the calls of ${lane}, in the order of its listing, none of which fails`,
      zh: `${lane} 的调用，与程序清单的顺序一致，没有一个失败`,
    },
    seen === expected && failures === 0,
    seen,
  );
}

/** What both ways of writing the address give to bind, and the client to connect. */
function expectSameBytes(
  theatre: Theatre,
  first: readonly CallRecord[],
  second: readonly CallRecord[],
  client: readonly CallRecord[],
  port: number,
): void {
  const address = (calls: readonly CallRecord[], name: string) => {
    const hex =
      calls
        .find(({ call }) => call === name)
        ?.args.map(bytesOf)
        .find(Boolean) ?? '';
    // Without the family, whose place and size differ between systems: port, then address.
    return hex.slice(4, 16);
  };
  const connected = address(client, 'connect');
  const portHex = port.toString(16).padStart(4, '0');
  theatre.expect(
    {
      en: 'the client connects to the port and address in network order',
      zh: '客户端 connect 用的端口和地址是网络字节序',
    },
    connected === `${portHex}7f000001`,
    connected,
  );
  const [old, modern] = [address(first, 'bind').slice(4), address(second, 'bind').slice(4)];
  theatre.expect(
    {
      en: 'inet_addr and inet_pton give bind the same four bytes',
      zh: 'inet_addr 与 inet_pton 交给 bind 的四个字节相同',
    },
    old === modern && old === '7f000001',
    `${old}, ${modern}`,
  );
}

function expectPeer(theatre: Theatre, calls: readonly CallRecord[]): void {
  const addrlen = calls
    .find(({ call }) => call === 'accept')
    ?.args.find(({ name }) => name === 'addrlen');
  theatre.expect(
    {
      en: 'addrlen goes into accept as sizeof, and comes out as the true length',
      zh: 'addrlen 以 sizeof 传入 accept，以真实长度传出',
    },
    addrlen?.in?.text === '16' && (addrlen.out ?? addrlen.in).text === '16',
    `${addrlen?.in?.text} → ${addrlen?.out?.text}`,
  );
}
