/**
 * Connecting to a Unix socket, by path or by Linux' abstract name. connect(2), unix(7).
 *
 * Linux does not let a client wait for room in a listener's queue, and tells nobody of it either: EAGAIN. So it is asked
 * again after a while, until the deadline.
 */
import { Connection, type ConnectionOptions } from '@netloom/connection';
import { clock, type Operation, type OperationOptions } from '@netloom/coroutines';
import { AF_UNIX, SockaddrUn } from '@netloom/sockaddr';
import { SOCK_STREAM, Socket, SocketError } from '@netloom/winsock-native';
import { checkTimeoutMs, shownValue } from './checks.js';
import { DEFAULT_CONNECT_TIMEOUT_MS } from './connect.js';
import { Attempt } from './connect-attempt.js';
import { TimedOperation } from './timed-operation.js';

/** How long to leave a listener whose queue is full; at most, and a tenth of it at first. */
const FULL_QUEUE_DELAY_MS = 50;

export interface ConnectUnixOptions extends OperationOptions {
  /** Where the server listens: a path, or on Linux an abstract name behind a NUL, `'\0name'`. */
  readonly path: string;
  /** For everything; default: 10 s. */
  readonly timeoutMs?: number | undefined;
  /** Timeouts of the connection that results. */
  readonly connection?: Pick<ConnectionOptions, 'receiveTimeoutMs' | 'sendTimeoutMs'> | undefined;
}

/**
 * Connects to a Unix socket.
 *
 * @returns the connection; the caller closes it
 * @throws {SocketError} ENOENT (no such path), ECONNREFUSED (nobody listens there), EACCES, ENAMETOOLONG, ETIMEDOUT (the
 *   listener's queue was full all the time)
 * @throws {TypeError} `path` is empty or no string
 * @throws {RangeError} `timeoutMs` is out of range, or `path` is too long for the system
 * @see connect(2) · unix(7)
 */
export function connectUnix(options: ConnectUnixOptions): Operation<Connection> {
  return new ConnectUnixOperation(options);
}

class ConnectUnixOperation extends TimedOperation<Connection> {
  readonly #options: ConnectUnixOptions;
  readonly #peer: SockaddrUn;
  #attempt: Attempt | undefined = undefined;
  #timer: { cancel(): void } | undefined = undefined;
  #delayMs = FULL_QUEUE_DELAY_MS / 10;
  #full: SocketError | undefined = undefined;

  constructor(options: ConnectUnixOptions) {
    const { path, timeoutMs = DEFAULT_CONNECT_TIMEOUT_MS } = options;
    checkTimeoutMs('timeoutMs', timeoutMs);
    if (typeof path !== 'string' || path === '') {
      throw new TypeError(`path must be a path or an abstract name: got ${shownValue(path)}`);
    }
    super(options, timeoutMs);
    this.#options = options;
    this.#peer = SockaddrUn.from(
      path.startsWith('\0') ? { abstractName: path.slice(1) } : { path },
    );
  }

  protected override begin(): void {
    const open = () => Socket.create(AF_UNIX, SOCK_STREAM);
    this.#attempt = new Attempt(
      { peer: this.#peer, open, timeoutMs: Number.POSITIVE_INFINITY },
      (outcome) => {
        if (!(outcome instanceof SocketError)) {
          const { socket, watch } = outcome;
          this.finish(new Connection(socket, { ...this.#options.connection, watch }));
        } else if (outcome.code === 'EAGAIN') this.#tryLater(outcome);
        else this.giveUp(outcome);
      },
      (fault) => this.giveUp(fault),
    );
  }

  protected override abandon(): void {
    this.#timer?.cancel();
    this.#attempt?.stop();
  }

  protected override expired(timeoutMs: number): SocketError {
    const full = this.#full === undefined ? '' : "; the listener's queue was full";
    const detail = `timeoutMs of ${timeoutMs} passed${full}`;
    const about = { syscall: 'connect', peer: this.#peer, detail, cause: this.#full };
    return new SocketError({ code: 'ETIMEDOUT', ...about });
  }

  #tryLater(full: SocketError): void {
    this.#full = full;
    this.#timer = clock.setTimer(this.#delayMs, () => this.begin());
    this.#delayMs = Math.min(FULL_QUEUE_DELAY_MS, 2 * this.#delayMs);
  }
}
