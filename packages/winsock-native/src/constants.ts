/**
 * The constants of sockets as this system has them: the addon's compiler read them from the system's headers.
 *
 * A constant that some supported system lacks is typed `number | undefined`. Constants of addresses (`AF_*`, `IPPROTO_*`)
 * live in `@netloom/sockaddr`, Winsock's error codes in `wsa-codes.ts`.
 */
import type { SOCKET } from './handle.js';
import { native } from './native.js';

/** What a C function returns when it failed; the reason is in `WSAGetLastError()`. */
export const SOCKET_ERROR = -1;

/** No socket: `~0`, on every system. Compare for equality: on Windows the C type is unsigned. */
// SAFETY: the brand has no run-time form; this is the one number that is a SOCKET without an open socket behind it.
export const INVALID_SOCKET = -1 as SOCKET;

export const SOL_SOCKET = required('SOL_SOCKET');

export const SOCK_STREAM = required('SOCK_STREAM');
export const SOCK_DGRAM = required('SOCK_DGRAM');
export const SOCK_RAW = required('SOCK_RAW');
export const SOCK_RDM = required('SOCK_RDM');
export const SOCK_SEQPACKET = required('SOCK_SEQPACKET');
export const SOCK_NONBLOCK = optional('SOCK_NONBLOCK');
export const SOCK_CLOEXEC = optional('SOCK_CLOEXEC');

/** The largest backlog as a constant; 4096 on Linux, where the kernel caps it again at net.core.somaxconn. */
export const SOMAXCONN = required('SOMAXCONN');

/** Ends receiving; Winsock's name for {@link SHUT_RD}. The numbers are the same on every system. */
export const SD_RECEIVE = 0;
/** Ends sending: the peer reads 0. Winsock's name for {@link SHUT_WR}. */
export const SD_SEND = 1;
/** Ends both directions; Winsock's name for {@link SHUT_RDWR}. */
export const SD_BOTH = 2;
export const SHUT_RD = 0;
export const SHUT_WR = 1;
export const SHUT_RDWR = 2;

/** Urgent data, streams only. */
export const MSG_OOB = required('MSG_OOB');
export const MSG_PEEK = required('MSG_PEEK');
export const MSG_DONTROUTE = required('MSG_DONTROUTE');
export const MSG_WAITALL = required('MSG_WAITALL');
export const MSG_TRUNC = required('MSG_TRUNC');
export const MSG_CTRUNC = required('MSG_CTRUNC');
export const MSG_DONTWAIT = optional('MSG_DONTWAIT');
/** Passed by every send of ours where the system has it: no SIGPIPE. */
export const MSG_NOSIGNAL = optional('MSG_NOSIGNAL');
export const MSG_MORE = optional('MSG_MORE');
export const MSG_EOR = optional('MSG_EOR');
export const MSG_PARTIAL = optional('MSG_PARTIAL');

export const SO_ACCEPTCONN = required('SO_ACCEPTCONN');
export const SO_BROADCAST = required('SO_BROADCAST');
export const SO_DEBUG = required('SO_DEBUG');
export const SO_DONTROUTE = required('SO_DONTROUTE');
export const SO_ERROR = required('SO_ERROR');
export const SO_KEEPALIVE = required('SO_KEEPALIVE');
export const SO_LINGER = required('SO_LINGER');
export const SO_OOBINLINE = required('SO_OOBINLINE');
export const SO_RCVBUF = required('SO_RCVBUF');
export const SO_RCVLOWAT = required('SO_RCVLOWAT');
export const SO_RCVTIMEO = required('SO_RCVTIMEO');
/** WINDOWS: lets another socket take over a live port; never set there by default. */
export const SO_REUSEADDR = required('SO_REUSEADDR');
export const SO_SNDBUF = required('SO_SNDBUF');
export const SO_SNDLOWAT = required('SO_SNDLOWAT');
export const SO_SNDTIMEO = required('SO_SNDTIMEO');
export const SO_TYPE = required('SO_TYPE');
export const SO_DOMAIN = optional('SO_DOMAIN');
export const SO_PROTOCOL = optional('SO_PROTOCOL');
export const SO_REUSEPORT = optional('SO_REUSEPORT');
/** Windows only: keeps other sockets off the port. */
export const SO_EXCLUSIVEADDRUSE = optional('SO_EXCLUSIVEADDRUSE');

/** The one protocol of AF_BTH (Bluetooth): serial lines. Not in Linux' standard headers. */
export const BTHPROTO_RFCOMM = optional('BTHPROTO_RFCOMM');

export const TCP_NODELAY = required('TCP_NODELAY');
export const TCP_MAXSEG = required('TCP_MAXSEG');

export const IPV6_V6ONLY = required('IPV6_V6ONLY');

/** Non-blocking mode on (argument not 0) or off. */
export const FIONBIO = required('FIONBIO');
/** Bytes that can be read at once. */
export const FIONREAD = required('FIONREAD');
/** Whether the next byte is the urgent one, in the BSD sense. */
export const SIOCATMARK = required('SIOCATMARK');

export const POLLIN = required('POLLIN');
export const POLLPRI = required('POLLPRI');
export const POLLOUT = required('POLLOUT');
export const POLLERR = required('POLLERR');
export const POLLHUP = required('POLLHUP');
export const POLLNVAL = required('POLLNVAL');
export const POLLRDNORM = required('POLLRDNORM');
export const POLLRDBAND = required('POLLRDBAND');
export const POLLWRNORM = required('POLLWRNORM');
export const POLLWRBAND = required('POLLWRBAND');
export const POLLRDHUP = optional('POLLRDHUP');

function required(name: string): number {
  const value = native.constants[name];
  if (value === undefined) {
    throw new Error(
      `the addon does not know the constant ${name}: it was built from other sources`,
    );
  }
  return value;
}

function optional(name: string): number | undefined {
  return native.constants[name];
}
