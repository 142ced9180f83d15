/**
 * What `connectTcp` was asked for, checked once, so that nothing later has to doubt it.
 */
import { isIP } from 'node:net';
import { checkInteger, checkTimeoutMs, shownValue } from './checks.js';
import type { ConnectTcpOptions } from './connect.js';
import type { IpFamily, RaceTimes } from './happy-eyeballs.js';
import { type Candidate, familyOf, numericCandidate } from './resolve.js';
import { checkSocketOptions } from './socket-options.js';

export interface ConnectTarget {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  /** What `host` is, unless it is a name. */
  readonly numeric: Candidate | undefined;
  /** Where to come from, if an address was given. */
  readonly local: Candidate | undefined;
  readonly localPort: number;
  /** The families to look up, and to try. */
  readonly families: readonly IpFamily[];
  readonly times: RaceTimes;
}

const LAST_PORT = 65_535;
/** RFC 8305 §8. */
const DEFAULT_RESOLUTION_DELAY_MS = 50;
const DEFAULT_ATTEMPT_DELAY_MS = 250;
const DEFAULT_FIRST_FAMILY_COUNT = 1;
/** RFC 8305 §5: it MUST NOT be less. */
const LEAST_ATTEMPT_DELAY_MS = 10;

/** Checks the options of `connectTcp`; see there for what it throws. */
export function checkTarget(options: ConnectTcpOptions, defaultTimeoutMs: number): ConnectTarget {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`connectTcp: options must be { host, port }: got ${String(options)}`);
  }
  const { port, localPort = 0, timeoutMs = defaultTimeoutMs } = options;
  const { connectTimeoutMs = Number.POSITIVE_INFINITY } = options;
  const host = checkHost(options.host);
  checkInteger('port', port, 1, LAST_PORT);
  checkSocketOptions(options);
  checkTimeoutMs('timeoutMs', timeoutMs);
  checkTimeoutMs('connectTimeoutMs', connectTimeoutMs);
  const local = checkLocal(options.localAddress, localPort);
  return {
    host,
    port,
    numeric: numericCandidate(host, port),
    timeoutMs,
    connectTimeoutMs,
    local,
    localPort,
    families: checkFamily(options.family, local),
    times: checkTimes(options, localPort),
  };
}

function checkHost(host: unknown): string {
  if (typeof host !== 'string' || host === '') {
    throw new TypeError(
      `host must be an address or a name, such as '127.0.0.1' or 'localhost': got ${shownValue(host)}`,
    );
  }
  // As in a URL: [::1].
  const inBrackets = /^\[(.*)\]$/.exec(host)?.[1];
  return inBrackets !== undefined && isIP(inBrackets) === 6 ? inBrackets : host;
}

function checkLocal(address: string | undefined, port: number): Candidate | undefined {
  if (address === undefined) return undefined;
  const local = typeof address === 'string' ? numericCandidate(address, port) : undefined;
  if (local !== undefined) return local;
  throw new TypeError(
    `localAddress must be an IPv4 or IPv6 address of this machine, not a name: got ${shownValue(address)}`,
  );
}

function checkFamily(family: unknown, local: Candidate | undefined): readonly IpFamily[] {
  if (family !== undefined && family !== 4 && family !== 6) {
    throw new RangeError(`family must be 4, 6 or left out: got ${shownValue(family)}`);
  }
  // AAAA is asked first: RFC 8305 §3.
  const wanted: readonly IpFamily[] = family === undefined ? [6, 4] : [family];
  const possible = wanted.filter((one) => local === undefined || one === familyOf(local));
  if (possible.length > 0) return possible;
  throw new TypeError(`localAddress must be of the family ${shownValue(family)}: got ${local}`);
}

function checkTimes({ race = {} }: ConnectTcpOptions, localPort: number): RaceTimes {
  const {
    resolutionDelayMs = DEFAULT_RESOLUTION_DELAY_MS,
    attemptDelayMs = DEFAULT_ATTEMPT_DELAY_MS,
    firstFamilyCount = DEFAULT_FIRST_FAMILY_COUNT,
  } = race;
  checkTimeoutMs('race.resolutionDelayMs', resolutionDelayMs);
  checkTimeoutMs('race.attemptDelayMs', attemptDelayMs);
  checkInteger('race.firstFamilyCount', firstFamilyCount, 1, Number.MAX_SAFE_INTEGER);
  if (attemptDelayMs < LEAST_ATTEMPT_DELAY_MS) {
    throw new RangeError(
      `race.attemptDelayMs must be at least ${LEAST_ATTEMPT_DELAY_MS} (RFC 8305 §5): got ${attemptDelayMs}`,
    );
  }
  // Two sockets cannot have one port.
  const isSerial = localPort !== 0;
  return {
    resolutionDelayMs,
    attemptDelayMs: isSerial ? Number.POSITIVE_INFINITY : attemptDelayMs,
    firstFamilyCount,
  };
}
