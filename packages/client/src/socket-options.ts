/**
 * What a client may ask of its socket before it connects: where to come from, and how TCP shall behave.
 */
import {
  AF_INET,
  AF_INET6,
  IPPROTO_IP,
  IPPROTO_TCP,
  SockaddrIn,
  SockaddrIn6,
} from '@netloom/sockaddr';
import {
  IP_BIND_ADDRESS_NO_PORT,
  SO_BINDTODEVICE,
  SO_KEEPALIVE,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  SocketError,
  TCP_KEEPALIVE,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_NODELAY,
} from '@netloom/winsock-native';
import { checkInteger, shownValue } from './checks.js';
import { type Candidate, familyOf } from './resolve.js';

/** Probes of a silent connection. What is left out is the system's: two hours, 75 s and 9 on Linux. */
export interface KeepAliveOptions {
  /** Silence before the first probe; whole seconds count. */
  readonly idleMs?: number | undefined;
  /** Between probes without an answer; whole seconds count. */
  readonly intervalMs?: number | undefined;
  /** So many without an answer end the connection with ETIMEDOUT. */
  readonly count?: number | undefined;
}

export interface TcpSocketOptions {
  /**
   * The port to come from; default: 0, the system chooses.
   *
   * A trap: the side that closes a connection first keeps its port in TIME_WAIT for one to four minutes, and a port that is
   * said here cannot be used again so long. Addresses are then tried one at a time.
   */
  readonly localPort?: number | undefined;
  /** Sends and receives by this interface only, `eth0`; Linux. */
  readonly networkInterface?: string | undefined;
  /** Whether small pieces are sent at once (TCP_NODELAY); default: the system's, which waits for the peer's answer. */
  readonly noDelay?: boolean | undefined;
  /** Whether, and how, a silent peer is probed (SO_KEEPALIVE); default: the system's, which does not. */
  readonly keepAlive?: boolean | KeepAliveOptions | undefined;
}

/** @throws {TypeError | RangeError} one of the options is none */
export function checkSocketOptions(options: TcpSocketOptions): void {
  checkInteger('localPort', options.localPort ?? 0, 0, 0xffff);
  const { networkInterface, keepAlive } = options;
  if (networkInterface !== undefined) {
    if (typeof networkInterface !== 'string' || networkInterface === '') {
      throw new TypeError(
        `networkInterface must be an interface's name, such as 'eth0': got ${shownValue(networkInterface)}`,
      );
    }
    if (SO_BINDTODEVICE === undefined) {
      throw new TypeError(
        `networkInterface is there on Linux only, not on ${process.platform}: give one of its addresses as localAddress`,
      );
    }
  }
  if (keepAlive === undefined || typeof keepAlive === 'boolean') return;
  if (typeof keepAlive !== 'object' || keepAlive === null) {
    throw new TypeError(
      `keepAlive must be true, false or { idleMs, intervalMs, count }: got ${shownValue(keepAlive)}`,
    );
  }
  const { idleMs = 1000, intervalMs = 1000, count = 1 } = keepAlive;
  // The system's limits: 32767 seconds and 127 probes on Linux.
  checkInteger('keepAlive.idleMs', idleMs, 1000, 32_767_000);
  checkInteger('keepAlive.intervalMs', intervalMs, 1000, 32_767_000);
  checkInteger('keepAlive.count', count, 1, 127);
}

/** Makes a socket that will connect to `peer`. */
export function openSocket(
  peer: Candidate,
  local: Candidate | undefined,
  options: TcpSocketOptions,
): Socket {
  const socket = Socket.create(familyOf(peer) === 4 ? AF_INET : AF_INET6, SOCK_STREAM, IPPROTO_TCP);
  try {
    prepare(socket, options);
    bindLocal(socket, peer, local, options.localPort ?? 0);
  } catch (error) {
    socket.close();
    throw error;
  }
  return socket;
}

function prepare(socket: Socket, { networkInterface, noDelay, keepAlive }: TcpSocketOptions): void {
  if (networkInterface !== undefined && SO_BINDTODEVICE !== undefined) {
    socket.setOption(SOL_SOCKET, SO_BINDTODEVICE, networkInterface);
  }
  if (noDelay !== undefined) socket.setOption(IPPROTO_TCP, TCP_NODELAY, noDelay);
  if (keepAlive === undefined) return;
  socket.setOption(SOL_SOCKET, SO_KEEPALIVE, keepAlive !== false);
  if (typeof keepAlive === 'boolean') return;
  // MACOS: the idle time has another name there.
  setTcp(socket, TCP_KEEPIDLE ?? TCP_KEEPALIVE, seconds(keepAlive.idleMs));
  setTcp(socket, TCP_KEEPINTVL, seconds(keepAlive.intervalMs));
  setTcp(socket, TCP_KEEPCNT, keepAlive.count);
}

function setTcp(socket: Socket, option: number | undefined, value: number | undefined): void {
  if (option !== undefined && value !== undefined) socket.setOption(IPPROTO_TCP, option, value);
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms / 1000);
}

function bindLocal(
  socket: Socket,
  peer: Candidate,
  local: Candidate | undefined,
  localPort: number,
): void {
  if (local === undefined && localPort === 0) return;
  // An address without a port: the port is chosen when it connects, and need differ only from those to the same peer.
  if (localPort === 0 && IP_BIND_ADDRESS_NO_PORT !== undefined) {
    socket.setOption(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, true);
  }
  socket.bind(local ?? wildcard(peer, localPort));
}

function wildcard(peer: Candidate, port: number): Candidate {
  if (familyOf(peer) === 4) return SockaddrIn.from({ address: '0.0.0.0', port });
  return SockaddrIn6.from({ address: '::', port });
}

/** What a fixed local port adds to an error that it has caused. */
export function explainLocalPort(error: SocketError, localPort: number): SocketError {
  const isTaken = error.code === 'EADDRINUSE' || error.code === 'EADDRNOTAVAIL';
  if (localPort === 0 || !isTaken) return error;
  const { code, wsaCode, syscall, address, port } = error;
  const isIpv6 = address?.includes(':') === true;
  const from = isIpv6 ? SockaddrIn6 : SockaddrIn;
  const peer = address === undefined ? undefined : from.from({ address, port: port ?? 0 });
  const detail =
    `localPort ${localPort} is taken, or its last connection is in TIME_WAIT, where the side that closed first ` +
    'keeps it for one to four minutes: leave localPort out, or let the peer close first';
  return new SocketError({ code, wsaCode, syscall, peer, detail, cause: error });
}
