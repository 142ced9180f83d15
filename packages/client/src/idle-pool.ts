/**
 * Connections kept for the next one who needs them: taken, given back, looked at before they are used again, and closed when
 * they have idled too long.
 *
 * Knows no host: it is given a function that connects. The latest one given back is the first one taken, so that the others
 * may grow old and go. Those that idle keep the process alive until their time is over or the pool is closed. Source: RFC 9112 §9 (persistent connections), as HTTP clients do it.
 */
import type { Connection } from '@netloom/connection';
import { clock, type Operation, type OperationOptions } from '@netloom/coroutines';
import { SocketError } from '@netloom/winsock-native';
import { checkInteger, checkTimeoutMs } from './checks.js';
import { TaskOperation } from './task-operation.js';

export interface IdlePoolOptions {
  /** Makes a connection; gets a signal that aborts when nobody waits for it any more. */
  readonly connect: (signal: AbortSignal) => PromiseLike<Connection>;
  /** The most at a time, in use and idle together; who comes then waits. Default: no limit. */
  readonly maxConnections?: number | undefined;
  /** The most that idle; others are closed when they come back. Default: 10. */
  readonly maxIdle?: number | undefined;
  /** How long one may idle; default: 10 s, less than what servers commonly allow. */
  readonly idleTimeoutMs?: number | undefined;
  /** How long one may live, however busy; default: no limit. With it a pool follows a name that moves. */
  readonly maxAgeMs?: number | undefined;
  /** Looks at an idle one before it is used again, beside what the kernel says of it; default: nothing. */
  readonly isHealthy?: ((connection: Connection) => boolean | PromiseLike<boolean>) | undefined;
}

/** What a pool has done and has. */
export interface IdlePoolCounters {
  /** In use now. */
  readonly busy: number;
  readonly idle: number;
  /** Who waits for one because of `maxConnections`. */
  readonly waiting: number;
  readonly connected: number;
  readonly reused: number;
  /** Idle ones that were closed because they had been cut, had idled too long, or were not healthy. */
  readonly discarded: number;
}

interface Kept {
  readonly connection: Connection;
  readonly bornAtMs: number;
  /** What tells of the peer's end, or of bytes that nobody has asked for, and of the time. */
  readonly controller: AbortController;
  isGone: boolean;
}

/** A connection out of a pool: `release()` gives it back, `using` without that closes it. */
export class Lease implements Disposable {
  readonly connection: Connection;
  readonly isReused: boolean;
  #end: ((isReusable: boolean) => void) | undefined;

  /** @internal */
  constructor(connection: Connection, isReused: boolean, end: (isReusable: boolean) => void) {
    this.connection = connection;
    this.isReused = isReused;
    this.#end = end;
  }

  /** Gives it back for others, at the end of an exchange: nothing half-sent, nothing half-read. */
  release(): void {
    this.#finish(true);
  }

  /** Closes it, unless it was given back: what an exchange that failed has left is for nobody. */
  [Symbol.dispose](): void {
    this.#finish(false);
  }

  #finish(isReusable: boolean): void {
    const end = this.#end;
    this.#end = undefined;
    end?.(isReusable);
  }
}

/**
 * A pool of connections to one server.
 *
 * @example
 * ```ts
 * import { connectTcp, IdlePool } from '@netloom/client';
 * import type { Connection } from '@netloom/connection';
 * import { createServer } from '@netloom/server';
 *
 * const handler = async (peer: Connection) => {
 *   for await (const line of peer.lines()) await peer.send(new TextEncoder().encode(`${line}!\n`));
 * };
 * await using server = await createServer({ port: 0, strategy: 'coroutine', handler });
 * const { port } = server.address();
 * await using pool = new IdlePool({
 *   connect: (signal) => connectTcp({ host: '127.0.0.1', port, signal }),
 * });
 *
 * for (const word of ['one', 'two']) {
 *   using lease = await pool.take();
 *   await lease.connection.send(new TextEncoder().encode(`${word}\n`));
 *   console.log(await lease.connection.lines().next(), lease.isReused);
 *   lease.release();
 * }
 * ```
 *
 * ```text
 * one! false
 * two! true
 * ```
 */
export class IdlePool implements AsyncDisposable {
  readonly #options: IdlePoolOptions;
  readonly #idle: Kept[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #closing = new AbortController();
  #busy = 0;
  #connected = 0;
  #reused = 0;
  #discarded = 0;

  /** @throws {TypeError | RangeError} an option is none */
  constructor(options: IdlePoolOptions) {
    if (typeof options?.connect !== 'function') {
      throw new TypeError('IdlePool: connect must be a function that gives a connection');
    }
    const { maxConnections, maxIdle = 10, idleTimeoutMs = 10_000, maxAgeMs } = options;
    if (maxConnections !== undefined) {
      checkInteger('maxConnections', maxConnections, 1, Number.MAX_SAFE_INTEGER);
    }
    checkInteger('maxIdle', maxIdle, 0, Number.MAX_SAFE_INTEGER);
    checkTimeoutMs('idleTimeoutMs', idleTimeoutMs);
    checkTimeoutMs('maxAgeMs', maxAgeMs ?? Number.POSITIVE_INFINITY);
    this.#options = options;
  }

  /** A snapshot. */
  get counters(): IdlePoolCounters {
    return {
      busy: this.#busy,
      idle: this.#idle.length,
      waiting: this.#waiting.length,
      connected: this.#connected,
      reused: this.#reused,
      discarded: this.#discarded,
    };
  }

  /**
   * Takes an idle connection that is fit for use, or makes one.
   *
   * @throws what `connect` and `isHealthy` fail with; the signal's reason; an error when the pool was closed
   */
  take(options: OperationOptions = {}): Operation<Lease> {
    return new TaskOperation(
      (signal) => this.#take(signal),
      (lease) => lease.release(),
      options,
    );
  }

  /** Closes what idles, lets nobody take any more; what is in use is closed when it comes back. */
  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(new Error('the pool was closed'));
    for (const kept of this.#idle.splice(0)) this.#discard(kept);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  async #take(stopped: AbortSignal): Promise<Lease> {
    const signal = AbortSignal.any([stopped, this.#closing.signal]);
    await this.#place(signal);
    // A place is held from here on: whoever leaves without a lease gives it back.
    try {
      const { maxAgeMs = Number.POSITIVE_INFINITY, isHealthy } = this.#options;
      for (let kept = this.#idle.pop(); kept !== undefined; kept = this.#idle.pop()) {
        await this.#wake(kept);
        const isOld = clock.now() - kept.bornAtMs >= maxAgeMs;
        const isFit = !kept.isGone && !isOld && (await isHealthy?.(kept.connection)) !== false;
        if (!isFit || signal.aborted) {
          this.#discard(kept);
          signal.throwIfAborted();
          continue;
        }
        this.#reused += 1;
        return this.#lease(kept.connection, kept.bornAtMs, true);
      }
      const connection = await this.#options.connect(signal);
      if (signal.aborted) {
        connection.close();
        throw signal.reason;
      }
      this.#connected += 1;
      return this.#lease(connection, clock.now(), false);
    } catch (error) {
      this.#leave();
      throw error;
    }
  }

  /** Takes a place, in turn. */
  async #place(signal: AbortSignal): Promise<void> {
    const { maxConnections = Number.POSITIVE_INFINITY } = this.#options;
    signal.throwIfAborted();
    if (this.#busy < maxConnections) {
      this.#busy += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        reject(signal.reason);
      };
      this.#waiting.push(enter);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** Gives a place back: to who waits first, so that nobody who comes later is before them. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#busy -= 1;
    else next();
  }

  #lease(connection: Connection, bornAtMs: number, isReused: boolean): Lease {
    return new Lease(connection, isReused, (isReusable) => {
      if (isReusable) this.#keep(connection, bornAtMs);
      else connection.close();
      this.#leave();
    });
  }

  #keep(connection: Connection, bornAtMs: number): void {
    const { maxIdle = 10, idleTimeoutMs = 10_000 } = this.#options;
    const isUnfit =
      connection.isClosed || connection.hasEnded || connection.counters.bytesAhead > 0;
    if (this.#closing.signal.aborted || isUnfit || this.#idle.length >= maxIdle) {
      connection.close();
      return;
    }
    const controller = new AbortController();
    const kept: Kept = { connection, bornAtMs, controller, isGone: false };
    this.#idle.push(kept);
    // Whatever comes while nobody asks - the peer's end, a reset, bytes - ends its use; so does the time.
    const { signal } = controller;
    connection.recv(new Uint8Array(1), { signal, timeoutMs: idleTimeoutMs }).then(
      () => this.#remove(kept),
      () => {
        if (!signal.aborted) this.#remove(kept);
      },
    );
  }

  /** Ends the watch over an idle one, and asks the kernel a last time: news of a cut may be on their way. */
  async #wake(kept: Kept): Promise<void> {
    kept.controller.abort();
    const isSilent = (error: unknown) => error instanceof SocketError && error.code === 'ETIMEDOUT';
    await kept.connection.recv(new Uint8Array(1), { timeoutMs: 0 }).then(
      () => {
        kept.isGone = true;
      },
      (error: unknown) => {
        if (!isSilent(error)) kept.isGone = true;
      },
    );
  }

  #remove(kept: Kept): void {
    kept.isGone = true;
    const at = this.#idle.indexOf(kept);
    if (at < 0) return;
    this.#idle.splice(at, 1);
    this.#discard(kept);
  }

  #discard(kept: Kept): void {
    this.#discarded += 1;
    kept.isGone = true;
    kept.controller.abort();
    kept.connection.close();
  }
}
