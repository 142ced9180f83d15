/**
 * An address that does not answer, on loopback: a listener with backlog 0 whose queue is full.
 *
 * Linux holds backlog + 1 finished connections, so one client that nobody accepts fills it; the SYN of the next is dropped.
 */
import { AF_INET, SockaddrIn, sizeof } from '@netloom/sockaddr';
import {
  accept,
  bind,
  closesocket,
  connect,
  listen,
  SOCK_STREAM,
  type SOCKET,
  socket,
} from '@netloom/winsock-native';
import { tcpRows, within } from '../../theatre/kernel.js';
import type { Theatre } from '../../theatre/scene.js';
import { must } from '../shared/outcome.js';
import { portOf } from '../shared/two-ends.js';

const LOOK_MS = 5000;

export class FullListener implements Disposable {
  readonly address: SockaddrIn;
  readonly #listener: SOCKET;
  readonly #open: SOCKET[] = [];

  constructor(host: string) {
    this.#listener = this.#kept(must('socket', socket(AF_INET, SOCK_STREAM, 0)));
    this.address = SockaddrIn.from({ address: host, port: 0 });
    must('bind', bind(this.#listener, this.address, sizeof(this.address)));
    must('listen', listen(this.#listener, 0));
    this.address.port = portOf(this.#listener);
    const first = this.#kept(must('socket', socket(AF_INET, SOCK_STREAM, 0)));
    must('connect', connect(first, this.address, sizeof(this.address)));
  }

  get port(): number {
    return this.address.port;
  }

  /** Shows the queue, once the kernel has the first client in it. */
  async filled(theatre: Theatre): Promise<void> {
    const look = () => {
      const [row] = tcpRows({ localPort: this.port, state: 'LISTEN' });
      return row?.receiveQueue === 1 ? row : undefined;
    };
    const row = await within(LOOK_MS, look, { en: 'full queue', zh: '排满的队列' });
    theatre.tell({
      en: `An address that does not answer: ${row.local} listens with backlog 0, and one client that nobody accepts fills its queue (receive queue ${row.receiveQueue} in /proc/net/tcp).`,
      zh: `一个没有回应的地址：${row.local} 以 backlog 0 监听，一个没人 accept 的客户端就占满了队列（/proc/net/tcp 中接收队列为 ${row.receiveQueue}）。`,
    });
  }

  /** Accepts the one that waits, so that there is room for the next SYN. */
  makeRoom(): void {
    this.#kept(must('accept', accept(this.#listener, null, null)));
  }

  [Symbol.dispose](): void {
    for (const s of this.#open.splice(0)) closesocket(s);
  }

  #kept(s: SOCKET): SOCKET {
    this.#open.push(s);
    return s;
  }
}
