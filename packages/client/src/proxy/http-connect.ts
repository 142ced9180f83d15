/**
 * HTTP's CONNECT: RFC 9110 §9.3.6, with Basic credentials (RFC 7617).
 */
import type { Connection } from '@netloom/connection';
import type { Operation } from '@netloom/coroutines';
import { ProxyError } from './proxy-error.js';
import { type Destination, type Rest, type TunnelOptions, tunnel } from './tunnel.js';

export interface HttpProxyOptions extends TunnelOptions {
  /** Further fields of the request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A line of an answer, and how many there may be: as long as servers commonly allow. */
const LIMIT_BYTES = 8192;
const LIMIT_LINES = 100;
const AUTHENTICATION_REQUIRED = 407;
/** RFC 9110 §5.1: a token. */
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** RFC 9110 §5.5: no control characters, so that nothing ends the field. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Connects through an HTTP proxy; names are looked up by the proxy.
 *
 * @returns the connection to `host`, through the proxy; its `peer` is the proxy. The caller closes it
 * @throws {SocketError} the proxy cannot be reached, or cuts the connection
 * @throws {ProxyError} it wants other credentials (407), refuses (any status but 2xx), or does not speak HTTP/1
 * @throws {TypeError} `host` is no address and no ASCII name, or a field is none
 * @throws {RangeError} a port or a time is out of range
 * @see RFC 9110 §9.3.6 · RFC 7617
 */
export function connectHttpProxy(options: HttpProxyOptions): Operation<Connection> {
  const fields = fieldsOf(options);
  return tunnel(options, async (connection, to, rest) => {
    const host = to.family === 6 ? `[${to.host}]` : to.host;
    const authority = `${host}:${to.port}`;
    const head = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`, ...fields, '', ''];
    await connection.send(Buffer.from(head.join('\r\n'), 'latin1'), rest());
    let status = await readStatus(connection, to, rest);
    // RFC 9110 §15.2: interim answers come before the one that counts.
    while (status < 200) status = await readStatus(connection, to, rest);
  });
}

/** Reads one answer's head, and not a byte behind it: that is the tunnel's. */
async function readStatus(connection: Connection, to: Destination, rest: Rest): Promise<number> {
  const lines = connection.lines({ limitBytes: LIMIT_BYTES, encoding: 'latin1' });
  const first = await nextLine(lines, to, rest);
  const [, digits, reason = ''] = /^HTTP\/1\.\d (\d{3})(?: (.*))?$/.exec(first) ?? [];
  if (digits === undefined) {
    const seen = JSON.stringify(first.slice(0, 60));
    throw new ProxyError('ERR_PROXY_PROTOCOL', to.proxy, `it answers ${seen}`);
  }
  const status = Number(digits);
  for (let count = 0; (await nextLine(lines, to, rest)) !== ''; count += 1) {
    if (count < LIMIT_LINES) continue;
    const happened = `its answer has more than ${LIMIT_LINES} lines`;
    throw new ProxyError('ERR_PROXY_PROTOCOL', to.proxy, happened, { reply: status });
  }
  if (status < 300) return status;
  const code = status === AUTHENTICATION_REQUIRED ? 'ERR_PROXY_AUTH' : 'ERR_PROXY_REFUSED';
  const said = `it answers ${status} ${reason}`.trimEnd();
  throw new ProxyError(code, to.proxy, `${said} for ${to.host}:${to.port}`, { reply: status });
}

async function nextLine(
  lines: ReturnType<Connection['lines']>,
  to: Destination,
  rest: Rest,
): Promise<string> {
  const line = await lines.next(rest());
  if (line !== null) return line;
  throw new ProxyError('ERR_PROXY_PROTOCOL', to.proxy, 'it ends the connection without an answer');
}

function fieldsOf({ headers = {}, credentials }: HttpProxyOptions): string[] {
  const fields = Object.entries(headers).map(([name, value]) => {
    if (FIELD_NAME.test(name) && FIELD_VALUE.test(value)) return `${name}: ${value}`;
    throw new TypeError(`headers must be fields of HTTP: got ${JSON.stringify(name)}`);
  });
  if (credentials === undefined) return fields;
  const { username, password } = credentials;
  // RFC 7617 §2: a colon would end the name.
  if (typeof username !== 'string' || username.includes(':') || typeof password !== 'string') {
    throw new TypeError('credentials must be text, and credentials.username without a colon');
  }
  const basic = Buffer.from(`${username}:${password}`).toString('base64');
  return [...fields, `Proxy-Authorization: Basic ${basic}`];
}
