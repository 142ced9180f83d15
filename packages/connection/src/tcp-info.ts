/**
 * What the kernel knows of a TCP connection, once or again and again.
 */
import { resumeAfter } from '@netloom/coroutines';
import { IPPROTO_TCP } from '@netloom/sockaddr';
import { type Socket, SocketError, TCP_INFO, type tcp_info } from '@netloom/winsock-native';
import type { Connection } from './connection.js';

export interface TcpInfoSampleOptions {
  /** The time between two samples; default: 1000. */
  readonly everyMs?: number | undefined;
  /** Ends the sampling, without an error. */
  readonly signal?: AbortSignal | undefined;
}

export function tcpInfoOf(socket: Socket | undefined): tcp_info | undefined {
  if (socket === undefined || TCP_INFO === undefined || process.platform !== 'linux') {
    return undefined;
  }
  try {
    // SAFETY: the option table's row for TCP_INFO gives a tcp_info.
    return socket.getOption(IPPROTO_TCP, TCP_INFO) as tcp_info;
  } catch (error) {
    // A Unix socket has no such option.
    if (error instanceof SocketError) return undefined;
    throw error;
  }
}

/**
 * Samples what the kernel knows of a connection, the first time at once, until the connection is closed.
 *
 * @throws {RangeError} `everyMs` is not a number above 0
 */
export async function* sampleTcpInfo(
  connection: Connection,
  options: TcpInfoSampleOptions = {},
): AsyncGenerator<tcp_info, void, undefined> {
  const { everyMs = 1000, signal } = options;
  if (!(everyMs > 0)) throw new RangeError(`everyMs must be a number above 0: got ${everyMs}`);
  const isAborted = () => signal?.aborted === true;
  while (!isAborted()) {
    const info = connection.tcpInfo;
    if (info === undefined) return;
    yield info;
    try {
      await resumeAfter(everyMs, { signal });
    } catch (error) {
      if (!isAborted()) throw error;
    }
  }
}
