/**
 * One attempt to connect to one address: a socket made, bound as asked, connecting, and either connected or closed.
 *
 * Owns the half-open socket at every moment: it is closed when the attempt fails, is stopped or takes too long, and goes to
 * whoever is told when it succeeds.
 */
import { clock } from '@netloom/coroutines';
import type { SockaddrLike } from '@netloom/sockaddr';
import { type Socket, SocketError, WOULD_BLOCK } from '@netloom/winsock-native';
import { type Watch, watch } from '@netloom/winsock-native/reactor';

/** A socket that is connected, with the watch that has waited for it. */
export interface Connected {
  readonly socket: Socket;
  readonly watch: Watch | undefined;
}

export interface AttemptOptions {
  readonly peer: SockaddrLike;
  /** Makes the socket, with its options set and its own address bound. */
  readonly open: () => Socket;
  /** Infinity for none. */
  readonly timeoutMs: number;
}

/** What came of it: connected, or the reason. */
export type Outcome = Connected | SocketError;

/** Tells what came of it, once, at once or later; anything but a SocketError that is thrown goes to `fault`. */
export class Attempt {
  readonly #peer: SockaddrLike;
  readonly #timeoutMs: number;
  readonly #tell: (outcome: Outcome) => void;
  readonly #fault: (error: unknown) => void;
  #socket: Socket | undefined = undefined;
  #watch: Watch | undefined = undefined;
  #timer: { cancel(): void } | undefined = undefined;

  constructor(
    options: AttemptOptions,
    tell: (outcome: Outcome) => void,
    fault: (error: unknown) => void,
  ) {
    this.#peer = options.peer;
    this.#timeoutMs = options.timeoutMs;
    this.#tell = tell;
    this.#fault = fault;
    this.#step(() => this.#begin(options.open));
  }

  /** Closes the half-open socket; nothing is told any more. */
  stop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#timer?.cancel();
    this.#watch?.close();
    this.#watch = undefined;
    socket?.close();
  }

  #begin(open: () => Socket): void {
    const socket = open();
    this.#socket = socket;
    if (socket.tryConnect(this.#peer) !== WOULD_BLOCK) {
      this.#connected(socket);
      return;
    }
    if (this.#timeoutMs !== Number.POSITIVE_INFINITY) {
      this.#timer = clock.setTimer(this.#timeoutMs, () => this.#expireUnlessAnswered());
    }
    this.#watch = watch(socket, 'write');
    this.#wait(this.#watch, socket);
  }

  #wait(watched: Watch, socket: Socket): void {
    // It starts true, for sockets that are connected.
    watched.writable = false;
    watched.wait('write', () => {
      // Stopped, and the wake-up was on its way.
      if (this.#socket !== socket) return;
      this.#step(() => {
        // The wake-up is a hint: there may be no answer yet.
        if (socket.finishConnect() === WOULD_BLOCK) this.#wait(watched, socket);
        else this.#connected(socket);
      });
    });
  }

  #connected(socket: Socket): void {
    refuseOneself(socket, this.#peer);
    const watched = this.#watch;
    this.#timer?.cancel();
    this.#socket = undefined;
    this.#watch = undefined;
    this.#tell({ socket, watch: watched });
  }

  /** The event loop may have been busy past the time while the answer lay there: it is delivered before immediates. */
  #expireUnlessAnswered(): void {
    const turn = setImmediate(() => {
      this.stop();
      const detail = `connectTimeoutMs of ${this.#timeoutMs} passed`;
      const about = { syscall: 'connect', peer: this.#peer, detail };
      this.#tell(new SocketError({ code: 'ETIMEDOUT', ...about }));
    });
    this.#timer = { cancel: () => clearImmediate(turn) };
  }

  #step(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.stop();
      if (error instanceof SocketError) this.#tell(error);
      else this.#fault(error);
    }
  }
}

/**
 * A free port that one connects to may be chosen as one's own, and TCP then connects the socket to itself (RFC 9293 §3.5,
 * simultaneous open): to a client that is nobody there.
 */
function refuseOneself(socket: Socket, peer: SockaddrLike): void {
  if (peer.port === undefined || String(socket.localAddress) !== String(peer)) return;
  throw new SocketError({ code: 'ECONNREFUSED', syscall: 'connect', peer });
}
