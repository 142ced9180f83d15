/**
 * From a host, which is an address or a name, to the addresses to try, in the order to try them.
 *
 * Numeric addresses need no look-up. Names go to the system's resolver through Node (getaddrinfo(3), on libuv's own
 * threads: a look-up under way holds up `process.exit()`), in the resolver's order (RFC 6724).
 */
import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { SockaddrIn, SockaddrIn6 } from '@netloom/sockaddr';
import { SocketError } from '@netloom/winsock-native';

/** An address to try. */
export type Candidate = SockaddrIn | SockaddrIn6;

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

/** `fe80::1%eth0` to `fe80::1%2`: the structure holds the interface's index. What is no interface stays as it is. */
function withNumericZone(host: string): string {
  const [address = '', zone = ''] = host.split('%');
  const interfaces = networkInterfaces()[zone] ?? [];
  // A link-local address of the interface names it; the others say 0.
  const scoped = interfaces.find((one) => one.family === 'IPv6' && one.scopeid > 0);
  return scoped?.family === 'IPv6' ? `${address}%${scoped.scopeid}` : host;
}

/** Looks a name up; calls back once, later. */
export function lookUp(
  host: string,
  port: number,
  done: (candidates: readonly Candidate[] | SocketError) => void,
): void {
  lookup(host, { all: true, verbatim: true }, (error, addresses) => {
    if (error !== null) {
      done(lookUpError(host, error));
      return;
    }
    done(
      addresses.flatMap(({ address }) => {
        const candidate = numericCandidate(address, port);
        return candidate === undefined ? [] : [candidate];
      }),
    );
  });
}

function lookUpError(host: string, cause: NodeJS.ErrnoException): SocketError {
  // What else a resolver may say (a name too long for it, a library's own fault) is of no use to tell apart.
  const { code } = cause;
  const known = code === 'ENOTFOUND' || code === 'EAI_AGAIN' ? code : 'EAI_FAIL';
  return new SocketError({ code: known, syscall: 'getaddrinfo', hostname: host, cause });
}
