/** Stage 3 as it is shown: accept with addrlen 0 fails, the connection stays queued, and Linux by itself would not mind. */
import { lookupError, WSAEFAULT } from '@netloom/winsock-native';
import { TITLES } from '../stages/titles.js';
import { installed } from '../theatre/installed.js';
import { hasKernelTables, within } from '../theatre/kernel.js';
import type { Actor, Scene, Theatre } from '../theatre/scene.js';
import { listenersOf } from './shared/listeners.js';
import { serverPort } from './shared/server-port.js';

/** The kernel's own accept, called without anything of ours: Python's socket module would hide addrlen. */
const LINUX_ACCEPT = `
import ctypes, socket
listener = socket.create_server(('127.0.0.1', 0))
print('listening on %s:%d' % listener.getsockname(), flush=True)
addr = (ctypes.c_ubyte * 16)()
addrlen = ctypes.c_uint32(0)
libc = ctypes.CDLL(None, use_errno=True)
sock = libc.accept(listener.fileno(), addr, ctypes.byref(addrlen))
print('accept returned %d, errno %d' % (sock, ctypes.get_errno()))
print('addrlen is %d, addr is %s' % (addrlen.value, bytes(addr).hex()))
`;

export const scene: Scene = {
  title: TITLES[3],
  conclusion: {
    en:
      'addrlen goes in as the room for the address and comes out as its true length. With 0 Winsock refuses with 10014 before ' +
      'it touches the connection, which stays in the queue for the next accept; ours does so on every system. Linux by itself ' +
      'accepts, cuts the address off to nothing and says 16.',
    zh:
      'addrlen 传入时表示可以存放地址的空间，传出时是地址的真实长度。传入 0 时，Winsock 不碰连接就以 10014 拒绝，' +
      '连接留在队列里，由下一次 accept 取走；我们的实现在每个系统上都是如此。' +
      '换作 Linux 自己，则会接受连接，把地址截得一点不剩，还告诉你长度是 16。',
  },

  async play(theatre) {
    const server = theatre.start('server');
    const port = await serverPort(server);
    await server.printed(/once a client waits: $/);
    const client = theatre.start('client', { port });
    await client.ended;
    const before = await queued(server, port, 1);

    server.type('');
    const [refusal] = await server.printed(/^accept failed: .*$/m);
    theatre.expect(
      { en: 'accept with addrlen 0 fails with 10014', zh: 'addrlen 为 0 的 accept 以 10014 失败' },
      refusal === `accept failed: ${WSAEFAULT} (WSAEFAULT)`,
      refusal,
    );
    lookUp(theatre);
    await server.printed(/sizeof\(clientAddr\): $/);
    const after = await queued(server, port, 1);
    expectQueue(theatre, before, after);

    server.type('');
    // Not from the line's beginning: the Enter that ended the question is not in the output.
    const [taken] = await server.printed(/accepted a client.*$/m);
    theatre.expect(
      {
        en: 'the next accept, with sizeof, takes the same connection',
        zh: '下一次 accept 用 sizeof，取走了同一个连接',
      },
      /addrlen is 16$/.test(taken),
      taken,
    );
    const empty = await queued(server, port, 0);
    if (empty !== undefined) {
      theatre.expect(
        { en: 'and the queue is empty', zh: '队列随之变空' },
        empty === 0,
        queueText(empty),
      );
    }
    server.type('');
    await server.ended;
    await linuxAlone(theatre);
    theatre.besideWindows([
      {
        what: { en: 'accept, addrlen 0', zh: 'accept，addrlen 为 0' },
        here: refusal,
        windows: { en: 'INVALID_SOCKET, 10014 WSAEFAULT', zh: 'INVALID_SOCKET，10014 WSAEFAULT' },
      },
    ]);
  },
};

/** The listener's row: how many finished connections wait for accept. Waits until there are that many. */
async function queued(server: Actor, port: number, count: number): Promise<number | undefined> {
  if (!hasKernelTables) return undefined;
  const look = () => listenersOf(server, port)[0]?.receiveQueue;
  await within(5000, () => (look() === count ? count : undefined), {
    en: `listener on port ${port} with ${count} connections in its queue`,
    zh: `端口 ${port} 的监听队列里有 ${count} 个连接`,
  });
  return look();
}

function expectQueue(
  theatre: Theatre,
  before: number | undefined,
  after: number | undefined,
): void {
  if (before === undefined || after === undefined) {
    theatre.leaveOut({
      en: 'the length of the accept queue: this system has no /proc/net/tcp',
      zh: 'accept 队列的长度：本系统没有 /proc/net/tcp',
    });
    return;
  }
  theatre.expect(
    {
      en: 'the connection is queued before, and still afterwards',
      zh: '连接之前在队列里，失败之后仍在队列里',
    },
    before === 1 && after === 1,
    `${queueText(before)} → ${queueText(after)}`,
  );
}

function queueText(length: number): string {
  return `/proc/net/tcp LISTEN: ${length}`;
}

/** What the tutorial asks Visual Studio's errlook.exe. */
function lookUp(theatre: Theatre): void {
  const info = lookupError(WSAEFAULT);
  if (info === undefined) throw new TypeError(`no error has the number ${WSAEFAULT}`);
  theatre.table({ en: 'Error Lookup:', zh: '查错误码：' }, [
    [
      { en: 'number', zh: '编号' },
      { en: 'name', zh: '名称' },
      { en: 'meaning', zh: '含义' },
      { en: 'usual causes', zh: '常见原因' },
    ],
    [String(info.wsaCode), info.wsaName, info.meaning, info.causes],
  ]);
}

async function linuxAlone(theatre: Theatre): Promise<void> {
  if (process.platform !== 'linux') {
    theatre.leaveOut({
      en: 'Linux’ own accept: this is another system',
      zh: 'Linux 自己的 accept：这里是别的系统',
    });
    return;
  }
  if (installed('python3') === undefined) {
    theatre.leaveOut({
      en: 'Linux’ own accept: python3, which would call it, is not installed',
      zh: 'Linux 自己的 accept：这里没有安装用来调用它的 python3',
    });
    return;
  }
  theatre.tell({
    en: 'The same with nothing of ours: python3 calls the C library’s accept with addrlen 0.',
    zh: '不用我们的任何代码，再做一遍：由 python3 直接调用 C 库的 accept，addrlen 为 0。',
  });
  const python = theatre.run('python3', ['-c', LINUX_ACCEPT]);
  const port = await serverPort(python);
  const client = theatre.start('client', { port });
  const [, sock] = await python.printed(/accept returned (-?\d+), errno \d+/);
  const [said, addrlen] = await python.printed(/addrlen is (\d+), addr is (0*)$/m);
  await Promise.all([client.ended, python.ended]);
  theatre.expect(
    {
      en: 'Linux alone accepts, says 16, and has written nothing of the address',
      zh: 'Linux 自己会接受连接，说长度是 16，地址却一个字节也没写',
    },
    Number(sock) >= 0 && addrlen === '16',
    said,
  );
}
