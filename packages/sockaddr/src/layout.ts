/**
 * Sizes, offsets and numbers of the structures, per system, as data; the only file that asks which host this is.
 *
 * Sources: RFC 3493 §3 (fields), and each system's <sys/socket.h>, <netinet/in.h>, <sys/un.h>, Windows' ws2def.h, ws2ipdef.h,
 * afunix.h. The two shapes differ in the first two bytes: BSD systems split the 16-bit family into a length and an
 * 8-bit family. Everything behind them is at the same offset everywhere, in the order of the host's memory.
 */

export type SystemName = 'linux' | 'darwin' | 'freebsd' | 'netbsd' | 'openbsd' | 'win32';

/** Families by C's name; a system that lacks one has no entry. */
export interface Families {
  readonly AF_UNSPEC: number;
  readonly AF_UNIX: number;
  readonly AF_INET: number;
  readonly AF_INET6: number;
  readonly AF_APPLETALK: number;
  readonly AF_IPX: number;
  readonly AF_BLUETOOTH?: number;
  readonly AF_BTH?: number;
  readonly AF_CAN?: number;
  readonly AF_HYPERV?: number;
  readonly AF_IRDA?: number;
  readonly AF_LINK?: number;
  readonly AF_NETBIOS?: number;
  readonly AF_NETLINK?: number;
  readonly AF_PACKET?: number;
  readonly AF_SYSTEM?: number;
  readonly AF_VSOCK?: number;
}

/** What one system's C compiler would say about the structures. */
export interface Layout {
  readonly system: SystemName;
  /** BSD: byte 0 is the structure's length, byte 1 its family (`sin_len`). Elsewhere the family has both. */
  readonly hasLength: boolean;
  readonly families: Families;
  /** sizeof(sun_path). */
  readonly pathSize: number;
  /** Whether a Unix name may start with a zero byte and live outside of the file system; Linux, unix(7). */
  readonly hasAbstractNames: boolean;
  /** sizeof(struct sockaddr_storage). */
  readonly storageSize: number;
  readonly INET_ADDRSTRLEN: number;
  readonly INET6_ADDRSTRLEN: number;
}

/** Offsets in sockaddr_in, the same on every system. */
export const SOCKADDR_IN = { size: 16, sin_port: 2, sin_addr: 4, sin_zero: 8 } as const;

/** Offsets in sockaddr_in6, the same on every system. */
export const SOCKADDR_IN6 = {
  size: 28,
  sin6_port: 2,
  sin6_flowinfo: 4,
  sin6_addr: 8,
  sin6_scope_id: 24,
} as const;

/** Offset in sockaddr_un, the same on every system. */
export const SOCKADDR_UN = { sun_path: 2 } as const;

/** The generic sockaddr: two bytes of family (and length), 14 of data. */
export const SOCKADDR = { size: 16, sa_data: 2 } as const;

const posix = {
  hasAbstractNames: false,
  storageSize: 128,
  INET_ADDRSTRLEN: 16,
  INET6_ADDRSTRLEN: 46,
} as const;

const bsd = { ...posix, hasLength: true, pathSize: 104 } as const;

const bsdFamilies = {
  AF_UNSPEC: 0,
  AF_UNIX: 1,
  AF_INET: 2,
  AF_APPLETALK: 16,
  AF_LINK: 18,
  AF_IPX: 23,
} as const;

/** Every layout by the name that `process.platform` gives its system. */
export const layouts: Readonly<Record<SystemName, Layout>> = {
  linux: {
    ...posix,
    system: 'linux',
    hasLength: false,
    hasAbstractNames: true,
    pathSize: 108,
    families: {
      AF_UNSPEC: 0,
      AF_UNIX: 1,
      AF_INET: 2,
      AF_IPX: 4,
      AF_APPLETALK: 5,
      AF_INET6: 10,
      AF_NETLINK: 16,
      AF_PACKET: 17,
      AF_IRDA: 23,
      AF_CAN: 29,
      AF_BLUETOOTH: 31,
      AF_VSOCK: 40,
    },
  },
  darwin: {
    ...bsd,
    system: 'darwin',
    families: { ...bsdFamilies, AF_INET6: 30, AF_SYSTEM: 32, AF_NETBIOS: 33, AF_VSOCK: 40 },
  },
  freebsd: { ...bsd, system: 'freebsd', families: { ...bsdFamilies, AF_INET6: 28 } },
  netbsd: { ...bsd, system: 'netbsd', families: { ...bsdFamilies, AF_INET6: 24 } },
  openbsd: {
    ...bsd,
    system: 'openbsd',
    storageSize: 256,
    families: { ...bsdFamilies, AF_INET6: 24 },
  },
  win32: {
    system: 'win32',
    hasLength: false,
    hasAbstractNames: false,
    pathSize: 108,
    storageSize: 128,
    // WINDOWS: both lengths leave room for a port, and the second for a zone and brackets; ws2ipdef.h.
    INET_ADDRSTRLEN: 22,
    INET6_ADDRSTRLEN: 65,
    families: {
      AF_UNSPEC: 0,
      AF_UNIX: 1,
      AF_INET: 2,
      AF_IPX: 6,
      AF_APPLETALK: 16,
      AF_NETBIOS: 17,
      AF_INET6: 23,
      AF_IRDA: 26,
      AF_BTH: 32,
      AF_LINK: 33,
      AF_HYPERV: 34,
    },
  },
};

/**
 * The layout of the system that this program runs on.
 *
 * In a browser there are no sockets to agree with; the system is taken from `navigator`, and Linux' layout where that
 * says nothing either.
 */
export const hostLayout: Layout = layouts[detectSystem()];

function detectSystem(): SystemName {
  const host: unknown = Reflect.get(globalThis, 'process');
  const platform = textField(host, 'platform');
  if (platform !== '') return isSystemName(platform) ? platform : 'linux';
  // Deno without its Node globals, and browsers.
  const navigator: unknown = Reflect.get(globalThis, 'navigator');
  const hint = `${textField(navigator, 'platform')} ${textField(navigator, 'userAgent')}`;
  if (/Mac|iPhone|iPad|Darwin/i.test(hint)) return 'darwin';
  if (/Win/i.test(hint)) return 'win32';
  return 'linux';
}

function textField(owner: unknown, name: string): string {
  if (typeof owner !== 'object' || owner === null) return '';
  const value: unknown = Reflect.get(owner, name);
  return typeof value === 'string' ? value : '';
}

function isSystemName(text: string): text is SystemName {
  return Object.hasOwn(layouts, text);
}
