/**
 * What a connection is made with and what it tells of itself: types, and the check of the options.
 */
import type { SockaddrLike } from '@netloom/sockaddr';
import type { Watch } from '@netloom/winsock-native/reactor';
import { checkRate, checkTimeoutMs, type MinimumRate, NO_TIMEOUT } from './deadline.js';

export interface ConnectionOptions {
  /** For every receiving operation that states no `timeoutMs` of its own; default: none, `Infinity`. */
  readonly receiveTimeoutMs?: number | undefined;
  /** For every sending operation that states no `timeoutMs` of its own; default: none, `Infinity`. */
  readonly sendTimeoutMs?: number | undefined;
  /**
   * Closes the connection when no byte has gone either way for so long, whoever waits or not: who waits fails with ETIMEDOUT,
   * later calls with EBADF. Its timer keeps the process alive. Default: none, `Infinity`.
   */
  readonly idleTimeoutMs?: number | undefined;
  /** Closes the connection, in the same way, so long after it was made. Default: none, `Infinity`. */
  readonly lifetimeMs?: number | undefined;
  /**
   * Against peers that send a byte now and then: `recvExactly`, `recvUntil` and frames fail with ETIMEDOUT when, from their
   * first byte on, less comes on average. Waiting for the first byte is `receiveTimeoutMs`' affair. Default: none.
   */
  readonly minimumReceiveRate?: MinimumRate | undefined;
  /** Against peers that read too slowly: the same for `send` and `sendFile`, from their beginning on. Default: none. */
  readonly minimumSendRate?: MinimumRate | undefined;
  /** Who is on the other side, where the socket may not know (it came from another thread); default: it is asked. */
  readonly peer?: SockaddrLike | undefined;
  /** The socket's watch, from whoever has waited for it before (a socket is registered once). Taken over too. */
  readonly watch?: Watch | undefined;
}

/** What has gone over a connection so far. */
export interface ConnectionCounters {
  /** Bytes that the kernel has given, those read ahead included. */
  readonly bytesReceived: number;
  /** Bytes that the kernel has taken. */
  readonly bytesSent: number;
  /** Reads of the kernel that brought bytes. */
  readonly receives: number;
  /** Writes of which the kernel took bytes. */
  readonly sends: number;
  /** Bytes read ahead that no reader has taken yet; part of `bytesReceived`. */
  readonly bytesAhead: number;
  /**
   * Bytes that were given to be sent and that the kernel has not taken: what a waiting `send` still has, and what `cork()`
   * holds. 0: there is no back-pressure.
   */
  readonly bytesWaiting: number;
}

/** An operation that waits: one object for as long as it does, so that who looks again sees whether it is the same. */
export interface PendingOperation {
  /** Its name: `recv`, `recvExactly`, `send` … */
  readonly syscall: string;
}

/** @throws {RangeError} a time is no duration, or a rate no rate */
export function checkConnectionOptions(options: ConnectionOptions): void {
  checkTimeoutMs('receiveTimeoutMs', options.receiveTimeoutMs ?? NO_TIMEOUT);
  checkTimeoutMs('sendTimeoutMs', options.sendTimeoutMs ?? NO_TIMEOUT);
  checkTimeoutMs('idleTimeoutMs', options.idleTimeoutMs ?? NO_TIMEOUT);
  checkTimeoutMs('lifetimeMs', options.lifetimeMs ?? NO_TIMEOUT);
  checkRate('minimumReceiveRate', options.minimumReceiveRate);
  checkRate('minimumSendRate', options.minimumSendRate);
}
