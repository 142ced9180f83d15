/**
 * The text of IPv6 to sixteen bytes and back: inet_pton(3), inet_ntop(3), RFC 4291 §2.2, RFC 5952 §4.
 *
 * The one parser and the one formatter in the package, in glibc's dialect: `::` stands for one group or more, a group
 * has one to four digits, the last four bytes may be strict IPv4. No zone, no port, no brackets; ip.ts and endpoint.ts
 * take those off.
 */
import { formatIpv4, parseIpv4 } from './ipv4-text.js';

const COLON = 0x3a;
const DOT = 0x2e;
const GROUPS = 8;
/** Six full groups and an IPv4 tail: `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255`. */
const LONGEST = 45;

/** Groups of the address being read or written; filled and used up within one call. */
const groups = new Uint16Array(GROUPS);

/**
 * Reads `text` from `start` up to `end` into the sixteen bytes from `at` on.
 *
 * HOT: bench/text.bench.ts
 *
 * @returns false where the text is no IPv6 address; the bytes are then untouched
 */
export function parseIpv6(
  text: string,
  start: number,
  end: number,
  bytes: Uint8Array,
  at: number,
): boolean {
  if (end - start > LONGEST || !parseGroups(text, start, end)) return false;
  for (let i = 0, to = at; i < GROUPS; i++, to += 2) {
    const group = groups[i] ?? 0;
    bytes[to] = group >>> 8;
    bytes[to + 1] = group;
  }
  return true;
}

/** Writes the sixteen bytes from `at` on as text, with `::` for the first of the longest runs of zero groups. */
export function formatIpv6(bytes: Uint8Array, at: number): string {
  let runStart = GROUPS;
  // A single zero group is not shortened, RFC 5952 §4.2.2.
  let runLength = 1;
  for (let i = 0, zeros = 0; i < GROUPS; i++) {
    const group = ((bytes[at + 2 * i] ?? 0) << 8) | (bytes[at + 2 * i + 1] ?? 0);
    groups[i] = group;
    zeros = group === 0 ? zeros + 1 : 0;
    if (zeros > runLength) {
      runLength = zeros;
      runStart = i + 1 - zeros;
    }
  }
  // `::1.2.3.4` and `::ffff:1.2.3.4`: the two prefixes under which C libraries show the IPv4 address inside.
  const hasIpv4Tail =
    runStart === 0 && (runLength === 6 || (runLength === 5 && groups[5] === 0xffff));
  const last = hasIpv4Tail ? 6 : GROUPS;
  let text = '';
  for (let i = 0; i < last; i++) {
    if (i === runStart) {
      text += '::';
      i += runLength - 1;
      continue;
    }
    if (i !== 0 && i !== runStart + runLength) text += ':';
    text += (groups[i] ?? 0).toString(16);
  }
  if (!hasIpv4Tail) return text;
  return (runLength === 6 ? text : `${text}:`) + formatIpv4(bytes, at + 12);
}

function parseGroups(text: string, start: number, end: number): boolean {
  let at = start;
  if (start >= end) return false;
  // A colon may lead only as the first half of `::`; its other half is then read as an empty group.
  if (text.charCodeAt(at) === COLON && (++at === end || text.charCodeAt(at) !== COLON))
    return false;

  let count = 0;
  let gap = -1;
  let group = 0;
  let digits = 0;
  let groupStart = at;
  for (; at < end; at++) {
    const code = text.charCodeAt(at);
    const digit = hexValue(code);
    if (digit >= 0) {
      if (digits === 4) return false;
      group = (group << 4) | digit;
      digits++;
    } else if (code === COLON) {
      groupStart = at + 1;
      if (digits === 0) {
        if (gap >= 0) return false;
        gap = count;
        continue;
      }
      if (groupStart === end || count === GROUPS) return false;
      groups[count++] = group;
      group = 0;
      digits = 0;
    } else {
      if (code !== DOT || count > GROUPS - 2) return false;
      const ipv4 = parseIpv4(text, groupStart, end);
      if (ipv4 < 0) return false;
      groups[count++] = ipv4 >>> 16;
      groups[count++] = ipv4;
      digits = 0;
      break;
    }
  }
  if (digits > 0) {
    if (count === GROUPS) return false;
    groups[count++] = group;
  }
  if (gap < 0) return count === GROUPS;
  // `::` between eight groups would stand for nothing.
  if (count === GROUPS) return false;
  groups.copyWithin(gap + GROUPS - count, gap, count);
  groups.fill(0, gap, gap + GROUPS - count);
  return true;
}

/** The value of a hexadecimal digit, or a negative number. */
function hexValue(code: number): number {
  if (code <= 0x39) return code - 0x30;
  const letter = (code | 0x20) - 0x57;
  return letter >= 10 && letter <= 15 ? letter : -1;
}
