/**
 * The experiment about datagrams: UDP keeps the boundaries that TCP does not have, and a buffer that is too small costs the rest.
 * Each part is a file in `datagram/`.
 *
 * The play is both sides: sendto on loopback returns when the datagram is in the receiver's queue, so recvfrom finds it.
 */
import { SockaddrIn } from '@netloom/sockaddr';
import { closesocket } from '@netloom/winsock-native';
import type { Scene } from '../theatre/scene.js';
import { datagramSocket } from './datagram/calls.js';
import { peekAndTruncate } from './datagram/peek.js';
import { bareCall, tooSmallBuffer } from './datagram/small-buffer.js';
import { tooLarge } from './datagram/too-large.js';
import { portOf } from './shared/two-ends.js';
import { withWinsock } from './shared/with-winsock.js';

export const scene: Scene = {
  title: {
    en: 'UDP: a datagram larger than the buffer, and one too large to send',
    zh: 'UDP：比缓冲区大的数据报，以及大得发不出去的数据报',
  },
  conclusion: {
    en:
      'A datagram arrives whole or not at all, with its sender’s address; one recvfrom takes exactly one. What does not fit into the ' +
      'buffer is gone: Winsock fails with 10040 and delivers the first part, bare Linux cuts in silence unless MSG_TRUNC is asked for, ' +
      'and ours answers as Winsock does. MSG_PEEK looks without taking, so the right size can be known before.',
    zh:
      '数据报要么完整到达，要么不到，并带着发送方的地址；一次 recvfrom 正好取走一个。缓冲区放不下的部分就没了：' +
      'Winsock 交出前面一段并返回错误 10040；Linux 本身除非用了 MSG_TRUNC，否则一声不响地截断；我们的实现与 Winsock 一致。' +
      'MSG_PEEK 只看不取，可以事先知道该准备多大的缓冲区。',
  },
  async play(theatre) {
    await withWinsock(async () => {
      const receiver = datagramSocket(theatre.host);
      const sender = datagramSocket(theatre.host);
      try {
        const to = SockaddrIn.from({ address: theatre.host, port: portOf(receiver) });
        tooSmallBuffer(theatre, sender, receiver, to);
        await bareCall(theatre);
        peekAndTruncate(theatre, sender, receiver, to);
        tooLarge(theatre, sender, receiver, to);
      } finally {
        closesocket(receiver);
        closesocket(sender);
      }
    });
  },
};
