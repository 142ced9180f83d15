/**
 * What sockaddr and the tables say about this system, held against its compiler and kernel: sizes, offsets, constants,
 * error numbers. On every system; the numbers of other systems come from the reference files.
 */
import { readFileSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import * as sockaddr from '@netloom/sockaddr';
import {
  In6Addr,
  InAddr,
  Sockaddr,
  SockaddrIn,
  SockaddrIn6,
  SockaddrStorage,
  SockaddrUn,
  sizeof,
} from '@netloom/sockaddr';
import * as winsock from '@netloom/winsock-native';
import { describe, expect, test } from 'vitest';
import { ERRNO_TABLE } from '../src/errno-table.js';
import { hostSystem } from '../src/error-lookup.js';
import { native } from '../src/native.js';
import { OPTION_TABLE } from '../src/option-table.js';

const { layouts } = native.libc;

/** Where a field lies: the first byte that writing it changes. */
function offsetOf<T extends { bytes: Uint8Array }>(fresh: T, write: (into: T) => void): number {
  fresh.bytes.fill(0);
  write(fresh);
  return fresh.bytes.findIndex((byte) => byte !== 0);
}

describe('structures have the size and the offsets of the compiler', () => {
  test.each([
    ['sockaddr', Sockaddr],
    ['sockaddr_in', SockaddrIn],
    ['sockaddr_in6', SockaddrIn6],
    ['sockaddr_un', SockaddrUn],
    ['sockaddr_storage', SockaddrStorage],
    ['in_addr', InAddr],
    ['in6_addr', In6Addr],
  ] as const)('sizeof(%s)', (name, structure) => {
    const size = layouts[name]?.size;
    expect(size).toBeGreaterThan(0);
    expect(structure.SIZE).toBe(size);
    expect(sizeof(structure)).toBe(size);
    expect(new structure().bytes.length).toBe(size);
  });

  test('sockaddr_in', () => {
    const ffff = 0xffff;
    expect({
      sin_family: offsetOf(new SockaddrIn(), (a) => {
        a.sin_family = 2;
      }),
      sin_port: offsetOf(new SockaddrIn(), (a) => {
        a.sin_port = ffff;
      }),
      sin_addr: offsetOf(new SockaddrIn(), (a) => {
        a.sin_addr.s_addr = 0xffffffff;
      }),
      sin_zero: offsetOf(new SockaddrIn(), (a) => {
        a.sin_zero.fill(1);
      }),
    }).toEqual(withoutSize('sockaddr_in'));
  });

  test('sockaddr_in6', () => {
    expect({
      sin6_family: offsetOf(new SockaddrIn6(), (a) => {
        a.sin6_family = sockaddr.AF_INET6;
      }),
      sin6_port: offsetOf(new SockaddrIn6(), (a) => {
        a.sin6_port = 0xffff;
      }),
      sin6_flowinfo: offsetOf(new SockaddrIn6(), (a) => {
        a.sin6_flowinfo = 0xffffffff;
      }),
      sin6_addr: offsetOf(new SockaddrIn6(), (a) => {
        a.sin6_addr.s6_addr.fill(1);
      }),
      sin6_scope_id: offsetOf(new SockaddrIn6(), (a) => {
        a.sin6_scope_id = 0xffffffff;
      }),
    }).toEqual(withoutSize('sockaddr_in6'));
  });

  test('sockaddr_un and sockaddr', () => {
    expect(offsetOf(new SockaddrUn(), (a) => a.sun_path.fill(1))).toBe(
      layouts.sockaddr_un?.sun_path,
    );
    expect(new SockaddrUn().sun_path.length).toBe(
      (layouts.sockaddr_un?.size ?? 0) - (layouts.sockaddr_un?.sun_path ?? 0),
    );
    expect(offsetOf(new Sockaddr(), (a) => a.sa_data.fill(1))).toBe(layouts.sockaddr?.sa_data);
  });

  function withoutSize(name: string): Record<string, number> {
    const { size: _size, ...offsets } = layouts[name] ?? {};
    return offsets;
  }
});

describe('constants', () => {
  // Names that this system's headers define, and which other packages state on their own.
  const shared = Object.entries(sockaddr).filter(
    ([name, value]) => /^(AF|PF|IPPROTO)_/.test(name) && typeof value === 'number',
  );

  test.each(shared)('sockaddr %s is what the headers say', (name, value) => {
    const header = native.constants[name];
    if (header !== undefined) expect(value).toBe(header);
  });

  test('most of them are in the headers, so that the comparison means something', () => {
    const known = shared.filter(([name]) => native.constants[name] !== undefined);
    expect(known.length).toBeGreaterThan(15);
  });

  test('numbers of the reference for this system agree with the headers', () => {
    const url = new URL('../../../vectors/reference/api-surface.json', import.meta.url);
    // SAFETY: the file is part of the repository; the count below fails when its form changes.
    const { rows } = JSON.parse(readFileSync(url, 'utf8')) as {
      rows: { name: string; value?: Record<string, number | null> }[];
    };
    let compared = 0;
    for (const { name, value } of rows) {
      const known = value?.[hostSystem()];
      const header = native.constants[name];
      if (known == null || header === undefined) continue;
      compared++;
      expect(header >>> 0, name).toBe(known >>> 0);
    }
    expect(compared).toBeGreaterThan(100);
  });

  test('what the tutorial names is there, and Windows-only constants are undefined elsewhere', () => {
    for (const name of [
      'SOCK_STREAM SOCK_DGRAM SOCK_RAW SOCK_RDM SOCK_SEQPACKET SOMAXCONN SOL_SOCKET SO_REUSEADDR',
      'SO_LINGER SO_RCVTIMEO SO_SNDTIMEO SO_ERROR MSG_OOB MSG_DONTROUTE MSG_PEEK FIONBIO FIONREAD',
      'SD_RECEIVE SD_SEND SD_BOTH SHUT_RD SHUT_WR SHUT_RDWR POLLIN POLLOUT POLLERR POLLHUP POLLNVAL',
      'IP_TTL IP_TOS IPV6_UNICAST_HOPS TCP_MAXSEG',
      'INVALID_SOCKET SOCKET_ERROR TCP_NODELAY IPV6_V6ONLY WSAEFAULT WSAEADDRINUSE WSANOTINITIALISED',
    ].flatMap((line) => line.split(' '))) {
      // SAFETY: a namespace object has its exports as string keys.
      expect((winsock as unknown as Record<string, unknown>)[name], name).toBeTypeOf('number');
    }
    // Bluetooth and reliable multicast: where the system has them, which Linux' own headers do not.
    for (const name of ['AF_INET', 'AF_INET6', 'AF_NETBIOS', 'AF_APPLETALK', 'AF_BTH', 'PF_INET']) {
      expect(sockaddr, name).toHaveProperty(name);
    }
    for (const name of ['ICMP', 'IGMP', 'TCP', 'UDP', 'ICMPV6', 'RM']) {
      expect(sockaddr).toHaveProperty(`IPPROTO_${name}`);
    }
    expect(winsock).toHaveProperty('BTHPROTO_RFCOMM');
    const isWindows = process.platform === 'win32';
    expect(winsock.SO_EXCLUSIVEADDRUSE === undefined).toBe(!isWindows);
    expect(winsock.MSG_NOSIGNAL === undefined).toBe(isWindows);
  });

  test('the option table is sorted by level, then name, and knows no option twice', () => {
    const keys = OPTION_TABLE.map((row) => `${row.levelName} ${row.name}`);
    expect(keys).toEqual([...new Set(keys)].sort());
  });
});

describe('error numbers', () => {
  /** DESIGN, "Codes": what a socket call reports differs from what the number alone means. */
  const ON_SOCKETS: Readonly<Record<string, number>> = { EBADF: 10038, EPIPE: 10054 };

  const rows = ERRNO_TABLE.filter((row) => row.linux !== null);

  test.runIf(process.platform === 'linux').each(rows.map((row) => [row.code, row] as const))(
    'the addon translates %s as the table does',
    (code, row) => {
      expect(native.wsaFromSystem(row.linux ?? 0)).toBe(ON_SOCKETS[code] ?? row.wsaCode);
    },
  );

  test('a number that no row has is ERROR_GEN_FAILURE', () => {
    expect(native.wsaFromSystem(5000)).toBe(31);
  });

  test("the table has this system's numbers", () => {
    const column = hostSystem();
    if (column === 'win32') return;
    let compared = 0;
    for (const [name, number] of Object.entries(osConstants.errno)) {
      const row = ERRNO_TABLE.find((candidate) => candidate.code === name);
      if (row === undefined) continue;
      compared++;
      expect(row[column], name).toBe(number);
    }
    expect(compared).toBeGreaterThan(50);
  });
});
