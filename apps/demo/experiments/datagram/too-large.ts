/** The largest datagram that there is, and one that is larger. */
import { type SockaddrIn, sizeof } from '@netloom/sockaddr';
import { type SOCKET, sendto, WSAEMSGSIZE, WSAETIMEDOUT } from '@netloom/winsock-native';
import type { Theatre } from '../../theatre/scene.js';
import { outcome } from '../shared/outcome.js';
import { receive, show } from './calls.js';

/** 65535, the largest length of an IP packet, without IP's own 20 bytes and UDP's 8. */
const LARGEST = 65507;

/** So that it can be told from an empty buffer. */
const LETTER = 0x78;

/** The largest datagram, and one byte more. */
export function tooLarge(theatre: Theatre, sender: SOCKET, receiver: SOCKET, to: SockaddrIn): void {
  theatre.tell({
    en: `3. The largest datagram over IPv4: 65535 bytes of packet, less 20 for IP and 8 for UDP, are ${LARGEST}.`,
    zh: `3. IPv4 上最大的数据报：包长 65535 字节，减去 IP 的 20 和 UDP 的 8，剩 ${LARGEST}。`,
  });
  const send = (bytes: number) =>
    outcome(
      `sendto(${bytes})`,
      sendto(sender, new Uint8Array(bytes).fill(LETTER), bytes, 0, to, sizeof(to)),
    );
  const largest = send(LARGEST);
  const oneMore = send(LARGEST + 1);
  const got = receive(receiver, 0, '0', LARGEST + 1);
  const after = receive(receiver, 0);
  show(theatre, [largest, oneMore], [got, after]);
  theatre.expect(
    {
      en: `${LARGEST} bytes travel in one datagram; ${LARGEST + 1} give 10040, and nothing is sent`,
      zh: `${LARGEST} 字节可以装进一个数据报；${LARGEST + 1} 字节则返回 10040，什么也没发出去`,
    },
    largest.result === LARGEST &&
      oneMore.code === WSAEMSGSIZE &&
      got.result === LARGEST &&
      after.code === WSAETIMEDOUT,
    [largest, oneMore, got, after].map(({ text }) => text).join('; '),
  );
}
