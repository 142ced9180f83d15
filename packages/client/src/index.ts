/** Connecting: the table of contents. */

export { type ConnectTcpOptions, connectTcp, DEFAULT_CONNECT_TIMEOUT_MS } from './connect.js';
export { type ConnectUnixOptions, connectUnix } from './connect-unix.js';
export type { IpFamily, RaceTimes } from './happy-eyeballs.js';
export { IdlePool, type IdlePoolCounters, type IdlePoolOptions, Lease } from './idle-pool.js';
export type { LookUp, LookUpOptions } from './resolve.js';
export { RetryBudget, type RetryOptions, retry } from './retry.js';
export type { KeepAliveOptions, TcpSocketOptions } from './socket-options.js';
