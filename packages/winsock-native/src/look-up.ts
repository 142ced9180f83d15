/**
 * Names to addresses and back, without blocking: getaddrinfo(3) and getnameinfo(3) on threads of their own. Ours.
 *
 * The system's resolver answers, with its files, its services and its order; nothing is cached here.
 */
import { domainToASCII } from 'node:url';
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  type SockaddrIn,
  type SockaddrIn6,
  type SockaddrLike,
  sockaddrFrom,
} from '@netloom/sockaddr';
import { native } from './native.js';
import { type Answer, ask } from './resolver.js';
import { SocketError } from './socket-error.js';
import { WSAHOST_NOT_FOUND, WSANO_DATA } from './wsa-codes.js';

export interface LookUpOptions {
  /** How long to wait for the system's resolver, in milliseconds; default: as long as it takes, half a minute commonly. */
  readonly timeoutMs?: number | undefined;
  /** Stops the wait; it then fails with the signal's own reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface GetAddrInfoOptions extends LookUpOptions {
  /** AF_INET or AF_INET6: only such addresses; default: both (AF_UNSPEC). */
  readonly family?: number | undefined;
  /** The port that the addresses get, 0 to 65535; default 0. */
  readonly port?: number | undefined;
  /** Whether to ask for the name behind aliases, too. */
  readonly wantsCanonicalName?: boolean | undefined;
}

/** What a name stands for. */
export interface AddrInfo {
  /** At least one, in the resolver's order (RFC 6724). */
  readonly addresses: readonly (SockaddrIn | SockaddrIn6)[];
  /** Where it was asked for and the system knows one. */
  readonly canonicalName: string | undefined;
}

export interface GetNameInfoOptions extends LookUpOptions {
  /** Whether to fail with ENOTFOUND where an address has no name; default: the address stands for its name. */
  readonly requiresName?: boolean | undefined;
  /** Whether the port is one of UDP; default: of TCP. */
  readonly isDatagram?: boolean | undefined;
}

/** What an address and a port are called. */
export interface NameInfo {
  readonly host: string;
  /** `http` for 80, where the system's table has it; else the number as text. */
  readonly service: string;
}

/** Room that the addon gives each address: sizeof(sockaddr_in6), on every system. */
const ADDRESS_ROOM = 28;
/** NI_MAXHOST without its end: more is no name for any system. */
const LONGEST_HOST = 1024;
/** Beyond this setTimeout would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Looks up the addresses of a name, without blocking the event loop.
 *
 * A look-up under way keeps the process alive; `process.exit()` and the end of a worker do not wait for it. Stopped, it is
 * over at once for the caller; the thread in the system's resolver ends by itself. A process looks up 16 names at a time,
 * others wait their turn.
 *
 * @param host - a name (other scripts than Latin too, UTS 46) or an address
 * @throws {SocketError} ENOTFOUND (no such name, or no address of the family), EAI_AGAIN (name servers do not answer),
 *   EAI_FAIL, ETIMEDOUT (`timeoutMs`), EMFILE, ENOMEM, EAGAIN (no thread)
 * @throws {TypeError} `host` is empty or no string
 * @throws {RangeError} `port`, `timeoutMs` or `family` is out of range
 * @see getaddrinfo(3) · winsock2 getaddrinfo · RFC 6724
 *
 * @example
 * ```ts
 * import { AF_INET } from '@netloom/sockaddr';
 * import { getAddrInfo } from '@netloom/winsock-native';
 *
 * const { addresses } = await getAddrInfo('localhost', { family: AF_INET, port: 9008, timeoutMs: 5000 });
 * console.log(addresses.map(String));
 * ```
 *
 * ```text
 * [ '127.0.0.1:9008' ]
 * ```
 */
export async function getAddrInfo(
  host: string,
  options: GetAddrInfoOptions = {},
): Promise<AddrInfo> {
  const { family = AF_UNSPEC, port = 0, wantsCanonicalName = false } = options;
  const name = nameBytes(host);
  if (family !== AF_UNSPEC && family !== AF_INET && family !== AF_INET6) {
    throw new RangeError(
      `getAddrInfo: family must be AF_INET, AF_INET6 or AF_UNSPEC: got ${String(family)}`,
    );
  }
  if (!Number.isInteger(port) || port < 0 || port > 0xffff) {
    throw new RangeError(`getAddrInfo: port must be an integer from 0 to 65535: got ${port}`);
  }
  if (name === undefined) throw failure('getaddrinfo', WSAHOST_NOT_FOUND, { hostname: host });
  const flags = wantsCanonicalName ? (native.constants.AI_CANONNAME ?? 0) : 0;
  const about = { hostname: host };
  const put = () => native.resolverAddresses(name, new Uint8Array(0), family, flags);
  const answer = await answerTo('getaddrinfo', put, about, options);
  const addresses = addressesIn(answer.addresses, port);
  if (addresses.length === 0) throw failure('getaddrinfo', WSANO_DATA, about);
  return { addresses, canonicalName: answer.host === '' ? undefined : answer.host };
}

/**
 * Looks up the name of an address and of its port, without blocking the event loop; everything else is as in `getAddrInfo`.
 *
 * @throws {SocketError} ENOTFOUND where a name is required, EAI_AGAIN, EAI_FAIL, EAFNOSUPPORT, ETIMEDOUT (`timeoutMs`)
 * @throws {RangeError} `timeoutMs` is out of range
 * @see getnameinfo(3) · winsock2 getnameinfo
 */
export async function getNameInfo(
  address: SockaddrIn | SockaddrIn6,
  options: GetNameInfoOptions = {},
): Promise<NameInfo> {
  if (!(address?.bytes instanceof Uint8Array)) {
    throw new TypeError(
      `getNameInfo: address must be a SockaddrIn or SockaddrIn6: got ${String(address)}`,
    );
  }
  const { NI_NAMEREQD = 0, NI_DGRAM = 0 } = native.constants;
  const flags =
    (options.requiresName === true ? NI_NAMEREQD : 0) |
    (options.isDatagram === true ? NI_DGRAM : 0);
  const put = () => native.resolverNames(address.bytes.subarray(0, address.length), flags);
  const { host, service } = await answerTo('getnameinfo', put, { peer: address }, options);
  return { host, service };
}

/** What the question was about, for errors. */
type About = { readonly hostname: string } | { readonly peer: SockaddrLike };

function answerTo(
  syscall: string,
  put: () => number,
  about: About,
  { timeoutMs = Number.POSITIVE_INFINITY, signal }: LookUpOptions,
): Promise<Answer> {
  if (typeof timeoutMs !== 'number' || !(timeoutMs >= 0)) {
    throw new RangeError(
      `${syscall}: timeoutMs must be a number of milliseconds from 0 on, or Infinity for no limit: got ${String(timeoutMs)}`,
    );
  }
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const forget = ask(syscall, put, (answer) => {
      finish();
      if (answer.code === 0) resolve(answer);
      else reject(failure(syscall, answer.code, about));
    });
    const stop = (reason: unknown) => {
      forget();
      finish();
      reject(reason);
    };
    const onAbort = () => stop(signal?.reason);
    signal?.addEventListener('abort', onAbort);
    const timer =
      timeoutMs > LONGEST_TIMER_MS
        ? undefined
        : setTimeout(() => {
            const detail = `timeoutMs of ${timeoutMs} passed`;
            stop(new SocketError({ code: 'ETIMEDOUT', syscall, detail, ...about }));
          }, timeoutMs);
  });
}

/** The name as the resolver gets it; undefined where it can be none. */
function nameBytes(host: string): Uint8Array | undefined {
  if (typeof host !== 'string' || host === '') {
    throw new TypeError(`getAddrInfo: host must be a name: got ${JSON.stringify(host)}`);
  }
  // Other characters than ASCII as the name system writes them; '' is its word for "impossible".
  const ascii = /^[\x21-\x7e]+$/.test(host) ? host : domainToASCII(host);
  if (ascii === '' || ascii.length > LONGEST_HOST) return undefined;
  return new TextEncoder().encode(ascii);
}

function addressesIn(bytes: Uint8Array, port: number): (SockaddrIn | SockaddrIn6)[] {
  const found: (SockaddrIn | SockaddrIn6)[] = [];
  for (let at = 0; at < bytes.length; at += ADDRESS_ROOM) {
    // Each keeps memory of its own: one address kept does not keep them all.
    const one = sockaddrFrom(bytes.slice(at, at + ADDRESS_ROOM), ADDRESS_ROOM);
    if (!('sin_addr' in one) && !('sin6_addr' in one)) continue;
    one.port = port;
    found.push(one);
  }
  return found;
}

/** The resolver's own codes have names that Node has made known; the others are the system's errors. */
function failure(syscall: string, wsaCode: number, about: About): SocketError {
  const isNoAddress = wsaCode === WSANO_DATA;
  return new SocketError({
    ...(isNoAddress ? { code: 'ENOTFOUND' as const } : {}),
    wsaCode,
    syscall,
    ...about,
  });
}
