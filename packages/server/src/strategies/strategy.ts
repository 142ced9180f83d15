/**
 * What a strategy is: where a connection's handler runs, and how many run at a time. Nothing else: accepting, limits,
 * the ledger and draining are the same for all, and no strategy imports another.
 */
import type { Socket } from '@netloom/winsock-native';
import type { LiveConnection } from '../live-connections.js';

/** The strategies there are; `options.ts` names those of the design that are still to come. */
export const STRATEGIES = ['pooled-coroutine', 'coroutine'] as const;

export type StrategyName = (typeof STRATEGIES)[number];

/** A thread that runs handlers. */
export interface ThreadInfo {
  /** Node's id: `threadId` of node:worker_threads over there; 0 is the main thread. */
  readonly threadId: number;
  /** The kernel's id, as `GetCurrentThreadId()` says over there. */
  readonly kernelThreadId: number;
}

export interface Strategy {
  /** Starts what it needs. When it resolves the handler is known to import, on every thread. */
  open(): Promise<void>;
  /** Takes the socket over; tells the sink exactly once how the connection ended, after it is closed. Never throws. */
  take(connection: LiveConnection, socket: Socket): void;
  /** Cancels all handlers and closes their connections; the sink hears of each end as of any other. Comes once. */
  cutAll(live: Iterable<LiveConnection>, reason: Error): void;
  /** Ends the threads. Called when no connection is live, or with `isForced` for those that a cut did not end. */
  close(isForced: boolean): Promise<void>;
  /** The threads that run handlers now. */
  threads(): Promise<readonly ThreadInfo[]>;
}

/** Whom a strategy tells. */
export interface StrategySink {
  /** @param result - what the handler returned */
  served(connection: LiveConnection, result: unknown): void;
  aborted(connection: LiveConnection, error: unknown): void;
  /** A thread died; its connections are told one by one. */
  threadLost(threadId: number | undefined, error: unknown): void;
}
