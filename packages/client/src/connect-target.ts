/**
 * What `connectTcp` was asked for, checked once, so that nothing later has to doubt it.
 */
import { isIP } from 'node:net';
import type { ConnectTcpOptions } from './connect.js';
import { type Candidate, numericCandidate } from './resolve.js';

export interface ConnectTarget {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  /** What `host` is, unless it is a name. */
  readonly numeric: Candidate | undefined;
  /** Where to come from, if an address was given. */
  readonly local: Candidate | undefined;
  readonly localPort: number;
}

const LAST_PORT = 65_535;

/** Checks the options of `connectTcp`; see there for what it throws. */
export function checkTarget(options: ConnectTcpOptions, defaultTimeoutMs: number): ConnectTarget {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`connectTcp: options must be { host, port }: got ${String(options)}`);
  }
  const { port, localAddress, localPort = 0, timeoutMs = defaultTimeoutMs } = options;
  const host = checkHost(options.host);
  checkPort('port', port, 1);
  checkPort('localPort', localPort, 0);
  if (typeof timeoutMs !== 'number' || !(timeoutMs >= 0)) {
    throw new RangeError(
      `timeoutMs must be a number of milliseconds from 0 on, or Infinity for no limit: got ${typeof timeoutMs === 'string' ? JSON.stringify(timeoutMs) : String(timeoutMs)}`,
    );
  }
  const numeric = numericCandidate(host, port);
  return { host, port, numeric, timeoutMs, local: checkLocal(localAddress, localPort), localPort };
}

function checkHost(host: unknown): string {
  if (typeof host !== 'string' || host === '') {
    throw new TypeError(
      `host must be an address or a name, such as '127.0.0.1' or 'localhost': got ${JSON.stringify(host) ?? String(host)}`,
    );
  }
  // As in a URL: [::1].
  const inBrackets = /^\[(.*)\]$/.exec(host)?.[1];
  return inBrackets !== undefined && isIP(inBrackets) === 6 ? inBrackets : host;
}

function checkPort(name: string, port: unknown, least: 0 | 1): void {
  if (typeof port === 'number' && Number.isInteger(port) && port >= least && port <= LAST_PORT)
    return;
  throw new RangeError(
    `${name} must be an integer from ${least} to ${LAST_PORT}: got ${JSON.stringify(port) ?? String(port)}`,
  );
}

function checkLocal(address: string | undefined, port: number): Candidate | undefined {
  if (address === undefined) return undefined;
  const local = typeof address === 'string' ? numericCandidate(address, port) : undefined;
  if (local !== undefined) return local;
  throw new TypeError(
    `localAddress must be an IPv4 or IPv6 address of this machine, not a name: got ${JSON.stringify(address)}`,
  );
}
