/** A buffer that is too small: the first part of the datagram is delivered, the rest is gone. */
import type { SockaddrIn } from '@netloom/sockaddr';
import { type SOCKET, WSAEMSGSIZE, WSAETIMEDOUT } from '@netloom/winsock-native';
import { installed } from '../../theatre/installed.js';
import type { Theatre } from '../../theatre/scene.js';
import { portOf } from '../shared/two-ends.js';
import { LONG, ROOM, receive, sendText, show } from './calls.js';

const NEXT = 'next';

/** The same with the bare call of another language: nothing is added to what the kernel says. */
const BARE = `
import socket
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(('127.0.0.1', 0))
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'${LONG}', receiver.getsockname())
print('recvfrom:', receiver.recvfrom(${ROOM})[0].decode(), flush=True)
`;

/** Two datagrams, the first too long for the buffer. */
export function tooSmallBuffer(
  theatre: Theatre,
  sender: SOCKET,
  receiver: SOCKET,
  to: SockaddrIn,
): void {
  theatre.tell({
    en: `1. Two datagrams, of ${LONG.length} and ${NEXT.length} bytes; the receiver has room for ${ROOM}.`,
    zh: `1. 两个数据报，${LONG.length} 字节和 ${NEXT.length} 字节；接收方的缓冲区只有 ${ROOM} 字节。`,
  });
  const calls = [sendText(sender, LONG, to), sendText(sender, NEXT, to)];
  const first = receive(receiver, 0);
  const second = receive(receiver, 0);
  const third = receive(receiver, 0);
  show(theatre, calls, [first, second, third]);
  theatre.expect(
    {
      en: `the first recvfrom gives 10040 and the first ${ROOM} bytes`,
      zh: `第一次 recvfrom 返回 10040，交出前 ${ROOM} 个字节`,
    },
    first.code === WSAEMSGSIZE && first.delivered === LONG.slice(0, ROOM),
    `${first.text}; ${first.delivered}`,
  );
  theatre.expect(
    {
      en: 'the rest is gone, the next datagram is intact, and after it the queue is empty',
      zh: '其余部分没有了；下一个数据报完好无损；再往后队列就空了',
    },
    second.result === NEXT.length && second.delivered === NEXT && third.code === WSAETIMEDOUT,
    `${second.text}, ${second.delivered}; ${third.text}`,
  );
  const own = `${to.address}:${portOf(sender)}`;
  theatre.expect(
    {
      en: 'recvfrom names the sender, of the cut one too: the address that the sender’s socket has',
      zh: 'recvfrom 给出发送方，被截断的也不例外：正是发送方套接字的地址',
    },
    first.from === own && second.from === own,
    `getsockname: ${own}; recvfrom: ${first.from}, ${second.from}`,
  );
}

/** What the kernel itself says of a cut datagram: nothing. */
export async function bareCall(theatre: Theatre): Promise<void> {
  const what = {
    en: `bare Linux cuts in silence: recvfrom succeeds with ${ROOM} bytes`,
    zh: `Linux 本身一声不响地截断：recvfrom 成功返回 ${ROOM} 字节`,
  };
  if (installed('python3') === undefined) {
    theatre.leaveOut({ en: `${what.en} (needs python3)`, zh: `${what.zh}（需要 python3）` });
    return;
  }
  theatre.tell({
    en: 'The 10040 is Winsock’s, and ours on every system. The same by the bare call:',
    zh: '10040 是 Winsock 的约定，我们在每个系统上都照办。换成不加修饰的调用：',
  });
  const bare = theatre.run('python3', ['-c', BARE], { lane: 'python3' });
  const { code } = await bare.ended;
  theatre.expect(
    what,
    code === 0 && bare.out === `recvfrom: ${LONG.slice(0, ROOM)}\n`,
    bare.out.trim() || bare.err.trim(),
  );
}
