/**
 * The fixed port of the tutorial's clients, 10000, or the next one that can be had.
 *
 * A client that closes first leaves its port in TIME_WAIT for a minute, so the second run within that minute cannot have
 * the same. Stage 9 is about this; the others step aside and say so.
 */
import { AF_INET, SockaddrIn } from '@netloom/sockaddr';
import { SOCK_STREAM, Socket, SocketError } from '@netloom/winsock-native';
import { Problem } from '../../commands/problem.js';
import { tcpRows } from '../../theatre/kernel.js';
import type { Actor, Theatre } from '../../theatre/scene.js';
import { secondsLeft } from './time-wait.js';

export const FIRST_PORT = 10000;
/** More runs than fit into a minute. */
const PORTS_TRIED = 200;

/** Starts a client on such a port, and waits until it has printed `ready`. Between trial and bind another may be quicker. */
export async function clientOnOwnPort(
  theatre: Theatre,
  ready: RegExp,
  start: (localPort: number) => Actor,
): Promise<{ readonly client: Actor; readonly localPort: number }> {
  const readyOrRefused = new RegExp(`${ready.source}|^bind failed: 10048 .*$`, 'm');
  for (;;) {
    const localPort = ownPort(theatre);
    const client = start(localPort);
    const [said] = await client.printed(readyOrRefused);
    if (!said.startsWith('bind failed')) return { client, localPort };
    await client.ended;
    theatre.tell({
      en: `Port ${localPort} was free a moment ago; another program was quicker. Once more.`,
      zh: `端口 ${localPort} 刚才还空着，却被别的程序抢先了。再来一次。`,
    });
  }
}

/** Finds the first port from 10000 up that `bind` takes, and tells which were not to be had, and why. */
export function ownPort(theatre: Theatre): number {
  for (let port = FIRST_PORT; port < FIRST_PORT + PORTS_TRIED; port += 1) {
    const refusal = bindRefusal(theatre.host, port);
    if (refusal === undefined) return port;
    const holder = holderOf(port);
    theatre.tell({
      en: `Port ${port} cannot be bound (${refusal}): ${holder.en}. The next one, then.`,
      zh: `端口 ${port} 绑定不了（${refusal}）：${holder.zh}。改用下一个端口。`,
    });
  }
  throw new Problem({
    en: `none of the ports ${FIRST_PORT} to ${FIRST_PORT + PORTS_TRIED - 1} can be bound; wait a minute`,
    zh: `${FIRST_PORT} 到 ${FIRST_PORT + PORTS_TRIED - 1} 的端口都绑定不了，请等一分钟再试`,
  });
}

/** A trial: a bound socket that never connects leaves nothing behind when it closes. */
function bindRefusal(address: string, port: number): string | undefined {
  const trial = Socket.create(AF_INET, SOCK_STREAM);
  try {
    trial.bind(SockaddrIn.from({ address, port }));
    return undefined;
  } catch (error) {
    if (!(error instanceof SocketError && error.code === 'EADDRINUSE')) throw error;
    return `${error.wsaCode} ${error.wsaName}`;
  } finally {
    trial.close();
  }
}

function holderOf(port: number): { en: string; zh: string } {
  const [row] = tcpRows({ localPort: port });
  if (row === undefined) return { en: 'a program has bound it', zh: '有程序绑定了它' };
  if (row.state !== 'TIME_WAIT') {
    return { en: `the kernel shows it ${row.state}`, zh: `内核显示它处于 ${row.state}` };
  }
  const left = secondsLeft(row);
  return {
    en: `an earlier client left it in TIME_WAIT for another ${left} s`,
    zh: `先前的客户端让它留在 TIME_WAIT，还剩 ${left} 秒`,
  };
}
