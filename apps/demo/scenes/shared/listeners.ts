/** A server's own listening sockets: a stranger may listen on the same port at another address. */
import type { TcpRow } from '../../theatre/kernel.js';
import type { Actor } from '../../theatre/scene.js';
import { tcpRowsOf } from '../../theatre/tcp-rows-of.js';

/** The rows of the sockets on which this program listens; their receive queue is the accept queue's length. */
export function listenersOf({ pid }: Actor, port: number): TcpRow[] {
  return tcpRowsOf(pid, { localPort: port, state: 'LISTEN' });
}
