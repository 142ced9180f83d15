/**
 * An address and a port as text: `192.0.2.1:80`, `[2001:db8::1]:80`, `[fe80::1%eth0]:80` (RFC 3986 §3.2.2, RFC 5952 §6). Ours.
 *
 * What comes out of {@link parseEndpoint} goes into `SockaddrIn.from` and `SockaddrIn6.from`. No names: no look-up here.
 */
import { assertUint16, quote } from './arguments.js';
import { formatIp, type IpLike, readIp } from './ip.js';

/** An IP address and a port, as text and number. */
export interface Endpoint {
  readonly family: 4 | 6;
  /** Canonical text, with its zone where there is one. */
  readonly address: string;
  /** 0 to 65535, in host order. */
  readonly port: number;
}

/** Longest text that is looked at: brackets, an address with a zone, a colon and a port. */
const LONGEST = 320;

/**
 * Reads an address with a port.
 *
 * @param options.defaultPort - for text without one, which is an error if this is left out
 * @throws {TypeError} not a string
 * @throws {RangeError} IPv6 with a port but without brackets, brackets around IPv4, no IP address, a port that is missing, above
 *   65535, or written with a sign or a leading zero (which some read as octal)
 *
 * @example
 * ```ts
 * import { parseEndpoint } from '@netloom/sockaddr';
 *
 * console.log(parseEndpoint('[fe80::1%eth0]:80'));
 * console.log(parseEndpoint('127.0.0.1', { defaultPort: 9008 }).port);
 * ```
 *
 * ```text
 * { family: 6, address: 'fe80::1%eth0', port: 80 }
 * 9008
 * ```
 */
export function parseEndpoint(
  text: string,
  options: { readonly defaultPort?: number } = {},
): Endpoint {
  if (typeof text !== 'string') {
    throw new TypeError(`parseEndpoint: text must be a string: got ${quote(text)}`);
  }
  const { defaultPort } = options;
  if (defaultPort !== undefined) assertUint16('parseEndpoint', 'defaultPort', defaultPort);
  if (text.length > LONGEST) throw refused(text, 'it is too long to be one');

  const hasBrackets = text.charCodeAt(0) === 0x5b;
  const hostEnd = hasBrackets ? text.indexOf(']') : hostEndOf(text);
  if (hostEnd < 0) throw refused(text, "the bracket needs its ']'");
  const host = hasBrackets ? text.slice(1, hostEnd) : text.slice(0, hostEnd);
  const rest = hasBrackets ? text.slice(hostEnd + 1) : text.slice(hostEnd);

  const ip = readIp(host);
  if (!ip) throw refused(text, `${quote(host)} is no IP address; a name has to be resolved first`);
  if (hasBrackets && ip.family === 4) throw refused(text, 'only IPv6 has brackets');
  if (rest === '') {
    if (defaultPort !== undefined)
      return { family: ip.family, address: formatIp(ip), port: defaultPort };
    const hint = ip.family === 6 && !hasBrackets ? `, and IPv6 brackets: '[${host}]:80'` : '';
    throw refused(text, `it needs a port${hint}`);
  }
  const port = rest.charCodeAt(0) === 0x3a ? readPort(rest) : -1;
  if (port < 0) {
    throw refused(text, `${quote(rest)} is no port; 0 to 65535, without sign and leading zero`);
  }
  return { family: ip.family, address: formatIp(ip), port };
}

/**
 * Writes an address with a port, IPv6 in brackets.
 *
 * @throws {RangeError} `port` is no integer from 0 to 65535, or the address is none
 */
export function formatEndpoint(endpoint: {
  readonly address: IpLike;
  readonly port: number;
}): string {
  if (typeof endpoint !== 'object' || endpoint === null) {
    throw new TypeError(
      `formatEndpoint: endpoint must be { address, port }: got ${quote(endpoint)}`,
    );
  }
  assertUint16('formatEndpoint', 'port', endpoint.port);
  const address = formatIp(endpoint.address);
  return address.includes(':') ? `[${address}]:${endpoint.port}` : `${address}:${endpoint.port}`;
}

/** Where the address ends in text without brackets: at its only colon; IPv6 without brackets has no port. */
function hostEndOf(text: string): number {
  const colon = text.indexOf(':');
  return colon < 0 || text.includes(':', colon + 1) ? text.length : colon;
}

/** The number after the colon, or -1. */
function readPort(rest: string): number {
  const digits = rest.length - 1;
  if (digits < 1 || digits > 5) return -1;
  if (digits > 1 && rest.charCodeAt(1) === 0x30) return -1;
  let port = 0;
  for (let at = 1; at < rest.length; at++) {
    const digit = rest.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    port = port * 10 + digit;
  }
  return port <= 0xffff ? port : -1;
}

function refused(text: string, reason: string): RangeError {
  return new RangeError(
    `parseEndpoint: text must be an address and a port like '192.0.2.1:80' or '[2001:db8::1]:80': got ${quote(text)}; ${reason}`,
  );
}
