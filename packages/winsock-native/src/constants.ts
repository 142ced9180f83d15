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
/** Descriptors as control bytes of a message over a Unix socket: `cmsg_type` with `cmsg_level` SOL_SOCKET. Not on Windows. */
export const SCM_RIGHTS = optional('SCM_RIGHTS');
export const MSG_DONTWAIT = optional('MSG_DONTWAIT');
/** Passed by every send of ours where the system has it: no SIGPIPE. */
export const MSG_NOSIGNAL = optional('MSG_NOSIGNAL');
export const MSG_MORE = optional('MSG_MORE');
export const MSG_EOR = optional('MSG_EOR');
export const MSG_PARTIAL = optional('MSG_PARTIAL');
export const MSG_CMSG_CLOEXEC = optional('MSG_CMSG_CLOEXEC');
export const MSG_CONFIRM = optional('MSG_CONFIRM');
export const MSG_ERRQUEUE = optional('MSG_ERRQUEUE');
export const MSG_FASTOPEN = optional('MSG_FASTOPEN');
export const MSG_WAITFORONE = optional('MSG_WAITFORONE');
export const MSG_ZEROCOPY = optional('MSG_ZEROCOPY');

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

// Options of sockets that not every system has; src/option-table.ts says what each takes.
export const SO_BINDTODEVICE = optional('SO_BINDTODEVICE');
export const SO_BINDTOIFINDEX = optional('SO_BINDTOIFINDEX');
export const SO_BUF_LOCK = optional('SO_BUF_LOCK');
export const SO_BUSY_POLL = optional('SO_BUSY_POLL');
export const SO_INCOMING_CPU = optional('SO_INCOMING_CPU');
export const SO_INCOMING_NAPI_ID = optional('SO_INCOMING_NAPI_ID');
export const SO_LOCK_FILTER = optional('SO_LOCK_FILTER');
export const SO_MARK = optional('SO_MARK');
export const SO_NO_CHECK = optional('SO_NO_CHECK');
export const SO_PASSCRED = optional('SO_PASSCRED');
export const SO_PEEK_OFF = optional('SO_PEEK_OFF');
export const SO_PREFER_BUSY_POLL = optional('SO_PREFER_BUSY_POLL');
export const SO_PRIORITY = optional('SO_PRIORITY');
export const SO_RCVBUFFORCE = optional('SO_RCVBUFFORCE');
export const SO_RCVMARK = optional('SO_RCVMARK');
export const SO_RXQ_OVFL = optional('SO_RXQ_OVFL');
export const SO_SELECT_ERR_QUEUE = optional('SO_SELECT_ERR_QUEUE');
export const SO_SNDBUFFORCE = optional('SO_SNDBUFFORCE');
export const SO_TIMESTAMP = optional('SO_TIMESTAMP');
export const SO_TIMESTAMPNS = optional('SO_TIMESTAMPNS');
export const SO_TXREHASH = optional('SO_TXREHASH');
export const SO_ZEROCOPY = optional('SO_ZEROCOPY');

/** The one protocol of AF_BTH (Bluetooth): serial lines. Not in Linux' standard headers. */
export const BTHPROTO_RFCOMM = optional('BTHPROTO_RFCOMM');

export const TCP_NODELAY = required('TCP_NODELAY');
export const TCP_MAXSEG = required('TCP_MAXSEG');
export const TCP_CONGESTION = optional('TCP_CONGESTION');
export const TCP_CONNECTIONTIMEOUT = optional('TCP_CONNECTIONTIMEOUT');
export const TCP_CORK = optional('TCP_CORK');
export const TCP_DEFER_ACCEPT = optional('TCP_DEFER_ACCEPT');
export const TCP_FASTOPEN = optional('TCP_FASTOPEN');
export const TCP_FASTOPEN_CONNECT = optional('TCP_FASTOPEN_CONNECT');
export const TCP_FASTOPEN_NO_COOKIE = optional('TCP_FASTOPEN_NO_COOKIE');
export const TCP_INFO = optional('TCP_INFO');
export const TCP_INQ = optional('TCP_INQ');
export const TCP_KEEPALIVE = optional('TCP_KEEPALIVE');
export const TCP_KEEPCNT = optional('TCP_KEEPCNT');
export const TCP_KEEPIDLE = optional('TCP_KEEPIDLE');
export const TCP_KEEPINTVL = optional('TCP_KEEPINTVL');
export const TCP_LINGER2 = optional('TCP_LINGER2');
export const TCP_MAXRT = optional('TCP_MAXRT');
export const TCP_NOPUSH = optional('TCP_NOPUSH');
export const TCP_NOTSENT_LOWAT = optional('TCP_NOTSENT_LOWAT');
export const TCP_QUICKACK = optional('TCP_QUICKACK');
export const TCP_SAVE_SYN = optional('TCP_SAVE_SYN');
export const TCP_SYNCNT = optional('TCP_SYNCNT');
export const TCP_THIN_DUPACK = optional('TCP_THIN_DUPACK');
export const TCP_THIN_LINEAR_TIMEOUTS = optional('TCP_THIN_LINEAR_TIMEOUTS');
export const TCP_TX_DELAY = optional('TCP_TX_DELAY');
export const TCP_ULP = optional('TCP_ULP');
export const TCP_USER_TIMEOUT = optional('TCP_USER_TIMEOUT');
export const TCP_WINDOW_CLAMP = optional('TCP_WINDOW_CLAMP');

// States of a connection: tcp_info's tcpi_state, and the fourth column of /proc/net/tcp. Linux only.
export const TCP_ESTABLISHED = optional('TCP_ESTABLISHED');
export const TCP_SYN_SENT = optional('TCP_SYN_SENT');
export const TCP_SYN_RECV = optional('TCP_SYN_RECV');
export const TCP_FIN_WAIT1 = optional('TCP_FIN_WAIT1');
export const TCP_FIN_WAIT2 = optional('TCP_FIN_WAIT2');
export const TCP_TIME_WAIT = optional('TCP_TIME_WAIT');
export const TCP_CLOSE = optional('TCP_CLOSE');
export const TCP_CLOSE_WAIT = optional('TCP_CLOSE_WAIT');
export const TCP_LAST_ACK = optional('TCP_LAST_ACK');
export const TCP_LISTEN = optional('TCP_LISTEN');
export const TCP_CLOSING = optional('TCP_CLOSING');

// Bits of tcp_info's tcpi_options. Linux only.
export const TCPI_OPT_TIMESTAMPS = optional('TCPI_OPT_TIMESTAMPS');
export const TCPI_OPT_SACK = optional('TCPI_OPT_SACK');
export const TCPI_OPT_WSCALE = optional('TCPI_OPT_WSCALE');
export const TCPI_OPT_ECN = optional('TCPI_OPT_ECN');
export const TCPI_OPT_ECN_SEEN = optional('TCPI_OPT_ECN_SEEN');
export const TCPI_OPT_SYN_DATA = optional('TCPI_OPT_SYN_DATA');

export const UDP_CORK = optional('UDP_CORK');
export const UDP_GRO = optional('UDP_GRO');
export const UDP_SEGMENT = optional('UDP_SEGMENT');

export const IP_TTL = required('IP_TTL');
export const IP_TOS = required('IP_TOS');
export const IP_MULTICAST_LOOP = required('IP_MULTICAST_LOOP');
export const IP_MULTICAST_TTL = required('IP_MULTICAST_TTL');
export const IP_BIND_ADDRESS_NO_PORT = optional('IP_BIND_ADDRESS_NO_PORT');
export const IP_CHECKSUM = optional('IP_CHECKSUM');
export const IP_DONTFRAGMENT = optional('IP_DONTFRAGMENT');
export const IP_FREEBIND = optional('IP_FREEBIND');
export const IP_HDRINCL = optional('IP_HDRINCL');
export const IP_LOCAL_PORT_RANGE = optional('IP_LOCAL_PORT_RANGE');
export const IP_MINTTL = optional('IP_MINTTL');
export const IP_MTU = optional('IP_MTU');
export const IP_MTU_DISCOVER = optional('IP_MTU_DISCOVER');
export const IP_MULTICAST_ALL = optional('IP_MULTICAST_ALL');
export const IP_NODEFRAG = optional('IP_NODEFRAG');
export const IP_PKTINFO = optional('IP_PKTINFO');
export const IP_RECVERR = optional('IP_RECVERR');
export const IP_RECVOPTS = optional('IP_RECVOPTS');
export const IP_RECVTOS = optional('IP_RECVTOS');
export const IP_RECVTTL = optional('IP_RECVTTL');
export const IP_TRANSPARENT = optional('IP_TRANSPARENT');
export const IP_UNICAST_IF = optional('IP_UNICAST_IF');
// Values of IP_MTU_DISCOVER: whether datagrams may be cut in pieces on their way. Linux only.
export const IP_PMTUDISC_DONT = optional('IP_PMTUDISC_DONT');
export const IP_PMTUDISC_WANT = optional('IP_PMTUDISC_WANT');
export const IP_PMTUDISC_DO = optional('IP_PMTUDISC_DO');
export const IP_PMTUDISC_PROBE = optional('IP_PMTUDISC_PROBE');
export const IP_PMTUDISC_INTERFACE = optional('IP_PMTUDISC_INTERFACE');
export const IP_PMTUDISC_OMIT = optional('IP_PMTUDISC_OMIT');

export const IPV6_V6ONLY = required('IPV6_V6ONLY');
export const IPV6_MULTICAST_HOPS = required('IPV6_MULTICAST_HOPS');
export const IPV6_MULTICAST_IF = required('IPV6_MULTICAST_IF');
export const IPV6_MULTICAST_LOOP = required('IPV6_MULTICAST_LOOP');
export const IPV6_UNICAST_HOPS = required('IPV6_UNICAST_HOPS');
export const IPV6_ADDR_PREFERENCES = optional('IPV6_ADDR_PREFERENCES');
export const IPV6_AUTOFLOWLABEL = optional('IPV6_AUTOFLOWLABEL');
export const IPV6_DONTFRAG = optional('IPV6_DONTFRAG');
export const IPV6_FREEBIND = optional('IPV6_FREEBIND');
export const IPV6_HDRINCL = optional('IPV6_HDRINCL');
export const IPV6_MINHOPCOUNT = optional('IPV6_MINHOPCOUNT');
export const IPV6_MTU = optional('IPV6_MTU');
export const IPV6_MTU_DISCOVER = optional('IPV6_MTU_DISCOVER');
export const IPV6_MULTICAST_ALL = optional('IPV6_MULTICAST_ALL');
export const IPV6_RECVERR = optional('IPV6_RECVERR');
export const IPV6_RECVHOPLIMIT = optional('IPV6_RECVHOPLIMIT');
export const IPV6_RECVPKTINFO = optional('IPV6_RECVPKTINFO');
export const IPV6_RECVTCLASS = optional('IPV6_RECVTCLASS');
export const IPV6_TCLASS = optional('IPV6_TCLASS');
export const IPV6_TRANSPARENT = optional('IPV6_TRANSPARENT');
export const IPV6_UNICAST_IF = optional('IPV6_UNICAST_IF');
// Values of IPV6_MTU_DISCOVER.
export const IPV6_PMTUDISC_DONT = optional('IPV6_PMTUDISC_DONT');
export const IPV6_PMTUDISC_WANT = optional('IPV6_PMTUDISC_WANT');
export const IPV6_PMTUDISC_DO = optional('IPV6_PMTUDISC_DO');
export const IPV6_PMTUDISC_PROBE = optional('IPV6_PMTUDISC_PROBE');
export const IPV6_PMTUDISC_INTERFACE = optional('IPV6_PMTUDISC_INTERFACE');
export const IPV6_PMTUDISC_OMIT = optional('IPV6_PMTUDISC_OMIT');

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
