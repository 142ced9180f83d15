/** The play's own ends of connections, through the C surface; and what the kernel says of them. */
import { AF_INET, IPPROTO_TCP, SockaddrIn, sizeof } from '@netloom/sockaddr';
import {
  accept,
  bind,
  connect,
  FIONBIO,
  FIONREAD,
  getsockopt,
  INVALID_SOCKET,
  ioctlsocket,
  listen,
  recv,
  SOCK_STREAM,
  type SOCKET,
  send,
  socket,
  TCP_INFO,
  type tcp_info,
  WSAEWOULDBLOCK,
  WSAGetLastError,
} from '@netloom/winsock-native';
import { Problem } from '../../commands/problem.js';
import { within } from '../../theatre/kernel.js';
import { must } from './outcome.js';
import { portOf } from './two-ends.js';

const LOOK_MS = 10_000;

/** Connects to a server on this machine: its kernel answers at once, whether the server accepts or not. */
export function connectTo(host: string, port: number): SOCKET {
  const sock = must('socket', socket(AF_INET, SOCK_STREAM, 0));
  const address = SockaddrIn.from({ address: host, port });
  must('connect', connect(sock, address, sizeof(address)));
  return sock;
}

/** A listening socket on a port that the system picked. Its `accept` does not block. */
export function listenAnywhere(host: string): { readonly listener: SOCKET; readonly port: number } {
  const listener = must('socket', socket(AF_INET, SOCK_STREAM, 0));
  const address = SockaddrIn.from({ address: host, port: 0 });
  must('bind', bind(listener, address, sizeof(address)));
  must('listen', listen(listener, 1));
  must('ioctlsocket', ioctlsocket(listener, FIONBIO, { value: 1 }));
  return { listener, port: portOf(listener) };
}

/** Waits for the next connection of a socket of {@link listenAnywhere}. */
export async function nextConnection(listener: SOCKET): Promise<SOCKET> {
  const taken = () => {
    const sock = accept(listener, null, null);
    if (sock !== INVALID_SOCKET) return sock;
    if (WSAGetLastError() !== WSAEWOULDBLOCK) must('accept', sock);
    return undefined;
  };
  return within(LOOK_MS, taken, { en: 'connection', zh: '连接' });
}

/** Bytes that the kernel has for the next recv. */
export function bytesWaiting(sock: SOCKET): number {
  const count = { value: 0 };
  must('ioctlsocket', ioctlsocket(sock, FIONREAD, count));
  return count.value;
}

/** Waits until the kernel has exactly so many bytes, so that a recv afterwards does not block. */
export async function arrived(sock: SOCKET, bytes: number): Promise<void> {
  await within(LOOK_MS, () => (bytesWaiting(sock) >= bytes ? true : undefined), {
    en: `arrival of ${bytes} bytes`,
    zh: `${bytes} 字节到达`,
  });
}

/** Receives bytes that have {@link arrived}. */
export function take(sock: SOCKET, bytes: number): Uint8Array {
  const buf = new Uint8Array(bytes);
  return buf.subarray(0, must('recv', recv(sock, buf, sizeof(buf), 0)));
}

/** Sends all of a buffer. */
export function give(sock: SOCKET, buf: ArrayBufferView): void {
  must('send', send(sock, buf, sizeof(buf), 0));
}

/** What the kernel knows of a connection. */
export function tcpInfo(sock: SOCKET): Partial<tcp_info> {
  if (TCP_INFO === undefined) throw new Problem('this experiment needs TCP_INFO, which Linux has');
  const info: Partial<tcp_info> = {};
  must('getsockopt', getsockopt(sock, IPPROTO_TCP, TCP_INFO, info));
  return info;
}

/** Bytes as people write them: `42 d8 b7 df`. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
