/** connect where nobody answers, non-blocking: what the other calls say while it is under way, and when it is over. */
import { AF_INET, IPPROTO_TCP, sizeof } from '@netloom/sockaddr';
import {
  closesocket,
  connect,
  FIONBIO,
  ioctlsocket,
  POLLERR,
  POLLOUT,
  recv,
  SOCK_STREAM,
  type SOCKET,
  setsockopt,
  socket,
  TCP_SYNCNT,
  WSAEALREADY,
  WSAEISCONN,
  WSAETIMEDOUT,
  WSAEWOULDBLOCK,
  WSAPoll,
} from '@netloom/winsock-native';
import { type TcpRow, tcpRows, within } from '../../theatre/kernel.js';
import type { Theatre } from '../../theatre/scene.js';
import { codeText, must, type Outcome, outcome } from '../shared/outcome.js';
import { portOf } from '../shared/two-ends.js';
import { SYN_RETRIES } from './blocking.js';
import type { FullListener } from './full-listener.js';
import { soError } from './refused.js';

const LOOK_MS = 15_000;

/** Begins a connect that will not be answered, with as little patience as the blocking one. */
export function beginImpatient(full: FullListener): SOCKET {
  const s = must('socket', socket(AF_INET, SOCK_STREAM, 0));
  must('ioctlsocket', ioctlsocket(s, FIONBIO, { value: 1 }));
  if (TCP_SYNCNT !== undefined) {
    must('setsockopt', setsockopt(s, IPPROTO_TCP, TCP_SYNCNT, SYN_RETRIES));
  }
  const begun = outcome('connect', connect(s, full.address, sizeof(full.address)));
  if (begun.code !== WSAEWOULDBLOCK) must('connect', begun.result);
  return s;
}

/** What became of it: nobody waited in connect, so the news is in SO_ERROR. */
export async function expectTimedOut(theatre: Theatre, s: SOCKET): Promise<void> {
  const polled = { fd: s, events: POLLOUT, revents: 0 };
  const look = () => (must('WSAPoll', WSAPoll([polled], 1, 0)) === 1 ? polled.revents : undefined);
  const revents = await within(LOOK_MS, look, { en: 'end of the connect', zh: 'connect 的结束' });
  const error = soError(s);
  closesocket(s);
  theatre.expect(
    {
      en: 'a non-blocking one that began at the same time has ended too: WSAPoll gives POLLERR, SO_ERROR 10060',
      zh: '同时开始的一个非阻塞 connect 也结束了：WSAPoll 给出 POLLERR，SO_ERROR 为 10060',
    },
    (revents & POLLERR) !== 0 && error === WSAETIMEDOUT,
    `revents 0x${revents.toString(16)}; SO_ERROR: ${codeText(error)}`,
  );
}

/** @returns what the first connect said */
export async function nonBlocking(theatre: Theatre, full: FullListener): Promise<string> {
  theatre.tell({
    en: '3. The same without blocking, and with patience: after a while somebody accepts, and the next SYN finds room.',
    zh: '3. 同样的连接，改用非阻塞方式，并且等得久些：过一会儿有人 accept，下一个 SYN 就有位置了。',
  });
  const s = must('socket', socket(AF_INET, SOCK_STREAM, 0));
  try {
    must('ioctlsocket', ioctlsocket(s, FIONBIO, { value: 1 }));
    const again = () => outcome('connect', connect(s, full.address, sizeof(full.address)));
    const first = again();
    const second = again();
    const early = outcome('recv', recv(s, new Uint8Array(1), 1, 0));
    const before = writable(s);
    const waiting = rowOf(s, full);
    theatre.table({ en: 'While it is under way', zh: '连接尚在进行时' }, [
      [
        { en: 'call', zh: '调用' },
        { en: 'state in /proc/net/tcp', zh: '/proc/net/tcp 中的状态' },
      ],
      ...[first, second, early, before].map(({ text }) => [text, waiting?.state ?? '-']),
    ]);
    theatre.expect(
      {
        en: 'connect says 10035 and goes on by itself; a second one says 10037; SO_ERROR and WSAPoll have nothing to tell yet',
        zh: 'connect 返回 10035，连接在后台继续；再调用一次返回 10037；SO_ERROR 和 WSAPoll 都还没有消息',
      },
      first.code === WSAEWOULDBLOCK &&
        second.code === WSAEALREADY &&
        before.result === 0 &&
        soError(s) === 0 &&
        waiting?.state === 'SYN_SENT',
      [first, second, before].map(({ text }) => text).join('; '),
    );

    full.makeRoom();
    const row = await within(
      LOOK_MS,
      () => (writable(s).result === 1 ? rowOf(s, full) : undefined),
      { en: 'answer to a repeated SYN', zh: '对重发的 SYN 的回应' },
    );
    const error = soError(s);
    // C's own way to ask again: 0 once, and only then 10056.
    const asked = [again(), again()];
    theatre.expect(
      {
        en: 'once there is room it connects by itself: WSAPoll says writable, SO_ERROR 0, a further connect 10056',
        zh: '一有位置就自己连上了：WSAPoll 报告可写，SO_ERROR 为 0，再次 connect 返回 10056',
      },
      row.state === 'ESTABLISHED' && error === 0 && asked.at(-1)?.code === WSAEISCONN,
      `${row.state}; SO_ERROR: ${error}; ${asked.map(({ text }) => text).join('; ')}`,
    );
    return codeText(first.code);
  } finally {
    closesocket(s);
  }
}

/** The kernel's row of this connection. Its own port may stand in others' rows, too: a port is free for each other end. */
function rowOf(s: SOCKET, { port }: FullListener): TcpRow | undefined {
  return tcpRows({ localPort: portOf(s), remotePort: port })[0];
}

/** Whether the socket can be written, asked without waiting: 1 or 0. */
function writable(s: SOCKET): Outcome {
  return outcome('WSAPoll', WSAPoll([{ fd: s, events: POLLOUT, revents: 0 }], 1, 0));
}
