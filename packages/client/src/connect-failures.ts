/**
 * What went wrong while connecting, gathered into one error that lists every address tried with its reason.
 */
import { SocketError } from '@netloom/winsock-native';
import type { ConnectTarget } from './connect-target.js';
import type { IpFamily } from './happy-eyeballs.js';
import type { Candidate } from './resolve.js';

/** An address that was tried, and why it failed. */
interface FailedAttempt {
  readonly peer: Candidate;
  readonly error: SocketError;
}

export class ConnectFailures {
  readonly #target: ConnectTarget;
  readonly #attempts: FailedAttempt[] = [];
  readonly #lookUps: [family: IpFamily, error: unknown][] = [];

  constructor(target: ConnectTarget) {
    this.#target = target;
  }

  addAttempt(peer: Candidate, error: SocketError): void {
    this.#attempts.push({ peer, error });
  }

  addLookUp(family: IpFamily, error: unknown): void {
    this.#lookUps.push([family, error]);
  }

  /** The error when nothing is left to try. */
  all(): unknown {
    const last = this.#attempts.at(-1);
    if (last === undefined) return this.#notFound();
    const others = this.#failedLookUps();
    // One address: its error says it all.
    if (this.#attempts.length === 1 && others.length === 0) return last.error;
    const { host, port } = this.#target;
    const before = this.#attempts.slice(0, -1).map(({ error }) => error.message);
    const count = this.#attempts.length;
    const which = count === 1 ? 'the only address' : `the last of ${count} addresses`;
    const list = before.length > 0 ? `; before it: ${before.join('; ')}` : '';
    const said = others.map((message) => `; ${message}`).join('');
    return new SocketError({
      wsaCode: last.error.wsaCode,
      syscall: 'connect',
      peer: last.peer,
      detail: `${which} of ${host}:${port}${list}${said}`,
      cause: new AggregateError(this.#attempts.map(({ error }) => error)),
    });
  }

  /** The error when the deadline passes while `underWay` have not answered. */
  expired(timeoutMs: number, underWay: readonly Candidate[]): SocketError {
    const { host, numeric } = this.#target;
    const isLookingUp = numeric === undefined && underWay.length === 0;
    const during = isLookingUp ? ` while looking up ${JSON.stringify(host)}` : '';
    const limit = `timeoutMs of ${timeoutMs} passed${during}`;
    const silent = underWay.slice(0, -1).map((peer) => `no answer from ${peer} either`);
    const reasons = this.#attempts.map(({ error }) => error.message);
    return new SocketError({
      code: 'ETIMEDOUT',
      syscall: 'connect',
      peer: underWay.at(-1),
      detail: [limit, ...silent, ...reasons, ...this.#failedLookUps()].join('; '),
    });
  }

  /** The error of an address that cannot be come to from `localAddress`, or is not of `family`. */
  otherFamily(found: Candidate): SocketError {
    const { host, local, families } = this.#target;
    const which = local === undefined ? `family ${families.join()}` : 'the family of localAddress';
    return new SocketError({
      code: 'EADDRNOTAVAIL',
      syscall: 'connect',
      peer: local ?? found,
      detail: `${host} has no address of ${which}; found: ${found}`,
    });
  }

  /** A name without an address: what says most is what may be otherwise next time. */
  #notFound(): unknown {
    const errors = this.#lookUps.map(([, error]) => error);
    const isNoName = (error: unknown) => error instanceof SocketError && error.code === 'ENOTFOUND';
    const { host } = this.#target;
    return (
      errors.find((error) => !isNoName(error)) ??
      errors[0] ??
      new SocketError({ code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: host })
    );
  }

  /** Look-ups that failed; that a name has no address of one family is no failure. */
  #failedLookUps(): string[] {
    return this.#lookUps.flatMap(([family, error]) =>
      error instanceof SocketError && error.code === 'ENOTFOUND'
        ? []
        : [`IPv${family} addresses: ${error instanceof Error ? error.message : String(error)}`],
    );
  }
}
