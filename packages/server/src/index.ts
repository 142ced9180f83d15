export type { CutConnection, DrainReport } from './drain.js';
export type { ConnectionInfo, ServerCounters, ServerEvents } from './events.js';
export type { Handler, HandlerReference } from './handler.js';
export type { Ledger } from './ledger.js';
export type { ServerOptions } from './options.js';
export { createServer, type Server } from './server.js';
export type { StrategyName, ThreadInfo } from './strategies/strategy.js';
