import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createServer, type StrategyName } from '@netloom/server';
import {
  MAKEWORD,
  SD_BOTH,
  type SOCKET,
  shutdown,
  WSACleanup,
  WSADATA,
  WSAStartup,
} from '@netloom/winsock-native';
import { expect, test, vi } from 'vitest';
import {
  Client,
  handler,
  kernelThreads,
  listeningDescriptor,
  portOf,
  socketCount,
  until,
} from './clients.js';

// Threads start slowly on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

const STRATEGIES: readonly StrategyName[] = ['coroutine', 'pooled-coroutine'];

interface News {
  readonly event: string;
  readonly fds: number | null;
  readonly port: number;
  readonly code: string;
  readonly atMs: number;
  readonly ledger: { readonly accepted: number; readonly live: number };
  readonly report: Readonly<Record<string, unknown>>;
}

/** A child process that tells its news line by line. */
class Child {
  readonly process: ChildProcess;
  readonly exited: Promise<{ code: number | null; signal: string | null; stderr: string }>;
  readonly #news: News[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor(command: string, args: readonly string[]) {
    this.process = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let stderr = '';
    this.process.stderr?.on('data', (chunk) => {
      stderr += chunk;
    });
    this.exited = new Promise((resolve) => {
      this.process.once('close', (code, signal) => resolve({ code, signal, stderr }));
    });
    const { stdout } = this.process;
    if (stdout === null) throw new TypeError('no stdout');
    createInterface({ input: stdout }).on('line', (line) => {
      this.#news.push(JSON.parse(line) as News);
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  async next(event: string): Promise<News> {
    const died = this.exited.then(({ code, stderr }) => {
      throw new Error(`the child ended (${code}) before ${event}: ${stderr}`);
    });
    for (;;) {
      const at = this.#news.findIndex((news) => news.event === event);
      const found = this.#news[at];
      if (found !== undefined) {
        this.#news.splice(0, at + 1);
        died.catch(() => {});
        return found;
      }
      await Promise.race([new Promise<void>((wake) => this.#waiting.push(wake)), died]);
    }
  }

  say(line: string): void {
    this.process.stdin?.write(`${line}\n`);
  }
}

function fixture(name: string): string {
  return fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
}

test.each(STRATEGIES)(
  'out of descriptors %s pauses without spinning, tells it, and goes on when one is free',
  async (strategy) => {
    const child = new Child(process.execPath, [fixture('starved.mjs'), strategy]);
    const clients: Client[] = [];
    try {
      const { port, fds } = await child.next('listening');
      // Not before: loading modules takes many descriptors at a time.
      const limit = `--nofile=${(fds ?? 0) + 20}:`;
      execFileSync('prlimit', ['--pid', `${child.process.pid}`, limit]);
      let paused: News | undefined;
      const first = child.next('accept-paused').then((news) => {
        paused = news;
      });
      first.catch(() => {});
      while (paused === undefined) {
        const client = new Client(port);
        await client.connected;
        client.say('1');
        clients.push(client);
        await Promise.race([first, client.received(1)]);
      }
      expect(paused.code).toBe('EMFILE');
      // The kernel has none left to list them with.
      expect(paused.fds).toBeNull();
      // Those inside are served as ever.
      clients[0]?.say('2');
      await clients[0]?.received(2);
      // The kernel lets more connect; they wait in its queue.
      for (let i = 0; i < 3; i++) {
        const client = new Client(port);
        await client.connected;
        client.say('1');
        clients.push(client);
      }
      const outside = clients.slice(paused.ledger.accepted);
      expect(outside.length).toBeGreaterThanOrEqual(3);
      for (const client of outside) expect(client.got).toHaveLength(0);
      // Attempts at growing intervals, not a loop.
      const at = [paused.atMs];
      for (let i = 0; i < 3; i++) at.push((await child.next('accept-paused')).atMs);
      const intervals = at.slice(1).map((ms, i) => ms - (at[i] ?? 0));
      for (const [i, atLeastMs] of [45, 90, 190].entries()) {
        expect(intervals[i]).toBeGreaterThan(atLeastMs);
      }
      // As many leave as wait outside: all of those are served now.
      for (const client of clients.slice(0, outside.length)) {
        client.socket.end();
        await client.ended;
      }
      await child.next('accept-resumed');
      for (const client of outside) expect((await client.received(1)).toString()).toBe('1');
      for (const client of clients) client.socket.end();
      child.say('drain');
      const { report } = await child.next('drained');
      expect(report).toMatchObject({
        accepted: clients.length,
        served: clients.length,
        live: 0,
        aborted: 0,
      });
      expect(await child.exited).toEqual({ code: 0, signal: null, stderr: '' });
    } finally {
      for (const client of clients) client.socket.destroy();
      child.process.kill('SIGKILL');
    }
  },
);

test('a thread that dies takes its own connections only; it is counted, told and replaced', async () => {
  await using server = await createServer({ port: 0, threads: 2, handler: handler('fragile') });
  const errors: unknown[] = [];
  server.on('connection-error', (error) => errors.push(error));
  const lost = new Promise((resolve) => {
    server.once('thread-lost', (_error, threadId) => resolve(threadId));
  });
  const clients = Array.from({ length: 6 }, () => new Client(portOf(server)));
  const byThread = new Map<number, Client[]>();
  for (const client of clients) {
    await client.received(2);
    const id = Number.parseInt(client.got.toString(), 10);
    byThread.set(id, [...(byThread.get(id) ?? []), client]);
  }
  expect([...byThread.values()].map((list) => list.length)).toEqual([3, 3]);
  const [[doomed, victims], [, others]] = [...byThread] as [[number, Client[]], [number, Client[]]];
  victims[0]?.say('x');
  for (const client of victims) await client.ended;
  for (const client of others) client.say('a');
  for (const client of others) expect((await client.ended).text).toMatch(/^\d+ ok$/);
  expect(await lost).toBe(doomed);
  // The place is refilled: new connections find two threads, one of them new.
  await until(async () => (await server.threads()).length === 2, 'the place is refilled');
  const threads = await server.threads();
  expect(threads.map((thread) => thread.threadId)).not.toContain(doomed);
  expect(kernelThreads()).toEqual(
    expect.arrayContaining(threads.map((thread) => thread.kernelThreadId)),
  );
  const next = Array.from({ length: 4 }, () => new Client(portOf(server)));
  for (const client of next) {
    await client.received(2);
    client.say('a');
    expect((await client.ended).text).toMatch(/ok$/);
  }
  expect(await server.drain()).toMatchObject({ accepted: 10, served: 7, aborted: 3, live: 0 });
  expect(server.counters.threadsLost).toBe(1);
  expect(errors).toHaveLength(3);
  for (const error of errors) expect(error).toMatchObject({ code: 'ERR_TASK_THREAD_LOST' });
});

test('threads that die under load: every connection is accounted for, the server serves on', async () => {
  const sockets = socketCount();
  const server = await createServer({ port: 0, threads: 3, handler: handler('fragile') });
  server.on('connection-error', () => {});
  const port = portOf(server);
  let left = 400;
  let answered = 0;
  const one = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const client = new Client(port);
      client.say(left % 80 === 40 ? 'x' : 'a');
      if (/^\d+ ok$/.test((await client.ended).text)) answered += 1;
    }
  };
  await Promise.all(Array.from({ length: 30 }, one));
  expect(answered).toBeGreaterThan(200);
  const client = new Client(port);
  client.say('a');
  expect((await client.ended).text).toMatch(/ok$/);
  await until(async () => (await server.threads()).length === 3, 'all places are refilled');
  const { accepted, served, aborted, live } = await server.drain();
  expect({ accepted, live }).toEqual({ accepted: 401, live: 0 });
  expect(served + aborted).toBe(accepted);
  // An answer may have left before its thread died, never the other way round.
  expect(served).toBeLessThanOrEqual(answered + 1);
  // Two that are told so at a time may share a thread.
  expect(server.counters.threadsLost).toBeGreaterThan(0);
  expect(server.counters.threadsLost).toBeLessThanOrEqual(5);
  expect(socketCount()).toBe(sockets);
});

test('a listening socket that is broken from elsewhere is told as an error; those inside are served on', async () => {
  const server = await createServer({ port: 0, strategy: 'coroutine', handler: handler('echo') });
  const port = portOf(server);
  const client = new Client(port);
  client.say('1');
  await client.received(1);
  const told = new Promise((resolve) => server.once('error', resolve));
  WSAStartup(MAKEWORD(2, 2), new WSADATA());
  // A shut-down listening socket stops listening, on Linux: accept then fails with EINVAL.
  expect(shutdown(listeningDescriptor(port) as SOCKET, SD_BOTH)).toBe(0);
  expect(await told).toMatchObject({ code: 'EINVAL', syscall: 'accept' });
  WSACleanup();
  client.say('2');
  await client.received(2);
  client.socket.end();
  expect(await server.drain()).toMatchObject({ accepted: 1, served: 1, live: 0 });
});

for (const strategy of STRATEGIES) {
  test.each([
    ['close', 0],
    ['drain', 0],
    ['exit', 7],
    ['throw', 1],
  ])(
    `a process with a server of ${strategy} ends by itself, or as it is told to: %s`,
    async (how, code) => {
      const child = new Child(process.execPath, [fixture('exits.mjs'), strategy, how]);
      const end = await child.exited;
      expect(end).toEqual({
        code,
        signal: null,
        stderr: how === 'throw' ? expect.stringContaining('on purpose') : '',
      });
    },
  );
}
