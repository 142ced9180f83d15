// Starting one.

export type { ConnectionDefaults, Handler, HandlerReference } from './handler.js';
export type { TcpAddress } from './listener.js';
export type { ServerOptions } from './options.js';
export { createServer, Server } from './server.js';
export type { StrategyName, ThreadInfo } from './strategies/strategy.js';

// What it tells.

export type { ConnectionInfo, ServerCounters, ServerEvents } from './events.js';
export type { Ledger } from './ledger.js';

// Its end.

export type { CutConnection, DrainReport } from './drain.js';
