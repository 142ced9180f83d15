/**
 * The old, lenient text of IPv4, as in C: inet_aton(3), inet_addr, inet_ntoa; winsock2 inet_addr.
 *
 * Kept apart on purpose: a part may be octal (`010` is 8) or hexadecimal, parts may be missing (`127.1`), and anything may
 * follow a blank. Useful to read what such programs wrote; never to check what a user typed.
 */
import { type AddressMemory, addressMemory } from './address-memory.js';
import { assertString } from './arguments.js';
import { formatIpv4 } from './ipv4-text.js';
import { setLastError, WSAEFAULT } from './last-error.js';
import { isLittleEndian, swapUint32, writeUint32BigEndian } from './memory.js';

/** What {@link inet_addr} returns for text that is no address: the same bits as 255.255.255.255. */
export const INADDR_NONE = 0xffff_ffff;

const DOT = 0x2e;
const DIGIT_0 = 0x30;
const UPPER_X = 0x58;
const LOWER_X = 0x78;
/** Largest last part after none, one, two and three dots: it fills the bytes that are left. */
const LARGEST_LAST_PART = [0xffff_ffff, 0xff_ffff, 0xffff, 0xff] as const;

/**
 * Converts IPv4 text in one of the old forms into its four bytes.
 *
 * @param cp - `a.b.c.d`, `a.b.c`, `a.b` or `a`, each decimal, octal (leading 0) or hexadecimal (0x); what follows a blank
 *   is ignored, and so is what follows a NUL
 * @param inp - `addr.sin_addr`, or a view of 4 bytes or more; null only checks the text, as in glibc
 * @returns 1 converted, 0 not an address (the last error is left alone, but 10014 where `cp` is null or `inp` too short)
 * @throws {TypeError} an argument of the wrong JavaScript type; no text makes it throw
 * @see inet_aton(3)
 */
export function inet_aton(cp: string | null, inp: AddressMemory | null): 1 | 0 {
  if (cp !== null) assertString('inet_aton', 'cp', cp);
  const bytes = addressMemory('inet_aton', 'inp', inp);
  if (cp === null || (bytes !== null && bytes.length < 4)) {
    setLastError(WSAEFAULT);
    return 0;
  }
  const address = parseOldIpv4(cp);
  if (address < 0) return 0;
  if (bytes !== null) writeUint32BigEndian(bytes, 0, address);
  return 1;
}

/**
 * Converts IPv4 text in one of the old forms into the number that `s_addr` holds.
 *
 * @deprecated Its failure, {@link INADDR_NONE}, is also the address 255.255.255.255; it knows IPv4 only; and it takes octal
 *   and short forms. Visual C++ refuses it for these reasons (C4996). Use {@link inet_pton}, or `parseIp`.
 * @param cp - as for {@link inet_aton}; null gives INADDR_NONE and last error 10014
 * @returns an integer from 0 to 4294967295, in network order as C reads it on this host
 * @throws {TypeError} `cp` is no string; no text makes it throw
 * @see inet_addr(3) · winsock2 inet_addr
 */
export function inet_addr(cp: string | null): number {
  if (cp === null) {
    setLastError(WSAEFAULT);
    return INADDR_NONE;
  }
  assertString('inet_addr', 'cp', cp);
  const address = parseOldIpv4(cp);
  if (address < 0) return INADDR_NONE;
  return isLittleEndian ? swapUint32(address) : address;
}

/**
 * Writes the four bytes of an IPv4 address as text.
 *
 * @deprecated It knows IPv4 only, and C's form returns a buffer that the next call overwrites (C4996 in Visual C++). Ours
 *   returns a string of its own; still, {@link inet_ntop} or `formatIp` say more.
 * @param address - `addr.sin_addr`, or a view of exactly 4 bytes
 * @returns the text; null with last error 10014 where there are not exactly 4 bytes
 * @throws {TypeError} an argument of the wrong JavaScript type
 * @see inet_ntoa(3) · winsock2 inet_ntoa
 */
export function inet_ntoa(address: AddressMemory | null): string | null {
  const bytes = addressMemory('inet_ntoa', 'address', address);
  if (bytes !== null && bytes.length === 4) return formatIpv4(bytes, 0);
  setLastError(WSAEFAULT);
  return null;
}

/** The address as a number, first byte highest, or -1. */
function parseOldIpv4(text: string): number {
  let address = 0;
  let dots = 0;
  let at = 0;
  for (;;) {
    if (digitOf(codeAt(text, at), 10) < 0) return -1;
    let radix = 10;
    if (codeAt(text, at) === DIGIT_0) {
      // `0x` counts as a prefix only before a hexadecimal digit; else the zero stands alone and the x ends it.
      const isHex = isX(codeAt(text, at + 1)) && digitOf(codeAt(text, at + 2), 16) >= 0;
      radix = isHex ? 16 : 8;
      if (isHex) at += 2;
    }
    let part = 0;
    let digit = digitOf(codeAt(text, at), radix);
    while (digit >= 0) {
      part = part * radix + digit;
      if (part > 0xffff_ffff) return -1;
      at++;
      digit = digitOf(codeAt(text, at), radix);
    }
    if (codeAt(text, at) !== DOT) {
      if (!isEnd(codeAt(text, at)) || part > (LARGEST_LAST_PART[dots] ?? 0)) return -1;
      return address * 256 ** (4 - dots) + part;
    }
    if (dots === 3 || part > 0xff) return -1;
    address = address * 256 + part;
    dots++;
    at++;
  }
}

/** The code at a position, and C's terminator behind the last. */
function codeAt(text: string, at: number): number {
  return at < text.length ? text.charCodeAt(at) : 0;
}

function digitOf(code: number, radix: number): number {
  let digit = code - DIGIT_0;
  if (digit > 9) {
    digit = (code | 0x20) - 0x57;
    if (digit < 10) return -1;
  }
  return digit < radix ? digit : -1;
}

function isX(code: number): boolean {
  return code === LOWER_X || code === UPPER_X;
}

/** Terminator, or one of isspace()'s six in the C locale. */
function isEnd(code: number): boolean {
  return code === 0 || code === 0x20 || (code >= 0x09 && code <= 0x0d);
}
