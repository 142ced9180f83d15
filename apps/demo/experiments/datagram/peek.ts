/** MSG_PEEK, MSG_TRUNC and FIONREAD: how large the datagram is that waits. */
import type { SockaddrIn } from '@netloom/sockaddr';
import {
  FIONREAD,
  ioctlsocket,
  MSG_PEEK,
  MSG_TRUNC,
  type SOCKET,
  WSAEMSGSIZE,
  WSAETIMEDOUT,
} from '@netloom/winsock-native';
import type { Theatre } from '../../theatre/scene.js';
import { outcome } from '../shared/outcome.js';
import { LONG, ROOM, receive, sendText, show } from './calls.js';

/** Looking before taking, and asking for the true length. */
export function peekAndTruncate(
  theatre: Theatre,
  sender: SOCKET,
  receiver: SOCKET,
  to: SockaddrIn,
): void {
  theatre.tell({
    en: `2. The same ${LONG.length} bytes again, looked at before they are taken.`,
    zh: `2. 再发同样的 ${LONG.length} 字节，先看后取。`,
  });
  const calls = [sendText(sender, LONG, to)];
  const waiting = { value: 0 };
  calls.push(outcome('ioctlsocket(FIONREAD)', ioctlsocket(receiver, FIONREAD, waiting)));
  const peeked = receive(receiver, MSG_PEEK, 'MSG_PEEK');
  const length = receive(receiver, MSG_PEEK | MSG_TRUNC, 'MSG_PEEK | MSG_TRUNC');
  const taken = receive(receiver, MSG_TRUNC, 'MSG_TRUNC');
  const after = receive(receiver, 0);
  show(theatre, calls, [peeked, length, taken, after]);
  theatre.expect(
    {
      en: 'MSG_PEEK leaves the datagram where it is; with MSG_TRUNC the result is its true length instead of 10040',
      zh: 'MSG_PEEK 不取走数据报；加上 MSG_TRUNC，返回的是真实长度，而不是 10040',
    },
    peeked.code === WSAEMSGSIZE &&
      length.result === LONG.length &&
      taken.result === LONG.length &&
      taken.delivered === LONG.slice(0, ROOM),
    [peeked, length, taken].map(({ text }) => text).join('; '),
  );
  theatre.expect(
    {
      en: 'FIONREAD gives the length of the first datagram; after the one that took it nothing is left',
      zh: 'FIONREAD 给出队首数据报的长度；取走之后什么也不剩',
    },
    waiting.value === LONG.length && after.code === WSAETIMEDOUT,
    `FIONREAD ${waiting.value}; ${after.text}`,
  );
}
