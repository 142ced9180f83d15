/** A message in two segments: one recv takes the first and calls it the message; ours waits for the whole. */

import { sizeof } from '@netloom/sockaddr';
import { closesocket, SD_SEND, type SOCKET, shutdown } from '@netloom/winsock-native';
import { serverPort } from '../../scenes/shared/server-port.js';
import { wide, wideText } from '../../stages/shared/wide-text.js';
import { tcpRows, within } from '../../theatre/kernel.js';
import type { Theatre } from '../../theatre/scene.js';
import {
  arrived,
  bytesWaiting,
  connectTo,
  give,
  listenAnywhere,
  nextConnection,
  take,
  tcpInfo,
} from '../shared/sockets.js';

const FIRST = 'ThisIs';
const SECOND = 'OneMessage';
const GREETING_BYTES = 36;
const LOOK_MS = 10_000;

export async function twoSegments(theatre: Theatre): Promise<void> {
  theatre.tell({
    en: `2. Two segments. One message, ${FIRST + SECOND}, sent in two parts: the second only when the first has arrived.`,
    zh: `2. 两个报文段。一条消息 ${FIRST + SECOND} 分两次发送：第一部分到达之后，才发第二部分。`,
  });
  await oneRecv(theatre);
  await wholeMessage(theatre);
}

/** The original's way: whatever the first recv gives is the message. */
async function oneRecv(theatre: Theatre): Promise<void> {
  const { listener, port } = listenAnywhere(theatre.host);
  const sender = connectTo(theatre.host, port);
  const receiver = await nextConnection(listener);
  try {
    give(sender, wide(FIRST));
    await arrived(receiver, sizeof(wide(FIRST)));
    const before = bytesWaiting(receiver);
    const text = textOf(take(receiver, 200));
    give(sender, wide(SECOND));
    await arrived(receiver, sizeof(wide(SECOND)));
    const { tcpi_data_segs_in: segments } = tcpInfo(receiver);
    theatre.expect(
      {
        en: 'one recv, as in the original, gives only what the first segment brought',
        zh: '像原教程那样只调用一次 recv，只能得到第一个报文段带来的内容',
      },
      text === FIRST && segments === 2,
      `FIONREAD ${before}; recv → ${text}; tcpi_data_segs_in ${segments}; FIONREAD ${bytesWaiting(receiver)}`,
    );
  } finally {
    for (const sock of [sender, receiver, listener]) closesocket(sock);
  }
}

/** Stage 4's server, and a client that sends in two parts. */
async function wholeMessage(theatre: Theatre): Promise<void> {
  const server = theatre.start('server', { stage: 4, port: 0 });
  const port = await serverPort(server);
  const sender = connectTo(theatre.host, port);
  try {
    await arrived(sender, GREETING_BYTES);
    take(sender, GREETING_BYTES);
    give(sender, wide(FIRST));
    await taken(sender, port);
    give(sender, wide(SECOND));
    const { tcpi_data_segs_out: segments } = tcpInfo(sender);
    shutdown(sender, SD_SEND);
    await server.ended;
    theatre.expect(
      {
        en: 'stage 4’s server took the first segment by itself, and still prints the whole message',
        zh: '第 4 阶段的服务器先单独收下第一个报文段，打印的仍是完整的消息',
      },
      server.out.endsWith(`\n${FIRST}${SECOND}\n`) && segments === 2,
      `tcpi_data_segs_out ${segments}; ${server.out.split('\n').at(-2)}`,
    );
  } finally {
    closesocket(sender);
  }
}

/** Waits until what was sent has arrived (it is acknowledged) and the server has taken it (nothing waits over there). */
async function taken(sender: SOCKET, port: number): Promise<void> {
  await within(
    LOOK_MS,
    () => {
      if (tcpInfo(sender).tcpi_unacked !== 0) return undefined;
      const [end] = tcpRows({ localPort: port, state: 'ESTABLISHED' });
      return end?.receiveQueue === 0 ? true : undefined;
    },
    { en: 'reading of the first segment', zh: '第一个报文段被读走' },
  );
}

function textOf(bytes: Uint8Array): string {
  return wideText(new Uint16Array(bytes.slice().buffer));
}
