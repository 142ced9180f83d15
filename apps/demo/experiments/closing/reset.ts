/** Two ways to a reset: closing with unread data, which nobody meant so, and SO_LINGER with 0 seconds, which means it. */
import { sizeof } from '@netloom/sockaddr';
import {
  FIONBIO,
  ioctlsocket,
  recv,
  SO_LINGER,
  type SOCKET,
  SOL_SOCKET,
  send,
  setsockopt,
  WSAECONNRESET,
  WSAEWOULDBLOCK,
} from '@netloom/winsock-native';
import { tcpExt } from '../../theatre/kernel.js';
import type { Theatre } from '../../theatre/scene.js';
import { codeText, must, type Outcome, outcome } from '../shared/outcome.js';
import { arrived } from '../shared/sockets.js';
import { TwoEnds } from '../shared/two-ends.js';

const QUESTION = new TextEncoder().encode('are you there?');
const LAST_WORDS = new TextEncoder().encode('last words');

/**
 * The client closes while something that it was sent still waits to be read.
 *
 * @returns what recv ended with
 */
export async function unreadData(theatre: Theatre): Promise<string> {
  theatre.tell({
    en: '2. Closing with unread data. The server asks, the client says its last words and closes without reading the question.',
    zh: '2. 还有数据没读就关闭。服务器提了问，客户端留下最后一句话，没读问题就关闭了。',
  });
  using ends = new TwoEnds(theatre.host);
  must('send', send(ends.server, QUESTION, sizeof(QUESTION), 0));
  await arrived(ends.client, sizeof(QUESTION));
  must('send', send(ends.client, LAST_WORDS, sizeof(LAST_WORDS), 0));
  await arrived(ends.server, sizeof(LAST_WORDS));

  const before = tcpExt('TCPAbortOnClose');
  ends.close('client');
  await ends.untilStates(undefined, undefined);
  const resets = tcpExt('TCPAbortOnClose') - before;
  const { received, end } = readAll(ends.server);
  theatre.expect(
    {
      en: 'closesocket with unread data sends a reset in place of a FIN: recv ends with 10054, and no row is left, no TIME_WAIT',
      zh: '还有数据没读就 closesocket，发出的是 RST 而不是 FIN：recv 以 10054 告终，一行也不留，没有 TIME_WAIT',
    },
    end.code === WSAECONNRESET && resets >= 1,
    {
      en: `${end.text}; /proc/net/netstat: TCPAbortOnClose +${resets}; states ${ends.states()}`,
      zh: `${end.text}；/proc/net/netstat：TCPAbortOnClose +${resets}；状态 ${ends.states()}`,
    },
  );
  theatre.expect(
    {
      en: 'what had arrived before the reset can still be read on Linux, before recv fails',
      zh: '在 Linux 上，RST 之前已到达的数据仍读得到，之后 recv 才失败',
    },
    received === sizeof(LAST_WORDS),
    { en: `${received} bytes, then ${end.text}`, zh: `先读到 ${received} 字节，然后 ${end.text}` },
  );
  return codeText(end.code);
}

/** The client fills the kernel's buffers, then closes with SO_LINGER 0. */
export async function lingerZero(theatre: Theatre): Promise<void> {
  theatre.tell({
    en: '3. SO_LINGER with 0 seconds. The client sends until the kernel takes no more (10035), then closes; the server has read nothing yet.',
    zh: '3. SO_LINGER 设为 0 秒。客户端一直发送，直到内核不再收（10035），然后关闭；服务器此时一个字节也没读。',
  });
  using ends = new TwoEnds(theatre.host);
  const reset = { l_onoff: 1, l_linger: 0 };
  must('setsockopt', setsockopt(ends.client, SOL_SOCKET, SO_LINGER, reset));
  const taken = await sendUntilFull(ends.client);
  const queued = ends.row('client')?.sendQueue ?? 0;

  const before = tcpExt('TCPAbortOnData');
  ends.close('client');
  await ends.untilStates(undefined, undefined);
  const resets = tcpExt('TCPAbortOnData') - before;
  const { received, end } = readAll(ends.server);
  theatre.table({ en: 'Where the bytes went', zh: '这些字节的去向' }, [
    [
      { en: 'bytes that send took', zh: 'send 收下的字节' },
      { en: 'in the client’s send queue', zh: '客户端发送队列中' },
      { en: 'received by the server', zh: '服务器收到' },
      { en: 'lost', zh: '丢失' },
    ],
    [taken, queued, received, taken - received].map(String),
  ]);
  theatre.expect(
    {
      en: 'SO_LINGER 0 resets: recv ends with 10054, no TIME_WAIT, and what had not arrived yet is lost, though send had taken it',
      zh: 'SO_LINGER 设 0 秒即重置：recv 以 10054 告终，没有 TIME_WAIT；还没送达的数据都丢了，尽管 send 早已收下',
    },
    end.code === WSAECONNRESET && resets >= 1 && queued > 0 && received < taken,
    {
      en: `${end.text}; TCPAbortOnData +${resets}; ${taken - received} of ${taken} bytes lost`,
      zh: `${end.text}；TCPAbortOnData +${resets}；${taken} 字节中丢了 ${taken - received} 字节`,
    },
  );
}

/** Sends on a non-blocking socket until the send queue is full and stays so. */
async function sendUntilFull(s: SOCKET): Promise<number> {
  must('ioctlsocket', ioctlsocket(s, FIONBIO, { value: 1 }));
  const block = new Uint8Array(64 * 1024);
  let taken = 0;
  for (;;) {
    const sent = outcome('send', send(s, block, sizeof(block), 0));
    if (sent.code === WSAEWOULDBLOCK) return taken;
    taken += must('send', sent.result);
  }
}

/** Receives what there is, up to the end or the error; the connection is over already, so nothing blocks. */
function readAll(s: SOCKET): { received: number; end: Outcome } {
  const buf = new Uint8Array(64 * 1024);
  let received = 0;
  for (;;) {
    const end = outcome('recv', recv(s, buf, sizeof(buf), 0));
    if (end.result <= 0) return { received, end };
    received += end.result;
  }
}
