// Starting one.

export type { AtLimit } from './accept-loop.js';
export type { ConnectionDefaults, Handler, HandlerReference } from './handler.js';
export type { ServerLimits } from './limit-options.js';
export type { TcpAddress } from './listener.js';
export type { ServerOptions } from './options.js';
export { createServer, Server } from './server.js';
export type { StrategyName, ThreadInfo } from './strategies/strategy.js';
export type { Rate } from './token-bucket.js';

// What it tells.

export type { RefusalReason } from './admission.js';
export type { ConnectionInfo, ServerCounters, ServerEvents } from './events.js';
export type { Ledger } from './ledger.js';

// Its end.

export type { CutConnection, DrainReport } from './drain.js';
