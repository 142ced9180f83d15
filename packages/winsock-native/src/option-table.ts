/**
 * One row per socket option: level, name, the kind of its value, and where it is described. Sorted by level, then name.
 *
 * An option that is in no row still works: as raw bytes, or as a 4-byte int where a number is given.
 */
import { IPPROTO_IPV6, IPPROTO_TCP } from '@netloom/sockaddr';
import {
  IPV6_V6ONLY,
  SO_ACCEPTCONN,
  SO_BROADCAST,
  SO_DEBUG,
  SO_DOMAIN,
  SO_DONTROUTE,
  SO_ERROR,
  SO_EXCLUSIVEADDRUSE,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_OOBINLINE,
  SO_PROTOCOL,
  SO_RCVBUF,
  SO_RCVLOWAT,
  SO_RCVTIMEO,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_SNDBUF,
  SO_SNDLOWAT,
  SO_SNDTIMEO,
  SO_TYPE,
  SOL_SOCKET,
  TCP_MAXSEG,
  TCP_NODELAY,
} from './constants.js';
import { flag, int, lingerCodec, type OptionCodec, timeout } from './option-codecs.js';

/** One option. */
export interface OptionRow {
  readonly levelName: string;
  readonly name: string;
  readonly level: number;
  /** The system's number; `undefined`: this system does not have it. */
  readonly option: number | undefined;
  readonly codec: OptionCodec;
  readonly source: string;
}

export const OPTION_TABLE: readonly OptionRow[] = [
  row('IPPROTO_IPV6', IPPROTO_IPV6, 'IPV6_V6ONLY', IPV6_V6ONLY, flag, 'ipv6(7) · RFC 3493 §5.3'),
  row('IPPROTO_TCP', IPPROTO_TCP, 'TCP_MAXSEG', TCP_MAXSEG, int, 'tcp(7)'),
  row('IPPROTO_TCP', IPPROTO_TCP, 'TCP_NODELAY', TCP_NODELAY, flag, 'tcp(7) · RFC 9293 §3.7.4'),
  row('SOL_SOCKET', SOL_SOCKET, 'SO_ACCEPTCONN', SO_ACCEPTCONN, flag, 'socket(7)'),
  row('SOL_SOCKET', SOL_SOCKET, 'SO_BROADCAST', SO_BROADCAST, flag, 'socket(7)'),
  row('SOL_SOCKET', SOL_SOCKET, 'SO_DEBUG', SO_DEBUG, flag, 'socket(7)'),
  row('SOL_SOCKET', SOL_SOCKET, 'SO_DOMAIN', SO_DOMAIN, int, 'socket(7), Linux'),
  row('SOL_SOCKET', SOL_SOCKET, 'SO_DONTROUTE', SO_DONTROUTE, flag, 'socket(7)'),
  row('SOL_SOCKET', SOL_SOCKET, 'SO_ERROR', SO_ERROR, int, 'socket(7) · winsock2 SO_ERROR'),
  row(
    'SOL_SOCKET',
    SOL_SOCKET,
    'SO_EXCLUSIVEADDRUSE',
    SO_EXCLUSIVEADDRUSE,
    flag,
    'winsock2 SO_EXCLUSIVEADDRUSE',
  ),
  row('SOL_SOCKET', SOL_SOCKET, 'SO_KEEPALIVE', SO_KEEPALIVE, flag, 'socket(7)'),
  row(
    'SOL_SOCKET',
    SOL_SOCKET,
    'SO_LINGER',
    SO_LINGER,
    lingerCodec,
    'socket(7) · winsock2 SO_LINGER',
  ),
  row('SOL_SOCKET', SOL_SOCKET, 'SO_OOBINLINE', SO_OOBINLINE, flag, 'socket(7)'),
  row('SOL_SOCKET', SOL_SOCKET, 'SO_PROTOCOL', SO_PROTOCOL, int, 'socket(7), Linux'),
  row('SOL_SOCKET', SOL_SOCKET, 'SO_RCVBUF', SO_RCVBUF, int, 'socket(7): Linux doubles the value'),
  row('SOL_SOCKET', SOL_SOCKET, 'SO_RCVLOWAT', SO_RCVLOWAT, int, 'socket(7)'),
  row(
    'SOL_SOCKET',
    SOL_SOCKET,
    'SO_RCVTIMEO',
    SO_RCVTIMEO,
    timeout,
    'socket(7) · winsock2 SO_RCVTIMEO',
  ),
  row(
    'SOL_SOCKET',
    SOL_SOCKET,
    'SO_REUSEADDR',
    SO_REUSEADDR,
    flag,
    'socket(7) · winsock2 SO_REUSEADDR',
  ),
  row('SOL_SOCKET', SOL_SOCKET, 'SO_REUSEPORT', SO_REUSEPORT, flag, 'socket(7), not on Windows'),
  row('SOL_SOCKET', SOL_SOCKET, 'SO_SNDBUF', SO_SNDBUF, int, 'socket(7): Linux doubles the value'),
  row('SOL_SOCKET', SOL_SOCKET, 'SO_SNDLOWAT', SO_SNDLOWAT, int, 'socket(7): read-only on Linux'),
  row(
    'SOL_SOCKET',
    SOL_SOCKET,
    'SO_SNDTIMEO',
    SO_SNDTIMEO,
    timeout,
    'socket(7) · winsock2 SO_SNDTIMEO',
  ),
  row('SOL_SOCKET', SOL_SOCKET, 'SO_TYPE', SO_TYPE, int, 'socket(7)'),
];

/** The row of an option, by the numbers of this system. */
export function optionRow(level: number, option: number): OptionRow | undefined {
  return byNumbers.get(keyOf(level, option));
}

const byNumbers = new Map<string, OptionRow>();
for (const known of OPTION_TABLE) {
  if (known.option !== undefined) byNumbers.set(keyOf(known.level, known.option), known);
}

function keyOf(level: number, option: number): string {
  return `${level}:${option}`;
}

function row(
  levelName: string,
  level: number,
  name: string,
  option: number | undefined,
  codec: OptionCodec,
  source: string,
): OptionRow {
  return { levelName, name, level, option, codec, source };
}
