/**
 * The spine of the server: a permit, accept, hand over; until the end.
 *
 * Never waits for two things at a time. A turn takes a batch and then lets the event loop have its turn, so that a flood
 * of newcomers does not starve those who are connected. Which error means what is `listener.ts`'s affair.
 */
import type { Socket } from '@netloom/winsock-native';
import { WOULD_BLOCK } from '@netloom/winsock-native';
import type { Permits } from './limits.js';
import { type AcceptVerdict, judgeAcceptError } from './listener.js';

/** Connections per turn: their first slices together stay near a millisecond. */
const BATCH = 64;
/**
 * After running out of descriptors, the next attempt: at once when a connection ends, else after these delays. Linux looks
 * for a free descriptor before it looks into the queue, so that a pause does not mean that somebody waits.
 */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

/** What the loop needs of the listening socket. */
export interface AcceptSource {
  tryAccept(): Socket | typeof WOULD_BLOCK;
  /** Calls back once when the kernel may have a newcomer. */
  whenReadable(wake: () => void): void;
  /** Takes {@link whenReadable} back. */
  stopWaiting(): void;
  /** Closes the listening socket. */
  close(): void;
}

/** What the loop tells, and to whom it gives. None of these should throw; one that does cannot end the loop. */
export interface AcceptSink {
  /** Takes over the socket, and the permit: who ends the connection gives it back. */
  take(socket: Socket): void;
  /** Takes over a socket that is over the limit. */
  refuse(socket: Socket): void;
  /** Asks a connection that is idle to end; its permit comes back when it has. @returns false: none is */
  makeRoom(): boolean;
  /** The limit keeps newcomers waiting in the backlog from now on. */
  atLimit(): void;
  failed(verdict: AcceptVerdict, error: unknown): void;
  /** Accepting works again after `failed('pause')`. */
  resumed(): void;
  /** The listening socket is closed: emptied, stopped, or broken (then `failed('end')` came before). */
  ended(): void;
}

/** What becomes of a newcomer who finds no permit; `shed` closes an idle connection, and refuses when none is. */
export type AtLimit = 'wait' | 'refuse' | 'shed';

export interface AcceptLoopOptions {
  readonly source: AcceptSource;
  readonly sink: AcceptSink;
  readonly permits: Permits;
  readonly atLimit: AtLimit;
  /** Milliseconds until the next newcomer may be taken; 0: now. Undefined: there is no such rule. */
  readonly gate?: (() => number) | undefined;
  /** The clock's timer. */
  readonly setTimer: (ms: number, fire: () => void) => { cancel(): void };
}

export class AcceptLoop {
  readonly #options: AcceptLoopOptions;
  readonly #sink: AcceptSink;
  #isEnded = false;
  /** While emptying the queue: how many more can have been in it when that began. */
  #left = Number.POSITIVE_INFINITY;
  #isEmptying = false;
  /** Takes back what the loop waits for; undefined while it runs. */
  #stopWaiting: (() => void) | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #isPaused = false;
  #waitsForNewcomer = false;
  /** Accepted, and waiting for the permit of a connection that was asked to end. */
  #held: Socket | undefined;

  constructor(options: AcceptLoopOptions) {
    this.#options = options;
    this.#sink = guarded(options.sink);
  }

  start(): void {
    this.#turn();
  }

  /**
   * Accepts what the kernel's queue holds now, then closes the listening socket.
   *
   * @param atMost - what the queue can hold. It is first in, first out: after that many, all who were in it have been
   *   accepted, and newcomers cannot prolong the end
   */
  empty(atMost: number): void {
    if (this.#isEnded || this.#isEmptying) return;
    this.#isEmptying = true;
    this.#left = atMost;
    // A pause and a wait for a permit go on: their reason has not gone away.
    if (this.#waitsForNewcomer) this.#goOn();
  }

  /** Closes the listening socket now, whatever is in the queue. */
  stop(): void {
    this.#end();
  }

  /** To be called when a connection has ended: a descriptor may have become free. */
  connectionEnded(): void {
    if (this.#isPaused && this.#stopWaiting !== undefined) this.#goOn();
  }

  readonly #turn = (): void => {
    const { source, permits, atLimit, gate } = this.#options;
    this.#stopWaiting = undefined;
    this.#waitsForNewcomer = false;
    for (let count = 0; count < BATCH; count++) {
      if (this.#isEnded) return;
      if (this.#left === 0 && this.#held === undefined) break;
      const waitMs = gate === undefined ? 0 : gate();
      if (waitMs > 0) {
        this.#waitForGate(waitMs);
        return;
      }
      const isPermitted = permits.tryTake();
      if (this.#held !== undefined) {
        if (!isPermitted) {
          this.#waitForPermit();
          return;
        }
        this.#takeHeld();
        continue;
      }
      if (!isPermitted && atLimit === 'wait') {
        this.#waitForPermit();
        return;
      }
      let socket: Socket | typeof WOULD_BLOCK;
      try {
        socket = source.tryAccept();
      } catch (error) {
        if (isPermitted) permits.release();
        if (this.#goesOnAfter(error)) continue;
        return;
      }
      if (this.#isPaused) this.#resumed();
      if (socket === WOULD_BLOCK) {
        if (isPermitted) permits.release();
        if (this.#isEmptying) this.#end();
        else this.#waitForNewcomer();
        return;
      }
      this.#left -= 1;
      if (isPermitted) this.#sink.take(socket);
      else this.#overLimit(socket);
    }
    if (this.#left === 0 && this.#held === undefined) this.#end();
    else if (!this.#isEnded) this.#waitForTurn();
  };

  #goesOnAfter(error: unknown): boolean {
    const verdict = judgeAcceptError(error);
    // Before the news, which may lead to connectionEnded(), stop() or empty().
    if (verdict === 'pause') this.#waitForDescriptors();
    this.#sink.failed(verdict, error);
    if (verdict === 'end') this.#end();
    return verdict === 'go-on';
  }

  #waitForPermit(): void {
    const { permits } = this.#options;
    permits.whenFree(this.#turn);
    this.#stopWaiting = () => permits.stopWaiting();
    this.#sink.atLimit();
  }

  #overLimit(socket: Socket): void {
    const mayWait = this.#options.atLimit === 'shed' && this.#sink.makeRoom();
    // Whoever was asked to end may have led to stop().
    if (mayWait && !this.#isEnded) this.#held = socket;
    else this.#sink.refuse(socket);
  }

  #takeHeld(): void {
    const socket = this.#held;
    this.#held = undefined;
    if (socket !== undefined) this.#sink.take(socket);
  }

  #waitForGate(ms: number): void {
    const timer = this.#options.setTimer(ms, this.#turn);
    this.#stopWaiting = () => timer.cancel();
  }

  #waitForNewcomer(): void {
    const { source } = this.#options;
    this.#waitsForNewcomer = true;
    source.whenReadable(this.#turn);
    this.#stopWaiting = this.#stopWaitingForNewcomer;
  }

  /** One function for all waits: this one is on the path of every connection. */
  readonly #stopWaitingForNewcomer = (): void => this.#options.source.stopWaiting();

  #waitForTurn(): void {
    const turn = setImmediate(this.#turn);
    this.#stopWaiting = () => clearImmediate(turn);
  }

  #waitForDescriptors(): void {
    this.#isPaused = true;
    const timer = this.#options.setTimer(this.#pauseMs, this.#turn);
    this.#stopWaiting = () => timer.cancel();
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
  }

  #resumed(): void {
    this.#isPaused = false;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#sink.resumed();
  }

  #goOn(): void {
    this.#stopWaiting?.();
    this.#turn();
  }

  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    if (this.#held !== undefined) this.#sink.refuse(this.#held);
    this.#held = undefined;
    this.#options.source.close();
    this.#sink.ended();
  }
}

/** What a sink throws is told as the program's error that it is, later and from nobody's stack. */
function guarded(sink: AcceptSink): AcceptSink {
  const guard =
    <A extends readonly unknown[]>(tell: (...about: A) => void) =>
    (...about: A): void => {
      try {
        tell(...about);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    };
  return {
    take: guard((socket) => sink.take(socket)),
    refuse: guard((socket) => sink.refuse(socket)),
    makeRoom: () => {
      let hasRoom = false;
      guard(() => {
        hasRoom = sink.makeRoom();
      })();
      return hasRoom;
    },
    atLimit: guard(() => sink.atLimit()),
    failed: guard((verdict, error) => sink.failed(verdict, error)),
    resumed: guard(() => sink.resumed()),
    ended: guard(() => sink.ended()),
  };
}
