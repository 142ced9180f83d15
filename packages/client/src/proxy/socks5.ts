/**
 * SOCKS 5: RFC 1928, with user name and password as RFC 1929 has them. CONNECT only.
 *
 *     client                                proxy
 *       5, methods ────────────────────────▶
 *                  ◀──────────────────────── 5, method          0xff: none of these
 *      [1, name, password ─────────────────▶
 *                  ◀──────────────────────── 1, status]          0: welcome
 *       5, CONNECT, 0, address, port ──────▶
 *                  ◀──────────────────────── 5, reply, 0, address, port
 */
import type { Connection } from '@netloom/connection';
import type { Operation } from '@netloom/coroutines';
import { parseIp } from '@netloom/sockaddr';
import { SocketError, type SocketErrorCode } from '@netloom/winsock-native';
import { ProxyError } from './proxy-error.js';
import {
  type Destination,
  type ProxyCredentials,
  type Rest,
  type TunnelOptions,
  tunnel,
} from './tunnel.js';

export type Socks5Options = TunnelOptions;

const VERSION = 5;
const NO_AUTHENTICATION = 0;
const USERNAME_PASSWORD = 2;
const NOTHING_ACCEPTABLE = 0xff;
/** Of the negotiation inside: RFC 1929 §2. */
const AUTHENTICATION_VERSION = 1;
const CONNECT = 1;
const IPV4 = 1;
const DOMAIN_NAME = 3;
const IPV6 = 4;
/** RFC 1929 §2: one byte for each length. */
const LONGEST_CREDENTIAL = 255;

/** RFC 1928 §6: what a reply means, and which of them are the network's own words. */
const REPLIES: Readonly<Record<number, readonly [says: string, code?: SocketErrorCode]>> = {
  1: ['general failure'],
  2: ['not allowed by its rules'],
  3: ['network unreachable', 'ENETUNREACH'],
  4: ['host unreachable', 'EHOSTUNREACH'],
  5: ['connection refused', 'ECONNREFUSED'],
  6: ['time to live expired', 'EHOSTUNREACH'],
  7: ['command not supported'],
  8: ['address type not supported'],
};

/**
 * Connects through a SOCKS 5 proxy; names are looked up by the proxy.
 *
 * @returns the connection to `host`, through the proxy; its `peer` is the proxy. The caller closes it
 * @throws {SocketError} the proxy cannot be reached; or it says that the network, the host or the port there cannot
 * @throws {ProxyError} it wants other credentials, refuses, or does not speak the protocol
 * @throws {TypeError} `host` is no address and no ASCII name, or a credential is longer than 255 bytes
 * @throws {RangeError} a port or a time is out of range
 * @see RFC 1928 · RFC 1929
 */
export function connectSocks5(options: Socks5Options): Operation<Connection> {
  const { credentials } = options;
  if (credentials !== undefined) checkCredentials(credentials);
  return tunnel(options, async (connection, to, rest) => {
    await agree(connection, credentials, to, rest);
    await request(connection, to, rest);
  });
}

async function agree(
  connection: Connection,
  credentials: ProxyCredentials | undefined,
  to: Destination,
  rest: Rest,
): Promise<void> {
  const methods =
    credentials === undefined ? [NO_AUTHENTICATION] : [NO_AUTHENTICATION, USERNAME_PASSWORD];
  await connection.send(Uint8Array.of(VERSION, methods.length, ...methods), rest());
  const [version, method = NOTHING_ACCEPTABLE] = await connection.recvExactly(2, rest());
  checkVersion(version, VERSION, to);
  if (method === NOTHING_ACCEPTABLE) {
    const wants = credentials === undefined ? 'credentials' : 'another way to authenticate';
    throw new ProxyError('ERR_PROXY_AUTH', to.proxy, `it wants ${wants}`, { reply: method });
  }
  if (method === NO_AUTHENTICATION) return;
  if (method !== USERNAME_PASSWORD || credentials === undefined) {
    throw protocolError(to, `it chose method ${method}, which was not offered`);
  }
  const username = Buffer.from(credentials.username);
  const password = Buffer.from(credentials.password);
  const lengthOf = (bytes: Buffer) => Uint8Array.of(bytes.length);
  const message = Buffer.concat([
    Uint8Array.of(AUTHENTICATION_VERSION),
    lengthOf(username),
    username,
    lengthOf(password),
    password,
  ]);
  await connection.send(message, rest());
  const [answers, status = 1] = await connection.recvExactly(2, rest());
  checkVersion(answers, AUTHENTICATION_VERSION, to);
  if (status === 0) return;
  throw new ProxyError('ERR_PROXY_AUTH', to.proxy, 'it refused the credentials', { reply: status });
}

async function request(connection: Connection, to: Destination, rest: Rest): Promise<void> {
  const port = Uint8Array.of(to.port >>> 8, to.port & 0xff);
  const head = Uint8Array.of(VERSION, CONNECT, 0);
  await connection.send(Buffer.concat([head, addressOf(to), port]), rest());
  const [version, reply = 1, , type] = await connection.recvExactly(4, rest());
  checkVersion(version, VERSION, to);
  if (reply !== 0) throw refusal(to, reply);
  // Where the proxy comes from; of no use here, and not part of what follows.
  const length = await boundLength(connection, type, to, rest);
  await connection.recvExactly(length + 2, rest());
}

function addressOf({ host, family }: Destination): Uint8Array {
  if (family === 0) {
    const name = Buffer.from(host, 'latin1');
    return Buffer.concat([Uint8Array.of(DOMAIN_NAME, name.length), name]);
  }
  const { bytes } = parseIp(host);
  return Buffer.concat([Uint8Array.of(family === 4 ? IPV4 : IPV6), bytes]);
}

async function boundLength(
  connection: Connection,
  type: number | undefined,
  to: Destination,
  rest: Rest,
): Promise<number> {
  if (type === IPV4) return 4;
  if (type === IPV6) return 16;
  if (type !== DOMAIN_NAME) throw protocolError(to, `it gave an address of type ${type}`);
  const [length = 0] = await connection.recvExactly(1, rest());
  return length;
}

function refusal(to: Destination, reply: number): Error {
  const [says, code] = REPLIES[reply] ?? [`reply ${reply}`];
  if (code === undefined) return new ProxyError('ERR_PROXY_REFUSED', to.proxy, says, { reply });
  const cause = new ProxyError('ERR_PROXY_REFUSED', to.proxy, says, { reply });
  const detail = `says the proxy ${to.proxy}`;
  return new SocketError({
    code,
    syscall: 'connect',
    hostname: `${to.host}:${to.port}`,
    detail,
    cause,
  });
}

function checkVersion(seen: number | undefined, version: number, to: Destination): void {
  if (seen !== version) throw protocolError(to, `it answers with version ${seen}, not ${version}`);
}

function protocolError(to: Destination, happened: string): ProxyError {
  return new ProxyError('ERR_PROXY_PROTOCOL', to.proxy, happened);
}

function checkCredentials({ username, password }: ProxyCredentials): void {
  for (const [name, value] of Object.entries({ username, password })) {
    const length = typeof value === 'string' ? Buffer.byteLength(value) : 0;
    if (length >= 1 && length <= LONGEST_CREDENTIAL) continue;
    // The value itself is nobody's business.
    throw new TypeError(
      `credentials.${name} must be text of 1 to ${LONGEST_CREDENTIAL} bytes (RFC 1929 §2): got ${length}`,
    );
  }
}
