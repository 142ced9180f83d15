/**
 * SocketError: what every camelCase call throws when the network or the system said no.
 *
 * One class, no subclasses: branch on `code`. Names, numbers and phrases come from the tables alone.
 */
import type { SockaddrLike } from '@netloom/sockaddr';
import type { SocketErrorCode } from './errno-table.js';
import {
  errnoRowByNumber,
  errnoRowOf,
  hostSystem,
  lookupError,
  nodeErrno,
  windowsNameOf,
} from './error-lookup.js';

/** libuv's number for an error it does not know; also ours, for `code: 'UNKNOWN'` and codes this system has no number for. */
const UV_UNKNOWN = -4094;

/** ERROR_GEN_FAILURE: Windows' code for what has no closer one. */
const GENERAL_FAILURE = 31;

/** Winsock's numbers begin here (WSABASEERR). */
const WINSOCK_FIRST = 10_000;

/** The addon's own "no such life of this number" on Windows. */
const WSAEBADF = 10009;

/** EBADF of a socket call is WSAENOTSOCK: Winsock's own 10009 belongs to files. */
const WSAENOTSOCK = 10038;

/** "recv from", "send to": how the peer or the host follows the call's name. The rest reads "on". */
const PREPOSITIONS: Readonly<Record<string, string>> = {
  recv: 'from',
  recvfrom: 'from',
  recvmsg: 'from',
  read: 'from',
  accept: 'from',
  send: 'to',
  sendto: 'to',
  sendmsg: 'to',
  write: 'to',
  connect: 'to',
  bind: 'to',
  getaddrinfo: 'of',
};

/** What a SocketError is made of: one of `code`, `errno` and `wsaCode` says which error it is. */
export interface SocketErrorInit {
  /** POSIX name: `'ETIMEDOUT'`. */
  readonly code?: SocketErrorCode | undefined;
  /** The system's number negated, as Node and the addon report it: `-104`. */
  readonly errno?: number | undefined;
  /** Winsock's number: `10054`. Beside `code` or `errno`: the more exact translation of the two. */
  readonly wsaCode?: number | undefined;
  /** The call that failed: `'recv'`. */
  readonly syscall: string;
  /** The other side, or the address the call was about. */
  readonly peer?: SockaddrLike | undefined;
  /** The name the call was about, where it has no address. */
  readonly hostname?: string | undefined;
  /** What else a reader should know; stands at the end of the message: `timeoutMs of 500 passed`. */
  readonly detail?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The network or the system refused a call.
 *
 * `message` reads `recv from 10.0.0.7:5150: connection reset by peer (ECONNRESET, 10054)`.
 *
 * @see winsock2 "Windows Sockets Error Codes" · errno(3)
 *
 * @example
 * ```ts
 * import { AF_INET, SockaddrIn } from '@netloom/sockaddr';
 * import { Socket, SocketError, SOCK_STREAM } from '@netloom/winsock-native';
 *
 * using socket = Socket.create(AF_INET, SOCK_STREAM);
 * try {
 *   socket.bind(SockaddrIn.from({ address: '192.0.2.1', port: 80 })); // not of this machine
 * } catch (error) {
 *   if (!(error instanceof SocketError)) throw error;
 *   console.log(error.code, error.wsaCode, error.syscall);
 *   console.log(error.message);
 * }
 * ```
 *
 * ```text
 * EADDRNOTAVAIL 10049 bind
 * bind to 192.0.2.1:80: address not available (EADDRNOTAVAIL, 10049)
 * ```
 */
export class SocketError extends Error {
  /** Where the class is found, so that an error that crosses threads arrives as itself. */
  static readonly module: string = import.meta.url;
  static readonly exportName = 'SocketError';

  static {
    // On the prototype and not enumerable, as Error's own: inspect() then shows it once, in the first line.
    Object.defineProperty(SocketError.prototype, 'name', {
      value: 'SocketError',
      configurable: true,
      writable: true,
    });
  }

  /** The POSIX name, on every system: `'ECONNRESET'`; `'ENOTFOUND'` for an unknown host. As Node's `err.code`. */
  readonly code: SocketErrorCode;
  /** As Node's `err.errno`: the system's number negated (-104 on Linux), libuv's on Windows (-4077). */
  readonly errno: number;
  /** Winsock's number, on every system: 10054. */
  readonly wsaCode: number;
  /** Winsock's name: `'WSAECONNRESET'`. */
  readonly wsaName: string;
  /** The call that failed. */
  readonly syscall: string;
  /** The address or the Unix path the call was about, where there is one. */
  declare readonly address?: string;
  declare readonly port?: number;
  /** The name that was looked up, where that is what failed. As Node's `err.hostname`. */
  declare readonly hostname?: string;

  /**
   * Makes the error of a failed call.
   *
   * @param init - which error (`code`, `errno` or `wsaCode`), of which call, and on what
   * @throws {TypeError} none of the three is given, or `code` is no row of the table
   */
  constructor(init: SocketErrorInit) {
    const identity = identify(init);
    super(messageOf(init, identity), init.cause === undefined ? undefined : { cause: init.cause });
    this.code = identity.code;
    this.errno = identity.errno;
    this.wsaCode = identity.wsaCode;
    this.wsaName = windowsNameOf(identity.wsaCode) ?? `WSA ${identity.wsaCode}`;
    this.syscall = init.syscall;
    const { address, port } = partsOf(init.peer);
    if (address !== undefined) this.address = address;
    if (port !== undefined) this.port = port;
    if (init.hostname !== undefined) this.hostname = init.hostname;
  }
}

interface Identity {
  readonly code: SocketErrorCode;
  readonly errno: number;
  readonly wsaCode: number;
  readonly says: string;
}

function identify(init: SocketErrorInit): Identity {
  if (init.code !== undefined) return fromCode(init.code, init.wsaCode);
  if (init.errno !== undefined) return fromErrno(init.errno, init.wsaCode);
  if (init.wsaCode !== undefined) return fromWsaCode(init.wsaCode);
  throw new TypeError('SocketError: one of code, errno and wsaCode must be given: got none');
}

function fromCode(code: SocketErrorCode, wsaCode: number | undefined): Identity {
  if (code === 'UNKNOWN') return unknown(UV_UNKNOWN, wsaCode);
  const row = errnoRowOf(code);
  if (row === undefined) {
    throw new TypeError(`SocketError: code must be a POSIX error name: got ${String(code)}`);
  }
  return {
    code: row.code,
    errno: nodeErrno(row, hostSystem()) ?? UV_UNKNOWN,
    wsaCode: wsaCode ?? (row.code === 'EBADF' ? WSAENOTSOCK : row.wsaCode),
    says: saysOf(row, wsaCode),
  };
}

/** What the more exact translation says, where there is one: EPIPE is a reset, a shutdown or no connection at all. */
function saysOf(row: { code: string; wsaCode: number; says: string }, wsaCode?: number): string {
  const twin = wsaCode === undefined || wsaCode === row.wsaCode ? null : lookupError(wsaCode)?.code;
  return (twin == null ? undefined : errnoRowOf(twin)?.says) ?? row.says;
}

function fromErrno(errno: number, wsaCode: number | undefined): Identity {
  // WINDOWS: the addon reports the system's own numbers there, negated; no errno is as low as Winsock's.
  if (errno === -WSAEBADF) return fromCode('EBADF', wsaCode);
  if (errno <= -WINSOCK_FIRST) return fromWsaCode(-errno);
  const row = errnoRowByNumber(errno, hostSystem());
  if (row !== undefined) return fromCode(row.code, wsaCode);
  const isSystems = hostSystem() === 'win32' && lookupError(-errno) !== undefined;
  return isSystems ? fromWsaCode(-errno) : unknown(errno, wsaCode);
}

function fromWsaCode(wsaCode: number): Identity {
  const info = lookupError(wsaCode);
  if (info?.code != null) return fromCode(info.code, wsaCode);
  return { ...unknown(UV_UNKNOWN, wsaCode), says: info?.meaning.en ?? 'unknown error' };
}

function unknown(errno: number, wsaCode: number | undefined): Identity {
  return {
    code: 'UNKNOWN',
    errno,
    wsaCode: wsaCode ?? GENERAL_FAILURE,
    says: `unknown system error ${errno}`,
  };
}

function messageOf(init: SocketErrorInit, { says, code, wsaCode }: Identity): string {
  const { syscall, peer, hostname, detail } = init;
  // Quoted: a name is text from anywhere.
  const name = hostname === undefined ? undefined : JSON.stringify(hostname);
  const about = peer === undefined ? name : String(peer);
  const on = about === undefined ? '' : ` ${PREPOSITIONS[syscall] ?? 'on'} ${about}`;
  const more = detail === undefined ? '' : `, ${detail}`;
  return `${syscall}${on}: ${says} (${code}, ${wsaCode})${more}`;
}

function partsOf(peer: SockaddrLike | undefined): {
  address?: string | undefined;
  port?: number | undefined;
} {
  if (peer === undefined) return {};
  // A Unix name has neither: then its text is the address.
  return { address: peer.address ?? String(peer), port: peer.port };
}
