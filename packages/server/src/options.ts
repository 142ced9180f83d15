/**
 * What `createServer` is told, checked once and completed with the defaults; nothing behind it checks again.
 *
 * Every refusal names the option, the rule, the value seen, and what to write instead.
 */
import { SockaddrIn, SockaddrIn6 } from '@netloom/sockaddr';
import type { CidrLike } from '@netloom/sockaddr/cidr';
import { SOMAXCONN } from '@netloom/winsock-native';
import type { AtLimit } from './accept-loop.js';
import { checkInteger, checkTimeout, show } from './checks.js';
import {
  type ConnectionDefaults,
  type Handler,
  type HandlerPlan,
  type HandlerReference,
  planHandler,
} from './handler.js';
import { type LimitPlan, planLimits, type ServerLimits } from './limit-options.js';
import type { TcpAddress } from './listener.js';
import { STRATEGIES, type StrategyName } from './strategies/strategy.js';
import { DEFAULT_TIMEOUTS } from './workers/default-timeouts.js';

/** Nobody else's machine reaches a server whose writer did not ask for it. */
const DEFAULT_HOST = '127.0.0.1';
/** As the tutorial's pool. */
const DEFAULT_THREADS = 10;
/** Each is a V8 of its own, 10 MB and more. */
const MOST_THREADS = 1024;
const LARGEST_BACKLOG = 65535;
const COMING_STRATEGIES: readonly unknown[] = ['serial', 'thread-per-connection', 'thread-pool'];

/** How a server is to be. */
export interface ServerOptions {
  /** An IPv4 or IPv6 address, or 'localhost', which is 127.0.0.1; default 127.0.0.1. `0.0.0.0` and `::` stand for all addresses of the machine. */
  readonly host?: string | undefined;
  /** 0 to 65535; 0 lets the system choose, `server.address()` tells. */
  readonly port: number;
  /** Finished connections that the kernel keeps until they are accepted; default SOMAXCONN. Linux caps it at net.core.somaxconn. */
  readonly backlog?: number | undefined;
  /** Called with each `Connection`. A function that is no coroutine with a name only with `strategy: 'coroutine'`. */
  readonly handler: Handler | HandlerReference;
  /** Where handlers run; default 'pooled-coroutine'. */
  readonly strategy?: StrategyName | undefined;
  /** Threads of 'pooled-coroutine', 1 to 1024; default 10. All are started before the server listens. */
  readonly threads?: number | undefined;
  /** Live connections at a time, exact; default: no limit but the descriptors. */
  readonly maxConnections?: number | undefined;
  /**
   * At a limit newcomers wait in the kernel's backlog ('wait', default) or are accepted and refused ('refuse').
   */
  readonly atLimit?: AtLimit | undefined;
  /** Limits beside the total: by address, by thread, per second; default: none. */
  readonly limits?: ServerLimits | undefined;
  /** Blocks of addresses that may come, all others are refused; default: all may. The longest block that holds a peer decides. */
  readonly allow?: readonly CidrLike[] | undefined;
  /** Blocks of addresses that are refused, also inside of a shorter one of `allow`; default: none. */
  readonly deny?: readonly CidrLike[] | undefined;
  /**
   * What who is refused gets: a reset ('reset', default), or these bytes (text: UTF-8) and the end, as far as one write
   * takes them.
   */
  readonly refusal?: 'reset' | { readonly message: string | Uint8Array } | undefined;
  /**
   * For every wait of a handler that states no `timeoutMs` of its own: `receiveTimeoutMs`, default 5 minutes, and
   * `sendTimeoutMs`, default 2 minutes. Passed: the wait fails with ETIMEDOUT, which the handler may catch. Infinity:
   * no limit, a silent client keeps its place until it leaves.
   */
  readonly connection?: ConnectionDefaults | undefined;
  /** Shares the port with other sockets that say the same (SO_REUSEPORT; not on Windows); default false. */
  readonly reusePort?: boolean | undefined;
  /** With an IPv6 host: does not take IPv4 too; default false. */
  readonly ipv6Only?: boolean | undefined;
  /** When it aborts, the server drains, as `close()` does. */
  readonly signal?: AbortSignal | undefined;
}

/** The options, complete. */
export interface ServerPlan {
  readonly address: TcpAddress;
  readonly backlog: number;
  readonly handler: HandlerPlan;
  readonly strategy: StrategyName;
  /** That run handlers: 1 where this one does. */
  readonly threads: number;
  readonly maxConnections: number;
  readonly atLimit: AtLimit;
  readonly limits: LimitPlan;
  /** Undefined: a reset. */
  readonly refusal: Uint8Array | undefined;
  /** Undefined: the default timeouts. */
  readonly connection: ConnectionDefaults | undefined;
  readonly reusePort: boolean;
  readonly ipv6Only: boolean;
  readonly signal: AbortSignal | undefined;
}

export function planServer(options: ServerOptions): ServerPlan {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(
      `createServer takes an object such as { port: 0, handler }: got ${show(options)}`,
    );
  }
  const strategy = checkStrategy(options.strategy);
  if (options.threads !== undefined && strategy !== 'pooled-coroutine') {
    throw new TypeError(
      `threads belongs to the strategy 'pooled-coroutine': got ${show(options.threads)} with '${strategy}', which runs all handlers on the calling thread`,
    );
  }
  const address = checkAddress(options.host ?? DEFAULT_HOST, options.port);
  return {
    address,
    backlog: checkBacklog(options.backlog),
    strategy,
    handler: planHandler(options.handler, strategy),
    threads:
      strategy === 'pooled-coroutine'
        ? checkInteger('threads', options.threads ?? DEFAULT_THREADS, 1, MOST_THREADS)
        : 1,
    maxConnections: checkLimit(options.maxConnections),
    atLimit: checkAtLimit(options.atLimit),
    limits: planLimits(options.limits, options),
    refusal: checkRefusal(options.refusal),
    connection: checkConnection(options.connection),
    reusePort: checkReusePort(options.reusePort),
    ipv6Only: checkIpv6Only(options.ipv6Only, address),
    signal: checkSignal(options.signal),
  };
}

function checkStrategy(strategy: StrategyName | undefined): StrategyName {
  if (strategy === undefined) return 'pooled-coroutine';
  if (STRATEGIES.includes(strategy)) return strategy;
  const choice = STRATEGIES.map((name) => `'${name}'`).join(' or ');
  if (COMING_STRATEGIES.includes(strategy)) {
    throw new TypeError(`strategy '${strategy}' is not there yet: this version has ${choice}`);
  }
  throw new TypeError(`strategy must be ${choice}: got ${show(strategy)}`);
}

function checkAddress(host: string, port: number): TcpAddress {
  checkInteger('port', port, 0, 65535, '; 0 lets the system choose');
  const address = host === 'localhost' ? DEFAULT_HOST : host;
  try {
    return address.includes(':')
      ? SockaddrIn6.from({ address, port })
      : SockaddrIn.from({ address, port });
  } catch (cause) {
    throw new TypeError(
      `host must be an IPv4 or IPv6 address such as '127.0.0.1', '::1' or '0.0.0.0', or 'localhost' (other names are not looked up): got ${show(host)}`,
      { cause },
    );
  }
}

function checkBacklog(backlog: number | undefined): number {
  if (backlog === undefined || backlog === SOMAXCONN) return SOMAXCONN;
  return checkInteger('backlog', backlog, 0, LARGEST_BACKLOG);
}

function checkLimit(limit: number | undefined): number {
  if (limit === undefined || limit === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  return checkInteger('maxConnections', limit, 1, Number.MAX_SAFE_INTEGER, ' (or Infinity)');
}

function checkAtLimit(atLimit: AtLimit | undefined): AtLimit {
  if (atLimit === undefined) return 'wait';
  if (atLimit === 'wait' || atLimit === 'refuse') return atLimit;
  throw new TypeError(`atLimit must be 'wait' or 'refuse': got ${show(atLimit)}`);
}

function checkRefusal(refusal: ServerOptions['refusal']): Uint8Array | undefined {
  if (refusal === undefined || refusal === 'reset') return undefined;
  const message = typeof refusal === 'object' && refusal !== null ? refusal.message : undefined;
  if (typeof message === 'string') return new TextEncoder().encode(message);
  if (message instanceof Uint8Array) return message.slice();
  throw new TypeError(
    `refusal must be 'reset' or { message: 'come back later\\n' }: got ${show(refusal)}`,
  );
}

function checkConnection(given: ConnectionDefaults | undefined): ConnectionDefaults | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(
      `connection must be an object such as { receiveTimeoutMs: 30_000 }: got ${show(given)}`,
    );
  }
  const { receiveTimeoutMs, sendTimeoutMs } = given;
  const checked = (name: string, ms: number | undefined) =>
    ms === undefined ? undefined : checkTimeout(`connection.${name}`, ms);
  return {
    receiveTimeoutMs:
      checked('receiveTimeoutMs', receiveTimeoutMs) ?? DEFAULT_TIMEOUTS.receiveTimeoutMs,
    sendTimeoutMs: checked('sendTimeoutMs', sendTimeoutMs) ?? DEFAULT_TIMEOUTS.sendTimeoutMs,
  };
}

function checkReusePort(reusePort: boolean | undefined): boolean {
  if (reusePort === undefined) return false;
  if (typeof reusePort !== 'boolean') {
    throw new TypeError(`reusePort must be true or false: got ${show(reusePort)}`);
  }
  if (reusePort && process.platform === 'win32') {
    throw new TypeError('reusePort is not there on Windows, which has no SO_REUSEPORT: got true');
  }
  return reusePort;
}

function checkIpv6Only(ipv6Only: boolean | undefined, address: TcpAddress): boolean {
  if (ipv6Only === undefined) return false;
  if (typeof ipv6Only !== 'boolean') {
    throw new TypeError(`ipv6Only must be true or false: got ${show(ipv6Only)}`);
  }
  if (ipv6Only && !(address instanceof SockaddrIn6)) {
    throw new TypeError(`ipv6Only needs an IPv6 host such as '::': got ${address}`);
  }
  return ipv6Only;
}

function checkSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  if (signal === undefined || signal instanceof AbortSignal) return signal;
  throw new TypeError(`signal must be an AbortSignal: got ${show(signal)}`);
}
