/** What a connection leaves behind in the kernel: one row in TIME_WAIT, with the side that closed first. */
import { type TcpRow, tcpRows, within } from '../../theatre/kernel.js';
import type { Theatre } from '../../theatre/scene.js';

const LOOK_MS = 5000;

/** Expects that of the two ends of a finished connection only the client's is left, in TIME_WAIT. */
export async function expectTimeWait(
  theatre: Theatre,
  clientPort: number | undefined,
  serverPort: number,
): Promise<void> {
  const rows = await within(
    LOOK_MS,
    () => {
      const ends = endsOf(clientPort, serverPort);
      // The last acknowledgements are under way for a moment.
      return ends.every(({ state }) => state === 'TIME_WAIT') ? ends : undefined;
    },
    { en: 'end of the connection', zh: '连接的结束' },
  );
  const [left] = rows;
  theatre.expect(
    {
      en: 'what is left is one row, TIME_WAIT at the client’s port: the client closed first',
      zh: '只剩下一行，是客户端端口的 TIME_WAIT：先关闭的是客户端',
    },
    rows.length === 1 && left?.local.port === clientPort,
    left === undefined
      ? '/proc/net/tcp: -'
      : {
          en: `/proc/net/tcp: ${left.local} → ${left.remote} TIME_WAIT, ${secondsLeft(left)} s left`,
          zh: `/proc/net/tcp：${left.local} → ${left.remote} TIME_WAIT，还剩 ${secondsLeft(left)} 秒`,
        },
  );
}

/** What is left of a row's timer, in seconds with one decimal. */
export function secondsLeft({ timerMs }: Pick<TcpRow, 'timerMs'>): string {
  return (timerMs / 1000).toFixed(1);
}

function endsOf(onePort: number | undefined, otherPort: number): TcpRow[] {
  return tcpRows({ port: otherPort }).filter(
    ({ local, remote }) =>
      (local.port === onePort && remote.port === otherPort) ||
      (local.port === otherPort && remote.port === onePort),
  );
}
