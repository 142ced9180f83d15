/**
 * What the kinds of proxies share: a connection to the proxy, a conversation with it under the same deadline, and then the
 * connection is the caller's; or it is closed.
 */
import { isIP } from 'node:net';
import { type Connection, StreamError } from '@netloom/connection';
import { clock, type Operation, type OperationOptions } from '@netloom/coroutines';
import { checkInteger, checkTimeoutMs, shownValue } from '../checks.js';
import { type ConnectTcpOptions, connectTcp, DEFAULT_CONNECT_TIMEOUT_MS } from '../connect.js';
import { TaskOperation } from '../task-operation.js';
import { ProxyError } from './proxy-error.js';

export interface ProxyCredentials {
  readonly username: string;
  readonly password: string;
}

export interface TunnelOptions extends OperationOptions {
  /** How to reach the proxy: as `connectTcp`, whose deadline and signal are this one's. */
  readonly proxy: Omit<ConnectTcpOptions, 'timeoutMs' | 'signal'>;
  /** Where to go from there: an address, or a name, which the proxy looks up. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  readonly credentials?: ProxyCredentials | undefined;
  /** For everything; default: 10 s. */
  readonly timeoutMs?: number | undefined;
}

/** A destination that has been checked. */
export interface Destination {
  readonly host: string;
  readonly port: number;
  /** What `host` is: 4, 6, or 0 for a name. */
  readonly family: number;
  /** The proxy, for errors. */
  readonly proxy: string;
}

/** What is left of the deadline, for the next wait. */
export type Rest = () => { readonly timeoutMs: number; readonly signal: AbortSignal };

/** Printable ASCII without blanks and controls: nothing that ends a line or a field. */
const PLAIN = /^[\x21-\x7e]+$/;
/** RFC 1035 §2.3.4; what SOCKS has room for. */
const LONGEST_NAME = 255;

/** Runs `converse` over a connection to the proxy. */
export function tunnel(
  options: TunnelOptions,
  converse: (connection: Connection, to: Destination, rest: Rest) => Promise<void>,
): Operation<Connection> {
  const { timeoutMs = DEFAULT_CONNECT_TIMEOUT_MS, proxy } = options;
  checkTimeoutMs('timeoutMs', timeoutMs);
  const to = checkDestination(options);
  const open = async (signal: AbortSignal): Promise<Connection> => {
    const endsAtMs = clock.now() + timeoutMs;
    const rest = () => ({ timeoutMs: Math.max(0, endsAtMs - clock.now()), signal });
    const connection = await connectTcp({ ...proxy, ...rest() });
    try {
      await converse(connection, to, rest);
    } catch (error) {
      connection.close();
      throw ofProxy(error, to.proxy);
    }
    return connection;
  };
  return new TaskOperation(open, (connection) => connection.close(), options);
}

function checkDestination({ host, port, proxy }: TunnelOptions): Destination {
  if (typeof proxy !== 'object' || proxy === null) {
    throw new TypeError(`proxy must be { host, port }: got ${shownValue(proxy)}`);
  }
  if (typeof host !== 'string' || !PLAIN.test(host) || host.length > LONGEST_NAME) {
    throw new TypeError(`host must be an address or an ASCII name: got ${shownValue(host)}`);
  }
  checkInteger('port', port, 1, 0xffff);
  return { host, port, family: isIP(host), proxy: `${proxy.host}:${proxy.port}` };
}

/** A proxy that hangs up in the middle, or never ends a line, does not speak the protocol. */
function ofProxy(error: unknown, proxy: string): unknown {
  if (!(error instanceof StreamError)) return error;
  return new ProxyError('ERR_PROXY_PROTOCOL', proxy, error.message, { cause: error });
}
