/**
 * Every option of the table, asked from the kernel: a value that is not the default, and what Linux reads back.
 *
 * Each case first asserts that the option is not yet what it will be, so that a call that does nothing fails.
 */
import { readFileSync } from 'node:fs';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_RAW,
  SockaddrIn,
  SockaddrIn6,
} from '@netloom/sockaddr';
import { afterEach, describe, expect, test } from 'vitest';
import {
  IP_PMTUDISC_DO,
  IPV6_PMTUDISC_DO,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
} from './constants.js';
import { OPTION_TABLE, type OptionRow } from './option-table.js';
import { Socket, type SocketOptionValue, WOULD_BLOCK } from './socket.js';
import { SocketError } from './socket-error.js';

const isLinux = process.platform === 'linux';

type Kind = keyof typeof MAKERS;
type Value = SocketOptionValue;

/** Kind of socket, name, value to set (not the default), what is read back where that is something else. */
type Settable = readonly [Kind, string, Value, unknown?];

// What Linux needs for it; where the tests run without, the kernel's refusal is the promise.
const NEEDS_NET_ADMIN = new Set([
  'IP_TRANSPARENT',
  'IPV6_TRANSPARENT',
  'SO_BUSY_POLL',
  'SO_DEBUG',
  'SO_MARK',
  'SO_PREFER_BUSY_POLL',
  'SO_RCVMARK',
]);
const CAP_NET_ADMIN = 12;
const CAP_NET_RAW = 13;

/** The loopback interface's index, 1 on every Linux, in network order. */
const LOOPBACK_IN_NETWORK_ORDER = 0x0100_0000;

const SETTABLE: readonly Settable[] = [
  ['udp', 'IP_BIND_ADDRESS_NO_PORT', true],
  ['udp', 'IP_CHECKSUM', true],
  ['udp', 'IP_FREEBIND', true],
  ['raw', 'IP_HDRINCL', false],
  ['udp', 'IP_LOCAL_PORT_RANGE', (40_001 << 16) | 40_000],
  ['tcp', 'IP_MINTTL', 255],
  ['udp', 'IP_MTU_DISCOVER', IP_PMTUDISC_DO ?? 0],
  ['udp', 'IP_MULTICAST_ALL', false],
  ['udp', 'IP_MULTICAST_LOOP', false],
  ['udp', 'IP_MULTICAST_TTL', 3],
  ['raw', 'IP_NODEFRAG', true],
  ['udp', 'IP_PKTINFO', true],
  ['tcp', 'IP_RECVERR', true],
  ['udp', 'IP_RECVOPTS', true],
  ['udp', 'IP_RECVTOS', true],
  ['udp', 'IP_RECVTTL', true],
  // The two lowest bits of a stream's are the kernel's own (ECN).
  ['tcp', 'IP_TOS', 0x2b, 0x28],
  ['udp', 'IP_TOS', 0x2b],
  ['tcp', 'IP_TRANSPARENT', true],
  ['tcp', 'IP_TTL', 7],
  ['udp', 'IP_UNICAST_IF', LOOPBACK_IN_NETWORK_ORDER],
  // Bit 0x1: a temporary address rather than a public one; the others are the defaults of RFC 5014.
  ['udp6', 'IPV6_ADDR_PREFERENCES', 1, 0x401],
  ['udp6', 'IPV6_AUTOFLOWLABEL', false],
  ['udp6', 'IPV6_DONTFRAG', true],
  ['udp6', 'IPV6_FREEBIND', true],
  ['raw6', 'IPV6_HDRINCL', false],
  ['tcp6', 'IPV6_MINHOPCOUNT', 255],
  ['udp6', 'IPV6_MTU_DISCOVER', IPV6_PMTUDISC_DO ?? 0],
  ['udp6', 'IPV6_MULTICAST_ALL', false],
  ['udp6', 'IPV6_MULTICAST_HOPS', 3],
  ['udp6', 'IPV6_MULTICAST_IF', 1],
  ['udp6', 'IPV6_MULTICAST_LOOP', false],
  ['udp6', 'IPV6_RECVERR', true],
  ['udp6', 'IPV6_RECVHOPLIMIT', true],
  ['udp6', 'IPV6_RECVPKTINFO', true],
  ['udp6', 'IPV6_RECVTCLASS', true],
  ['udp6', 'IPV6_TCLASS', 0x2b],
  ['tcp6', 'IPV6_TRANSPARENT', true],
  ['tcp6', 'IPV6_UNICAST_HOPS', 7],
  ['udp6', 'IPV6_UNICAST_IF', LOOPBACK_IN_NETWORK_ORDER],
  ['tcp6', 'IPV6_V6ONLY', true],
  // Built into every kernel, and nobody's default.
  ['tcp', 'TCP_CONGESTION', 'reno'],
  ['tcp', 'TCP_CORK', true],
  // Seconds become a number of retransmissions, and come back as the time that they take.
  ['tcp', 'TCP_DEFER_ACCEPT', 5, 7],
  ['listener', 'TCP_FASTOPEN', 5],
  ['tcp', 'TCP_FASTOPEN_CONNECT', true],
  ['tcp', 'TCP_FASTOPEN_NO_COOKIE', true],
  ['tcp', 'TCP_INQ', true],
  ['tcp', 'TCP_KEEPCNT', 4],
  ['tcp', 'TCP_KEEPIDLE', 61],
  ['tcp', 'TCP_KEEPINTVL', 11],
  ['tcp', 'TCP_LINGER2', 5],
  ['tcp', 'TCP_MAXSEG', 1000],
  ['tcp', 'TCP_NODELAY', true],
  ['tcp', 'TCP_NOTSENT_LOWAT', 4096],
  ['tcp', 'TCP_QUICKACK', false],
  ['tcp', 'TCP_SAVE_SYN', 1],
  ['tcp', 'TCP_SYNCNT', 3],
  ['tcp', 'TCP_THIN_LINEAR_TIMEOUTS', true],
  ['tcp', 'TCP_TX_DELAY', 7],
  ['tcp', 'TCP_USER_TIMEOUT', 2500],
  ['tcp', 'TCP_WINDOW_CLAMP', 30_000],
  ['udp', 'UDP_CORK', true],
  ['udp', 'UDP_GRO', true],
  ['udp', 'UDP_SEGMENT', 1200],
  ['tcp', 'SO_BINDTODEVICE', 'lo'],
  ['tcp', 'SO_BINDTOIFINDEX', 1],
  ['udp', 'SO_BROADCAST', true],
  ['tcp', 'SO_BUF_LOCK', 1],
  ['udp', 'SO_BUSY_POLL', 50],
  ['tcp', 'SO_DEBUG', true],
  ['udp', 'SO_DONTROUTE', true],
  ['tcp', 'SO_INCOMING_CPU', 0],
  ['tcp', 'SO_KEEPALIVE', true],
  ['tcp', 'SO_LINGER', { l_onoff: 1, l_linger: 5 }],
  ['udp', 'SO_LOCK_FILTER', true],
  ['udp', 'SO_MARK', 7],
  ['udp', 'SO_NO_CHECK', true],
  ['tcp', 'SO_OOBINLINE', true],
  ['unix', 'SO_PASSCRED', true],
  ['udp', 'SO_PEEK_OFF', 3],
  ['udp', 'SO_PREFER_BUSY_POLL', true],
  ['udp', 'SO_PRIORITY', 5],
  ['tcp', 'SO_RCVBUF', 20_000, 40_000],
  ['tcp', 'SO_RCVLOWAT', 9],
  ['udp', 'SO_RCVMARK', true],
  ['tcp', 'SO_RCVTIMEO', { tv_sec: 2, tv_usec: 0 }],
  ['tcp', 'SO_REUSEADDR', true],
  ['tcp', 'SO_REUSEPORT', true],
  ['udp', 'SO_RXQ_OVFL', true],
  ['udp', 'SO_SELECT_ERR_QUEUE', true],
  ['tcp', 'SO_SNDBUF', 20_000, 40_000],
  ['tcp', 'SO_SNDTIMEO', 3000, { tv_sec: 3, tv_usec: 0 }],
  ['udp', 'SO_TIMESTAMP', true],
  ['udp', 'SO_TIMESTAMPNS', true],
  ['tcp', 'SO_TXREHASH', 0],
  ['tcp', 'SO_ZEROCOPY', true],
];

/** Kind of socket, name, what is read. */
const READ_ONLY: readonly (readonly [Kind, string, unknown])[] = [
  ['connected', 'IP_MTU', 65_535],
  ['udp6-connected', 'IPV6_MTU', 65_536],
  ['listener', 'SO_ACCEPTCONN', true],
  ['tcp6', 'SO_DOMAIN', AF_INET6],
  ['tcp', 'SO_ERROR', 0],
  ['tcp', 'SO_INCOMING_NAPI_ID', 0],
  ['udp', 'SO_PROTOCOL', 17],
  ['tcp', 'SO_SNDLOWAT', 1],
  ['udp', 'SO_TYPE', SOCK_DGRAM],
  // The kernel takes it and does nothing, since Linux 4.11.
  ['tcp', 'TCP_THIN_DUPACK', false],
  ['tcp', 'TCP_ULP', ''],
];

/** Tested below, with words of their own. */
const APART = ['SO_RCVBUFFORCE', 'SO_SNDBUFFORCE', 'TCP_INFO'];

/** In no Linux header. */
const ELSEWHERE = [
  'IP_DONTFRAGMENT',
  'SO_EXCLUSIVEADDRUSE',
  'TCP_CONNECTIONTIMEOUT',
  'TCP_KEEPALIVE',
  'TCP_MAXRT',
  'TCP_NOPUSH',
];

const opened: Socket[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

const MAKERS = {
  tcp: () => make(AF_INET, SOCK_STREAM),
  tcp6: () => make(AF_INET6, SOCK_STREAM),
  udp: () => make(AF_INET, SOCK_DGRAM),
  udp6: () => make(AF_INET6, SOCK_DGRAM),
  'udp6-connected': () => {
    const one = make(AF_INET6, SOCK_DGRAM);
    expect(one.tryConnect(SockaddrIn6.from({ address: '::1', port: 9 }))).toBe(undefined);
    return one;
  },
  unix: () => make(AF_UNIX, SOCK_DGRAM),
  raw: () => make(AF_INET, SOCK_RAW, IPPROTO_RAW),
  raw6: () => make(AF_INET6, SOCK_RAW, IPPROTO_RAW),
  listener: () => {
    const one = make(AF_INET, SOCK_STREAM);
    one.bind(SockaddrIn.from({ address: '127.0.0.1', port: 0 }));
    one.listen(7);
    return one;
  },
  connected: () => {
    const one = make(AF_INET, SOCK_STREAM);
    // On loopback the handshake is over when connect returns.
    if (one.tryConnect(MAKERS.listener().localAddress) === WOULD_BLOCK) one.finishConnect();
    return one;
  },
} satisfies Record<string, () => Socket>;

function make(family: number, type: number, protocol = 0): Socket {
  const made = Socket.create(family, type, protocol);
  opened.push(made);
  return made;
}

function rowOf(name: string): OptionRow {
  const found = OPTION_TABLE.find((row) => row.name === name);
  if (found === undefined) throw new Error(`${name} is in no row`);
  return found;
}

/** Sets an option and reads it, before and after. */
function roundTrip(kind: Kind, name: string, value: Value): { before: unknown; after: unknown } {
  const { level, option = -1 } = rowOf(name);
  const one = MAKERS[kind]();
  const before = one.getOption(level, option);
  one.setOption(level, option, value);
  return { before, after: one.getOption(level, option) };
}

function hasCapability(bit: number): boolean {
  const hex = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return ((BigInt(`0x${hex ?? '0'}`) >> BigInt(bit)) & 1n) === 1n;
}

function isAllowed(kind: Kind, name: string): boolean {
  if (kind.startsWith('raw')) return hasCapability(CAP_NET_RAW);
  return !NEEDS_NET_ADMIN.has(name) || hasCapability(CAP_NET_ADMIN);
}

describe.runIf(isLinux)('option table', () => {
  const settable = SETTABLE.filter(([, name]) => rowOf(name).option !== undefined).map(
    ([kind, name, value, readBack]) => ({ kind, name, value, expected: readBack ?? value }),
  );

  test.each(settable)('$kind: $name takes $value and is read back', (settableCase) => {
    const { kind, name, value, expected } = settableCase;
    if (!isAllowed(kind, name)) {
      expect(() => roundTrip(kind, name, value)).toThrow(SocketError);
      return;
    }
    const { before, after } = roundTrip(kind, name, value);
    expect(before).not.toEqual(expected);
    expect(after).toEqual(expected);
  });

  test.each(READ_ONLY)('%s: %s reads %o', (kind, name, value) => {
    const { level, option = -1 } = rowOf(name);
    expect(MAKERS[kind]().getOption(level, option)).toEqual(value);
  });

  test.each([
    ['SO_RCVBUFFORCE', 'SO_RCVBUF'],
    ['SO_SNDBUFFORCE', 'SO_SNDBUF'],
  ])('%s is read as %s', (force, plain) => {
    const { level, option = -1 } = rowOf(force);
    const one = MAKERS.udp();
    const set = (): void => one.setOption(level, option, 30_000);
    if (!hasCapability(CAP_NET_ADMIN)) {
      expect(set).toThrow(SocketError);
      return;
    }
    expect(one.getOption(level, rowOf(plain).option ?? -1)).not.toBe(60_000);
    set();
    expect(one.getOption(level, rowOf(plain).option ?? -1)).toBe(60_000);
  });

  test('a name that does not fit is a TypeError, and an algorithm that is not there ENOENT', () => {
    const { level, option = -1 } = rowOf('TCP_CONGESTION');
    const one = MAKERS.tcp();
    expect(() => one.setOption(level, option, 'a-name-of-16-chr')).toThrow(
      /TCP_CONGESTION.*15 bytes/,
    );
    expect(() => one.setOption(level, option, 'with\0nul')).toThrow(TypeError);
    expect(() => one.setOption(level, option, 7)).toThrow(TypeError);
    expect(() => one.setOption(level, option, 'no-such')).toThrow(/ENOENT/);
  });

  test('every row has a case here', () => {
    const covered = new Set([...SETTABLE, ...READ_ONLY].map(([, name]) => name));
    const missing = OPTION_TABLE.filter(({ name }) => !covered.has(name) && !APART.includes(name));
    expect(missing.map(({ name }) => name).toSorted()).toEqual(ELSEWHERE);
    expect(missing.filter(({ option }) => option !== undefined)).toEqual([]);
  });
});
