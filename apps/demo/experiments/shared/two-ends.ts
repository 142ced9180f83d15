/**
 * Both ends of a TCP connection in one process, as raw handles.
 *
 * On loopback `connect` returns as soon as the kernel has finished the handshake, with nobody in `accept`; then `accept`
 * finds the connection. So one thread can be client and server, as long as it never waits for itself.
 */
import { AF_INET, SockaddrIn, sizeof } from '@netloom/sockaddr';
import {
  accept,
  bind,
  closesocket,
  connect,
  getsockname,
  INVALID_SOCKET,
  listen,
  SOCK_STREAM,
  type SOCKET,
  socket,
} from '@netloom/winsock-native';
import { type TcpRow, type TcpState, tcpRows, within } from '../../theatre/kernel.js';
import { must, type Outcome, outcome } from './outcome.js';

const LOOK_MS = 5000;

export type End = 'client' | 'server';

export class TwoEnds implements Disposable {
  /** INVALID_SOCKET once closed, as everywhere. */
  client: SOCKET;
  server: SOCKET;
  readonly clientPort: number;
  readonly serverPort: number;

  constructor(host: string) {
    const listener = must('socket', socket(AF_INET, SOCK_STREAM, 0));
    this.client = must('socket', socket(AF_INET, SOCK_STREAM, 0));
    const address = SockaddrIn.from({ address: host, port: 0 });
    must('bind', bind(listener, address, sizeof(address)));
    must('listen', listen(listener, 1));
    this.serverPort = portOf(listener);
    address.port = this.serverPort;
    must('connect', connect(this.client, address, sizeof(address)));
    this.clientPort = portOf(this.client);
    this.server = must('accept', accept(listener, null, null));
    must('closesocket', closesocket(listener));
  }

  /** Closes one end, and marks it. */
  close(end: End): Outcome {
    const done = outcome('closesocket', closesocket(this[end]));
    this[end] = INVALID_SOCKET;
    return done;
  }

  /** The kernel's row of one end. */
  row(end: End): TcpRow | undefined {
    const [localPort, remotePort] =
      end === 'client' ? [this.clientPort, this.serverPort] : [this.serverPort, this.clientPort];
    return tcpRows({ localPort, remotePort })[0];
  }

  /** Waits until the kernel has both ends in these states; `undefined`: no row. */
  async untilStates(client: TcpState | undefined, server: TcpState | undefined): Promise<void> {
    const wanted = `${client ?? '-'}, ${server ?? '-'}`;
    const look = () => (this.states() === wanted ? true : undefined);
    await within(LOOK_MS, look, { en: `states ${wanted}`, zh: `状态 ${wanted}` });
  }

  /** `FIN_WAIT2, CLOSE_WAIT`: client, server. */
  states(): string {
    return `${this.row('client')?.state ?? '-'}, ${this.row('server')?.state ?? '-'}`;
  }

  [Symbol.dispose](): void {
    if (this.client !== INVALID_SOCKET) this.close('client');
    if (this.server !== INVALID_SOCKET) this.close('server');
  }
}

/** A socket's own port. */
export function portOf(s: SOCKET): number {
  const own = new SockaddrIn();
  must('getsockname', getsockname(s, own, { value: sizeof(own) }));
  return own.port;
}
