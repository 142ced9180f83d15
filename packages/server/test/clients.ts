/**
 * The other side, made with node:net: what the tests count is independent of the packages they test.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import net from 'node:net';
import type { Server } from '@netloom/server';

export const handlersUrl = new URL('./fixtures/handlers.mjs', import.meta.url);

/** A handler of the fixture file, by reference. */
export function handler(name: string): { module: URL; export: string } {
  return { module: handlersUrl, export: name };
}

export function portOf(server: Server): number {
  return server.address().port;
}

/** What came over a connection, and how it ended. */
export interface Dialogue {
  readonly text: string;
  readonly bytes: Buffer;
  readonly error: NodeJS.ErrnoException | undefined;
}

/** A client that keeps what it gets. */
export class Client {
  readonly socket: net.Socket;
  readonly connected: Promise<void>;
  /** Resolves at the end, orderly or not. */
  readonly ended: Promise<Dialogue>;
  #got = Buffer.alloc(0);
  #error: NodeJS.ErrnoException | undefined;
  readonly #waiting: { count: number; resolve: () => void }[] = [];

  constructor(port: number, host = '127.0.0.1', localAddress?: string) {
    this.socket = net.connect({ port, host, ...(localAddress && { localAddress }) });
    this.socket.setNoDelay(true);
    this.connected = new Promise((resolve, reject) => {
      this.socket.once('connect', resolve);
      this.socket.once('error', reject);
    });
    this.connected.catch(() => {});
    this.socket.on('error', (error) => {
      this.#error = error;
    });
    this.socket.on('data', (chunk) => {
      this.#got = Buffer.concat([this.#got, chunk]);
      for (const wait of this.#waiting) if (this.#got.length >= wait.count) wait.resolve();
    });
    this.ended = new Promise((resolve) => {
      this.socket.once('close', () => {
        for (const wait of this.#waiting) wait.resolve();
        resolve({ text: this.#got.toString(), bytes: this.#got, error: this.#error });
      });
    });
  }

  get got(): Buffer {
    return this.#got;
  }

  /** Waits until so many bytes have come in all, or the end. */
  async received(count: number): Promise<Buffer> {
    if (this.#got.length < count && !this.socket.destroyed) {
      await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
    }
    return this.#got;
  }

  say(text: string | Uint8Array): void {
    this.socket.write(text);
  }

  leave(): Promise<Dialogue> {
    this.socket.destroy();
    return this.ended;
  }
}

export const GREETING = Buffer.from('Welcome to server!', 'utf16le');

/** One whole exchange; resolves with whether every byte was right. */
export async function exchangeOnce(port: number, text: string): Promise<boolean> {
  const client = new Client(port);
  const greeting = await client.received(GREETING.length);
  client.say(Buffer.from(text, 'utf16le'));
  const { bytes, error } = await client.ended;
  return error === undefined && greeting.equals(GREETING) && bytes.equals(GREETING);
}

/** Open descriptors of this process that are sockets. */
export function socketCount(): number {
  let count = 0;
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      if (readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:')) count += 1;
    } catch {
      // The descriptor of this very listing is gone by now.
    }
  }
  return count;
}

/** The kernel's list of this process's threads. */
export function kernelThreads(): number[] {
  return readdirSync('/proc/self/task').map(Number);
}

interface ListeningRow {
  readonly queueLength: number;
  readonly inode: string;
}

/** The kernel's row of the socket that listens on a port. */
function listeningRow(port: number): ListeningRow {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)) {
    const columns = line.trim().split(/\s+/);
    const [, local, , state, queues] = columns;
    // State 0A is LISTEN; its receive queue is the accept queue.
    if (local?.endsWith(`:${hexPort}`) === true && state === '0A') {
      const queueLength = Number.parseInt(queues?.split(':')[1] ?? '0', 16);
      return { queueLength, inode: columns[9] ?? '' };
    }
  }
  throw new Error(`no socket listens on port ${port}`);
}

/** How many finished handshakes wait in the accept queue of a listening port, as the kernel counts them. */
export function queueLength(port: number): number {
  return listeningRow(port).queueLength;
}

/** This process's descriptor of the socket that listens on a port. */
export function listeningDescriptor(port: number): number {
  const { inode } = listeningRow(port);
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      if (readlinkSync(`/proc/self/fd/${fd}`) === `socket:[${inode}]`) return Number(fd);
    } catch {
      // The descriptor of this very listing is gone by now.
    }
  }
  throw new Error(`another process listens on port ${port}`);
}

/** Asks again each turn of the event loop, until it holds; for what gives no event. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`10 s have passed, and still not: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
