/**
 * What a server tells while it runs. It emits and never prints; an error that nobody listens for becomes a process
 * warning, because silence would hide it and a crash would harm the other connections.
 */
import type { SockaddrLike } from '@netloom/sockaddr';
import type { SocketError } from '@netloom/winsock-native';
import type { RefusalReason } from './admission.js';
import type { DrainReport } from './drain.js';

/** Which connection an event is about. */
export interface ConnectionInfo {
  /** Counts accepted connections from 1. */
  readonly id: number;
  readonly peer: SockaddrLike | undefined;
  /** When it was accepted, on the clock of `@netloom/coroutines`. */
  readonly sinceMs: number;
  /** Node's id of the thread that ran its handler, once known. */
  readonly threadId: number | undefined;
}

/** The events of a server, with what their listeners get. */
export interface ServerEvents {
  /** A connection was accepted and is about to be handed to its handler; refused ones are not told. */
  accepted: [connection: ConnectionInfo];
  /** A newcomer was not let in, and why; its peer, where known. */
  refused: [why: RefusalReason, peer: SockaddrLike | undefined];
  /** A handler ended without an error; `result` is what it returned. */
  served: [connection: ConnectionInfo, result: unknown];
  /** A handler threw, or its thread died. Without a listener: a process warning, at doubling intervals. */
  'connection-error': [error: unknown, connection: ConnectionInfo];
  /** `accept` failed for one connection only; the server goes on. */
  'accept-error': [error: unknown];
  /** Out of descriptors or memory: nothing is accepted until a connection ends or a delay has passed. */
  'accept-paused': [error: unknown];
  /** Accepting works again. */
  'accept-resumed': [];
  /** A thread of the pool died and was replaced. Its connections are told one by one as 'connection-error'. */
  'thread-lost': [error: unknown, threadId: number | undefined];
  /** The server has ended. */
  drained: [report: DrainReport];
  /** The listening socket is gone; live connections go on. As with every EventEmitter it throws without a listener. */
  error: [error: SocketError];
}

/** What a server counts beside its ledger. */
export interface ServerCounters {
  /** Failures of `accept` that were one connection's fault. */
  readonly acceptErrors: number;
  /** How often accepting paused for want of descriptors or memory. */
  readonly acceptPauses: number;
  /** How often the limit made newcomers wait in the kernel's backlog. */
  readonly limitWaits: number;
  /** Threads that died. */
  readonly threadsLost: number;
  /** How many were refused, by reason; together the ledger's `refused`. */
  readonly refusals: Readonly<Record<RefusalReason, number>>;
}

/** Warns of what nobody listens for: the 1st, 2nd, 4th, 8th… time, so that a flood of errors makes no flood of text. */
export class UnheardErrors {
  #count = 0;
  #next = 1;

  warn(error: unknown, connection: ConnectionInfo): void {
    this.#count += 1;
    if (this.#count < this.#next) return;
    this.#next *= 2;
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const detail = error instanceof Error ? error.stack : undefined;
    process.emitWarning(
      `a connection from ${connection.peer} ended with an error that nobody listens for ` +
        `(number ${this.#count}; add server.on('connection-error', …)): ${text}`,
      { type: 'NetloomWarning', code: 'NETLOOM_CONNECTION_ERROR', ...(detail && { detail }) },
    );
  }
}
