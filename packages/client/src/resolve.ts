/**
 * From a host, which is an address or a name, to the addresses to try.
 *
 * Numeric addresses need no look-up. Names go to the system's resolver, each family by itself (RFC 8305 §3), on threads that
 * hold up nobody; or to the caller's own name server.
 */
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { AF_INET, AF_INET6, IPPROTO_UDP, SockaddrIn, SockaddrIn6 } from '@netloom/sockaddr';
import { getAddrInfo, SOCK_DGRAM, Socket, SocketError } from '@netloom/winsock-native';
import type { IpFamily } from './happy-eyeballs.js';

/** An address to try. */
export type Candidate = SockaddrIn | SockaddrIn6;

export interface LookUpOptions {
  readonly family: IpFamily;
  /** Aborts when nobody wants the answer any more. */
  readonly signal: AbortSignal;
}

/**
 * Finds a name's addresses of one family, best first. None: the name has none of this family. What it throws or rejects with
 * becomes a part of the error, if no address of the other family answers either.
 */
export type LookUp = (host: string, options: LookUpOptions) => Promise<readonly string[]>;

/** Gives the address that a host is already, or undefined when it is a name. */
export function numericCandidate(host: string, port: number): Candidate | undefined {
  switch (isIP(host)) {
    case 4:
      return SockaddrIn.from({ address: host, port });
    case 6:
      return SockaddrIn6.from({ address: withNumericZone(host), port });
    default:
      return undefined;
  }
}

export function familyOf(address: Candidate): IpFamily {
  return 'sin6_addr' in address ? 6 : 4;
}

/** Asks the system, or `lookUp` where there is one. */
export async function candidatesOf(
  host: string,
  port: number,
  options: LookUpOptions,
  lookUp: LookUp | undefined,
): Promise<readonly Candidate[]> {
  if (lookUp === undefined) {
    const family = options.family === 4 ? AF_INET : AF_INET6;
    return (await getAddrInfo(host, { family, port, signal: options.signal })).addresses;
  }
  const texts = await lookUp(host, options);
  return texts.map((text) => {
    const candidate = numericCandidate(text, port);
    if (candidate !== undefined && familyOf(candidate) === options.family) return candidate;
    throw new TypeError(
      `lookUp must give IPv${options.family} addresses as text: got ${JSON.stringify(text)} for ${JSON.stringify(host)}`,
    );
  });
}

/**
 * The address that the system would come from: what connecting a datagram socket chooses, without a packet sent.
 *
 * @returns undefined where the system has no way to the destination
 */
export function sourceOf(to: Candidate): Candidate | undefined {
  const family = familyOf(to) === 4 ? AF_INET : AF_INET6;
  try {
    using probe = Socket.create(family, SOCK_DGRAM, IPPROTO_UDP);
    probe.tryConnect(to);
    const { localAddress } = probe;
    return 'sin_addr' in localAddress || 'sin6_addr' in localAddress ? localAddress : undefined;
  } catch (error) {
    // ENETUNREACH, EADDRNOTAVAIL, EAFNOSUPPORT …: whatever it is, the attempt itself will say it.
    if (error instanceof SocketError) return undefined;
    throw error;
  }
}

/** `fe80::1%eth0` to `fe80::1%2`: the structure holds the interface's index. What is no interface stays as it is. */
function withNumericZone(host: string): string {
  const [address = '', zone = ''] = host.split('%');
  const interfaces = networkInterfaces()[zone] ?? [];
  // A link-local address of the interface names it; the others say 0.
  const scoped = interfaces.find((one) => one.family === 'IPv6' && one.scopeid > 0);
  return scoped?.family === 'IPv6' ? `${address}%${scoped.scopeid}` : host;
}
