/**
 * Compares every other function of the vectors with ours, and writes what differs as the page docs/internals/address-dialects.md.
 *
 * Each difference needs a reason here; one without makes the test of the page fail.
 */
import {
  AF_INET6,
  formatEndpoint,
  formatIp,
  In6Addr,
  InAddr,
  type Ip,
  inet_addr,
  inet_pton,
  parseEndpoint,
  parseIp,
} from '@netloom/sockaddr';
import { fromHex, type Row, toHex, vectors } from './vectors.js';

/** One row where another function and ours part. */
export interface Difference {
  readonly fn: string;
  readonly dialect: string;
  readonly ours: string;
  readonly input: string;
  readonly theirResult: string;
  readonly ourResult: string;
  readonly reason: string | undefined;
}

/** How often a function was compared with ours, and where they part. */
export interface Comparison {
  readonly fn: string;
  readonly dialect: string;
  readonly ours: string;
  readonly rows: number;
  readonly differences: readonly Difference[];
}

const REFUSED = 'refused';

/** Why results differ, by function and input; the first that fits counts. */
const reasons: readonly (readonly [fn: RegExp, input: RegExp, reason: string])[] = [
  [
    /^inet_pton|^InetPtonW/,
    /1::001/,
    'Windows takes leading zeros in the IPv4 tail; glibc refuses them',
  ],
  [/^inet_addr/, /^ $/, 'Windows reads a single blank as 0.0.0.0; glibc wants a digit first'],
  [
    /^RtlIpv6StringToAddress$/,
    /001\.2/,
    'takes leading zeros in the IPv4 tail, which others read as octal',
  ],
  [
    /^RtlIpv\dStringToAddress/,
    /^0x123456789$/,
    'cuts a number that is too large; ours refuses what it does not fit',
  ],
  [
    /^RtlIpv6StringToAddress$/,
    /./,
    'reads as far as it can and says where it stopped; ours takes the whole text or nothing',
  ],
  [
    /^RtlIpv4StringToAddress\(/,
    /0a$|0b10$| $/,
    'reads as far as it can and says where it stopped; ours takes the whole text or nothing',
  ],
  [
    /^(RtlIpv4StringToAddress\(|WSAString|inet_aton_exact|inet_network)/,
    /^(?!.*:)/,
    'takes octal, hexadecimal and short forms; ours leaves them to inet_aton, since few readers expect them',
  ],
  [
    /^(RtlIpv4StringToAddressEx|WSAString)/,
    /^[\d.]+:0$/,
    'refuses port 0; ours takes it, as bind does: the system chooses',
  ],
  [
    /^(RtlIpv\dStringToAddressEx|WSAString)/,
    /:0[\dxX]\w*$/,
    'takes an octal or hexadecimal port; ours refuses a leading zero rather than guess',
  ],
  [
    /^WSAString/,
    /./,
    'takes octal, hexadecimal and short forms; ours leaves them to inet_aton, since few readers expect them',
  ],
  [
    /^RtlIpv6StringToAddressEx/,
    /%/,
    'wants a zone of 32 bits; ours keeps any zone as text, and SockaddrIn6 refuses one that is no index',
  ],
  [
    /^uv_inet_pton/,
    /%%/,
    'drops whatever follows %; ours refuses a zone that no interface can have',
  ],
  [/^ParseIP/, /%/, 'takes no zone; ours does'],
  [
    /^RtlIpv6AddressToString/,
    /5efe/,
    'shows the IPv4 address of an ISATAP interface; glibc does not',
  ],
  [
    /^RtlIpv6AddressToString/,
    /^0{16}ffff0000/,
    'shows an IPv4 address behind ::ffff:0:0:0/96 (RFC 2765); glibc does not',
  ],
  [
    /to_string/,
    /^0{24}/,
    'writes IPv4-compatible addresses as groups; ours is what C libraries write, one text in all of netloom',
  ],
];

/** Every comparison, in the order of the vectors. */
export function compareAll(): readonly Comparison[] {
  const found = new Map<string, { comparison: Comparison; differences: Difference[] }>();
  for (const { row, ours, theirResult, ourResult } of results()) {
    const key = `${row.fn} ${row.dialect}`;
    let entry = found.get(key);
    if (!entry) {
      const differences: Difference[] = [];
      const { fn, dialect } = row;
      entry = { differences, comparison: { fn, dialect, ours, rows: 0, differences } };
      found.set(key, entry);
    }
    entry.comparison = { ...entry.comparison, rows: entry.comparison.rows + 1 };
    if (theirResult === ourResult) continue;
    const { fn, dialect } = row;
    const input = row.input ?? row.bytes ?? '';
    const reason = reasons.find(([name, text]) => name.test(fn) && text.test(input))?.[2];
    entry.differences.push({ fn, dialect, ours, input, theirResult, ourResult, reason });
  }
  return Array.from(found.values(), ({ comparison }) => comparison);
}

interface Result {
  readonly row: Row;
  readonly ours: string;
  readonly theirResult: string;
  readonly ourResult: string;
}

function* results(): Generator<Result> {
  for (const file of ['inet_pton', 'inet_aton_inet_addr'] as const) {
    for (const row of vectors(file)) if (row.ours === false) yield cResult(row);
  }
  for (const file of ['inet_pton', 'scoped_ipv6', 'inet_aton_inet_addr'] as const) {
    for (const row of vectors(file)) if (row.ours === undefined) yield ipResult(row);
  }
  for (const row of vectors('sockaddr_text')) yield endpointResult(row);
  for (const row of vectors('inet_ntop')) if (row.ours === undefined) yield textResult(row);
}

/** Another system's function of the same name. */
function cResult(row: Row): Result {
  const input = row.input ?? '';
  const theirResult = row.valid ? (row.bytes ?? '') : REFUSED;
  if (row.fn === 'inet_addr') {
    const address = new InAddr();
    address.s_addr = inet_addr(input);
    const ourResult = address.s_addr === 0xffff_ffff ? REFUSED : toHex(address.bytes);
    return { row, ours: row.fn, theirResult, ourResult };
  }
  const address = new In6Addr();
  const isRead = inet_pton(row.family === 6 ? AF_INET6 : row.family, input, address) === 1;
  return { row, ours: row.fn, theirResult, ourResult: isRead ? toHex(address.bytes) : REFUSED };
}

function ipResult(row: Row): Result {
  const ip = attempt(() => parseIp(row.input ?? ''));
  const isRead = ip !== undefined && ip.family === row.family;
  // A row without bytes only says whether the text is taken.
  const theirResult = row.valid ? (row.bytes ?? 'taken') : REFUSED;
  const ourResult = isRead ? (row.valid && !row.bytes ? 'taken' : toHex(ip.bytes)) : REFUSED;
  return { row, ours: 'parseIp', theirResult, ourResult };
}

function endpointResult(row: Row): Result {
  // Windows' functions take text without a port; Rust's does not.
  const options = row.dialect === 'windows' ? { defaultPort: 0 } : {};
  const endpoint = attempt(() => parseEndpoint(row.input ?? '', options));
  const isRead = endpoint !== undefined && endpoint.family === row.family;
  const theirResult = row.valid
    ? shownEndpoint(row.bytes ?? '', row.scopeId ? String(row.scopeId) : undefined, row.port ?? 0)
    : REFUSED;
  if (!isRead) return { row, ours: 'parseEndpoint', theirResult, ourResult: REFUSED };
  const { bytes, zone } = parseIp(endpoint.address);
  const ourResult = shownEndpoint(toHex(bytes), zone, endpoint.port);
  return { row, ours: 'parseEndpoint', theirResult, ourResult };
}

function shownEndpoint(hex: string, zone: string | undefined, port: number): string {
  return `${hex}${zone === undefined || zone === '0' ? '' : ` zone ${zone}`} port ${port}`;
}

function textResult(row: Row): Result {
  const bytes = fromHex(row.bytes ?? '');
  const family = bytes.length === 4 ? 4 : 6;
  const ip: Ip = row.scopeId ? { family, bytes, zone: String(row.scopeId) } : { family, bytes };
  // Windows leaves out a port of 0; Rust writes it.
  const port = row.port === 0 && row.dialect === 'windows' ? undefined : (row.port ?? undefined);
  const ourResult = attempt(() =>
    port === undefined ? formatIp(ip) : formatEndpoint({ address: ip, port }),
  );
  const ours = port === undefined ? 'formatIp' : 'formatEndpoint';
  return { row, ours, theirResult: row.text ?? REFUSED, ourResult: ourResult ?? REFUSED };
}

function attempt<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}

/** The page, from the comparisons alone. */
export function page(comparisons: readonly Comparison[]): string {
  const summary = comparisons.map(
    ({ fn, dialect, ours, rows, differences }) =>
      `| ${code(fn)} | ${dialect} | ${code(ours)} | ${rows} | ${differences.length} |`,
  );
  const details = comparisons
    .flatMap(({ differences }) => differences)
    .map(
      ({ fn, dialect, input, theirResult, ourResult, reason }) =>
        `| ${code(fn)} (${dialect}) | ${code(input)} | ${theirResult} | ${ourResult} | ${reason ?? ''} |`,
    );
  return `${[
    '# Which address texts do others read differently?',
    '',
    '<!-- Generated from vectors/*.json by packages/sockaddr/test/dialects.ts; write it anew with: vitest run --project @netloom/sockaddr -u -->',
    '',
    "netloom's C-named functions (`inet_pton`, `inet_ntop`, `inet_aton`, `inet_addr`, `inet_ntoa`, `InetPtonW`, `InetNtopW`) speak glibc's",
    'dialect on every system, bit for bit. `parseIp`, `formatIp`, `parseEndpoint` and `formatEndpoint` use the same strict grammar, with a zone',
    'and a port around it. This page compares them, row by row, with what the test suites of other systems, languages and libraries say of their own functions.',
    '',
    '## What to remember',
    '',
    "- Windows' `inet_pton` and `InetPtonW` take leading zeros in the IPv4 tail of an IPv6 address, its `inet_addr` takes a single blank; ours do not.",
    "- On failure some of Windows' functions have already written into the destination; ours leave it alone.",
    '- `InetPtonW` leaves 10022 as last error where the text is no address, on Windows and here; `inet_pton` leaves nothing.',
    "- musl's rows all agree with glibc's.",
    '- A NUL ends the text of a C-named function, as it ends a C string. `parseIp` and `parseEndpoint` refuse it.',
    '- Octal, hexadecimal and short forms of IPv4 are read by `inet_aton` and `inet_addr` alone.',
    '',
    '## How many rows agree',
    '',
    '| function | of | compared with | rows | differ |',
    '| --- | --- | --- | --- | --- |',
    ...summary,
    '',
    '## Every difference, and why',
    '',
    '| function | input | it says | ours says | why |',
    '| --- | --- | --- | --- | --- |',
    ...details,
  ].join('\n')}\n`;
}

/** Inline code that survives a table: no bar, no line break, blanks kept. */
function code(text: string): string {
  const shown = text
    .replaceAll('|', '\\|')
    .replace(/[\t\n]/g, (blank) => (blank === '\t' ? '\\t' : '\\n'));
  return shown.trim() === '' ? `\`"${shown}"\`` : `\`${shown}\``;
}
