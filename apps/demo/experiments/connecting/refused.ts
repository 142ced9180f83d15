/** A port where nobody listens: the kernel over there answers with a reset, whether connect blocks or not. */
import { AF_INET, SockaddrIn, sizeof } from '@netloom/sockaddr';
import {
  bind,
  closesocket,
  connect,
  FD_ISSET,
  FD_SET,
  FIONBIO,
  fd_set,
  getsockopt,
  ioctlsocket,
  POLLERR,
  POLLOUT,
  SO_ERROR,
  SOCK_STREAM,
  type SOCKET,
  SOL_SOCKET,
  select,
  socket,
  WSAECONNREFUSED,
  WSAEWOULDBLOCK,
  WSAPoll,
} from '@netloom/winsock-native';
import type { Theatre } from '../../theatre/scene.js';
import { codeText, must, outcome } from '../shared/outcome.js';
import { portOf } from '../shared/two-ends.js';

/** Loopback answers in microseconds; whoever waits for a retry of the SYN needs a second. */
const AT_ONCE_MS = 500;
const ONE_SECOND = { tv_sec: 1, tv_usec: 0 };

export async function nobodyListens(theatre: Theatre): Promise<void> {
  using nobody = new Nobody(theatre.host);
  theatre.tell({
    en: `1. A port where nobody listens: ${nobody.address}, bound so that nobody else can come and listen.`,
    zh: `1. 没有人监听的端口：${nobody.address}，先绑定着，免得别人来监听。`,
  });
  const s = must('socket', socket(AF_INET, SOCK_STREAM, 0));
  const begun = performance.now();
  const refusal = outcome('connect', connect(s, nobody.address, sizeof(nobody.address)));
  const ms = performance.now() - begun;
  closesocket(s);
  theatre.expect(
    {
      en: 'a blocking connect is refused at once: 10061',
      zh: '阻塞的 connect 马上被拒绝：10061',
    },
    refusal.code === WSAECONNREFUSED && ms < AT_ONCE_MS,
    {
      en: `${refusal.text}, after ${ms.toFixed(1)} ms`,
      zh: `${refusal.text}，用时 ${ms.toFixed(1)} 毫秒`,
    },
  );
}

export async function nobodyListensNonBlocking(theatre: Theatre): Promise<void> {
  using nobody = new Nobody(theatre.host);
  const s = must('socket', socket(AF_INET, SOCK_STREAM, 0));
  must('ioctlsocket', ioctlsocket(s, FIONBIO, { value: 1 }));
  const begun = outcome('connect', connect(s, nobody.address, sizeof(nobody.address)));

  const writefds = new fd_set();
  const exceptfds = new fd_set();
  FD_SET(s, writefds);
  FD_SET(s, exceptfds);
  const ready = outcome('select', select(0, null, writefds, exceptfds, ONE_SECOND));
  const isInExcept = FD_ISSET(s, exceptfds) !== 0;
  const polled = { fd: s, events: POLLOUT, revents: 0 };
  must('WSAPoll', WSAPoll([polled], 1, 1000));
  const first = soError(s);
  const second = soError(s);
  closesocket(s);
  theatre.expect(
    {
      en: 'a non-blocking one says 10035 first; then the socket is in select’s except set, and WSAPoll gives POLLERR',
      zh: '非阻塞的 connect 先返回 10035；随后该套接字出现在 select 的 except 集合里，WSAPoll 给出 POLLERR',
    },
    begun.code === WSAEWOULDBLOCK && isInExcept && (polled.revents & POLLERR) !== 0,
    `${begun.text}; ${ready.text}, exceptfds: ${isInExcept}; revents 0x${polled.revents.toString(16)}`,
  );
  theatre.expect(
    {
      en: 'SO_ERROR says why, 10061, and only once: reading clears it',
      zh: 'SO_ERROR 说明原因 10061，而且只说一次：读取即清除',
    },
    first === WSAECONNREFUSED && second === 0,
    `SO_ERROR: ${codeText(first)}; ${second}`,
  );
}

/** What a connect in the background has come to; 0: nothing is wrong. */
export function soError(s: SOCKET): number {
  const error = { value: 0 };
  must('getsockopt', getsockopt(s, SOL_SOCKET, SO_ERROR, error));
  return error.value;
}

/** An address that is bound and does not listen. */
class Nobody implements Disposable {
  readonly address: SockaddrIn;
  readonly #s: SOCKET;

  constructor(host: string) {
    this.#s = must('socket', socket(AF_INET, SOCK_STREAM, 0));
    this.address = SockaddrIn.from({ address: host, port: 0 });
    must('bind', bind(this.#s, this.address, sizeof(this.address)));
    this.address.port = portOf(this.#s);
  }

  [Symbol.dispose](): void {
    closesocket(this.#s);
  }
}
