/** The orderly close, step by step: a FIN from each side, and the states that the kernel gives to both ends. */
import { sizeof } from '@netloom/sockaddr';
import {
  recv,
  SD_SEND,
  type SOCKET,
  send,
  shutdown,
  TCP_CLOSE,
  TCP_ESTABLISHED,
  TCP_FIN_WAIT2,
} from '@netloom/winsock-native';
import { secondsLeft } from '../../scenes/shared/time-wait.js';
import type { Theatre } from '../../theatre/scene.js';
import { must, outcome } from '../shared/outcome.js';
import { tcpInfo } from '../shared/sockets.js';
import { TwoEnds } from '../shared/two-ends.js';

const LATE = new TextEncoder().encode('still here');

/** @returns what recv gave after the FIN */
export async function orderly(theatre: Theatre): Promise<string> {
  theatre.tell({
    en: '1. The orderly close. The client ends its sending first, and the server may go on with its own.',
    zh: '1. 正常关闭。客户端先结束发送，服务器仍然可以继续发。',
  });
  using ends = new TwoEnds(theatre.host);
  const steps: string[][] = [];
  const step = (call: string, info: SOCKET) =>
    steps.push([call, ...ends.states().split(', '), stateOf(info)]);
  step('connect, accept', ends.client);

  must('shutdown', shutdown(ends.client, SD_SEND));
  await ends.untilStates('FIN_WAIT2', 'CLOSE_WAIT');
  step('client: shutdown(SD_SEND)', ends.client);
  const halfClosed = tcpInfo(ends.client).tcpi_state;

  const buf = new Uint8Array(100);
  const end = outcome('server: recv', recv(ends.server, buf, sizeof(buf), 0));
  step(end.text, ends.client);
  const late = outcome('server: send', send(ends.server, LATE, sizeof(LATE), 0));
  step(late.text, ends.client);
  const heard = outcome('client: recv', recv(ends.client, buf, sizeof(buf), 0));
  step(heard.text, ends.client);

  ends.close('server');
  await ends.untilStates('TIME_WAIT', undefined);
  steps.push(['server: closesocket', ...ends.states().split(', '), stateOf(ends.client)]);
  const last = outcome('client: recv', recv(ends.client, buf, sizeof(buf), 0));
  const row = ends.row('client');
  theatre.table({ en: 'What the kernel makes of each step', zh: '每一步之后内核里的状态' }, [
    [
      { en: 'step', zh: '步骤' },
      { en: 'client’s end', zh: '客户端' },
      { en: 'server’s end', zh: '服务器' },
      { en: 'the client’s TCP_INFO', zh: '客户端的 TCP_INFO' },
    ],
    ...steps,
  ]);

  theatre.expect(
    {
      en: 'after the client’s FIN the server’s recv gives 0; the client is in FIN_WAIT2, the server in CLOSE_WAIT',
      zh: '客户端发出 FIN 之后，服务器的 recv 返回 0；客户端处于 FIN_WAIT2，服务器处于 CLOSE_WAIT',
    },
    end.result === 0 && halfClosed === TCP_FIN_WAIT2,
    `${end.text}; ${steps[1]?.slice(1).join(', ')}`,
  );
  theatre.expect(
    {
      en: 'half closed: what the server sends after that still arrives',
      zh: '半关闭：服务器此后发送的数据照样到达',
    },
    late.result === sizeof(LATE) && heard.result === sizeof(LATE),
    `${late.text}; ${heard.text}`,
  );
  theatre.expect(
    {
      en: 'after the second FIN both are done: recv gives 0 here too, TIME_WAIT stays with the client, who closed first',
      zh: '第二个 FIN 之后双方都结束了：这边的 recv 也返回 0，TIME_WAIT 留在先关闭的客户端',
    },
    last.result === 0 && row?.state === 'TIME_WAIT',
    row === undefined
      ? '-'
      : {
          en: `${last.text}; ${row.local} ${row.state}, ${secondsLeft(row)} s left`,
          zh: `${last.text}；${row.local} ${row.state}，还剩 ${secondsLeft(row)} 秒`,
        },
  );
  return String(end.result);
}

/** The states as the socket itself has them. TIME_WAIT is none of these: it outlives the socket, which is then in CLOSE. */
const STATES = new Map([
  [TCP_ESTABLISHED, 'ESTABLISHED'],
  [TCP_FIN_WAIT2, 'FIN_WAIT2'],
  [TCP_CLOSE, 'CLOSE'],
]);

function stateOf(s: SOCKET): string {
  const { tcpi_state: state } = tcpInfo(s);
  return `${state} ${STATES.get(state) ?? ''}`.trim();
}
