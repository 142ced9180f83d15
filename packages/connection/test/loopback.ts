/**
 * What the tests of this package stand on: two connected sockets on the loopback, a clock that is moved by hand, and a
 * count of what is open.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { Connection, type ConnectionOptions } from '@netloom/connection';
import { type Clock, setClock, type Timer } from '@netloom/coroutines';
import { AF_INET, IPPROTO_TCP, SockaddrIn } from '@netloom/sockaddr';
import { SO_LINGER, SOCK_STREAM, SOL_SOCKET, Socket, WOULD_BLOCK } from '@netloom/winsock-native';
import { watch } from '@netloom/winsock-native/reactor';
import { afterEach, beforeEach, expect } from 'vitest';

/** Two connected TCP sockets, nothing registered anywhere. The caller closes them. */
export async function socketPair(): Promise<[server: Socket, client: Socket]> {
  const listener = Socket.create(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  listener.bind(SockaddrIn.from({ address: '127.0.0.1', port: 0 }));
  listener.listen(1);
  const client = Socket.create(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  client.tryConnect(listener.localAddress);
  const arrivals = watch(listener);
  await new Promise<void>((resolve) => arrivals.wait('read', () => resolve()));
  const server = listener.tryAccept();
  arrivals.close();
  listener.close();
  if (server === WOULD_BLOCK) throw new Error('the listener was readable and had nobody');
  client.finishConnect();
  return [server, client];
}

/** Two connected connections. */
export class Pair implements Disposable {
  readonly server: Connection;
  /** The socket below `client`, to do to it what a connection does not. */
  readonly clientSocket: Socket;
  readonly client: Connection;

  constructor(server: Connection, clientSocket: Socket) {
    this.server = server;
    this.clientSocket = clientSocket;
    this.client = new Connection(clientSocket);
  }

  static async open(options?: ConnectionOptions): Promise<Pair> {
    const [server, client] = await socketPair();
    return new Pair(new Connection(server, options), client);
  }

  /** Ends the client's side with a reset. */
  resetFromClient(): void {
    this.clientSocket.setOption(SOL_SOCKET, SO_LINGER, { l_onoff: 1, l_linger: 0 });
    this.client.close();
  }

  [Symbol.dispose](): void {
    this.server.close();
    this.client.close();
  }
}

interface Alarm {
  readonly atMs: number;
  readonly fire: () => void;
}

/** Time that passes only when told to. */
export class HandClock implements Clock, Disposable {
  #nowMs = 1000;
  readonly #alarms = new Set<Alarm>();

  constructor() {
    setClock(this);
  }

  get timerCount(): number {
    return this.#alarms.size;
  }

  now(): number {
    return this.#nowMs;
  }

  setTimer(ms: number, fire: () => void): Timer {
    const alarm = { atMs: this.#nowMs + ms, fire };
    this.#alarms.add(alarm);
    return { cancel: () => this.#alarms.delete(alarm) };
  }

  /** Lets time pass; what becomes due fires in order. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const due = [...this.#alarms].filter((alarm) => alarm.atMs <= untilMs);
      const next = due.sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#alarms.delete(next);
      this.#nowMs = next.atMs;
      next.fire();
    }
    this.#nowMs = untilMs;
  }

  [Symbol.dispose](): void {
    setClock(undefined);
  }
}

/**
 * Sockets and what watches them; files are left out: Node and the runner open some of their own at any time, and close
 * them when they like.
 */
function openDescriptors(): number {
  // WINDOWS: nothing lists them; Wine shows Linux' own, and its.
  if (process.platform !== 'linux') return 0;
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return /^(socket|anon_inode):/.test(readlinkSync(`/proc/self/fd/${fd}`));
    } catch {
      return false; // the descriptor that read the folder
    }
  }).length;
}

/** Lets every test of the file fail that leaves a descriptor open. */
export function checksDescriptors(): void {
  let before = 0;
  beforeEach(async () => {
    // The first watch of a thread opens its reactor, which stays.
    const [server, client] = await socketPair();
    server.close();
    client.close();
    before = openDescriptors();
  });
  afterEach(() => {
    expect(openDescriptors(), 'open descriptors').toBe(before);
  });
}

/** Starts waiting at once, and gives the error it fails with; fails itself when there is none. */
export function failureOf(waited: PromiseLike<unknown>): PromiseLike<unknown> {
  return waited.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => error,
  );
}

/** Turns of the event loop until `isSo`; the test's own time limit is the end of patience. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

export const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
