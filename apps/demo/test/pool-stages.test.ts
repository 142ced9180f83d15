/** Stages 10 to 12, what their scenes do not show: tasks that never run, and Ctrl-C in each phase of a server's life. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, type Socket as NodeSocket } from 'node:net';
import { CoroutineTask } from '@netloom/coroutines';
import { AF_INET, SockaddrIn } from '@netloom/sockaddr';
import { ThreadPool } from '@netloom/threadpool';
import { SOCK_STREAM, Socket, WOULD_BLOCK } from '@netloom/winsock-native';
import { expect, onTestFinished, test } from 'vitest';
import { tcpRows, within } from '../theatre/kernel.js';
import { Program } from './program.js';

type Listing = typeof import('../stages/11-server.js');

// SAFETY: the build of this very file; the pool's threads import it too.
const { NetworkTask } = (await import(
  new URL('../dist/stages/11-server.js', import.meta.url).href
)) as Listing;

const LOOK_MS = 10_000;
/** A signal that nobody handles ends a process at once; the rest is for busy machines. */
const END_MS = 3000;

test('a NetworkTask that never runs closes its socket: its client sees the end, and no greeting', async () => {
  using listener = Socket.create(AF_INET, SOCK_STREAM);
  listener.bind(SockaddrIn.from({ address: '127.0.0.1', port: 0 }));
  listener.listen();
  const pool = new ThreadPool(1);
  const flags = new Int32Array(new SharedArrayBuffer(4));
  const busy = endOf(pool.addTask(new CoroutineTask(resumption('blocks', flags.buffer))));
  await within(LOOK_MS, () => Atomics.load(flags, 0) || undefined, 'busy thread');

  // One is at the busy thread, the other still here; the third comes when the pool is closed.
  const queued = [await connected(listener), await connected(listener)];
  const ends = queued.map(({ task }) => endOf(pool.addTask(task)));
  const { notRun } = await pool.terminate();
  expect(new Set(notRun)).toEqual(new Set(queued.map(({ task }) => task)));
  expect(notRun).toHaveLength(queued.length);
  const late = await connected(listener);
  ends.push(endOf(pool.addTask(late.task)));

  expect(await Promise.all(ends)).toEqual(Array(3).fill('ERR_TASK_NOT_RUN'));
  expect(await busy).toBe('ERR_TASK_THREAD_LOST');
  for (const { received } of [...queued, late]) expect(await received).toBe('');
});

const SERVERS = [
  ['10', 'server'],
  ['11', 'server'],
  ['11', 'server-waiting'],
  ['12', 'server'],
  ['12', 'server-waiting'],
] as const;

for (const [stage, role] of SERVERS) {
  test(`Ctrl-C ends stage ${stage}, ${role}: while it waits for clients`, async () => {
    const { server } = await started(stage, role, 1);
    await expectEndAtOnce(server);
  });

  test(`Ctrl-C ends stage ${stage}, ${role}: while ten silent clients are served, and an eleventh is there`, async () => {
    const { server, port } = await started(stage, role, 12);
    const clients = await Promise.all(Array.from({ length: 11 }, () => client(port)));
    await Promise.all(clients.slice(0, 10).map(({ greeted }) => greeted));
    await expectEndAtOnce(server);
    await Promise.all(clients.map(({ gone }) => gone));
  });

  test(`Ctrl-C ends stage ${stage}, ${role}: while it waits for its last clients`, async () => {
    const { server, port } = await started(stage, role, 2);
    const clients = await Promise.all([client(port), client(port)]);
    await Promise.all(clients.map(({ greeted }) => greeted));
    await within(
      LOOK_MS,
      () => tcpRows({ localPort: port, state: 'LISTEN' }).length === 0 || undefined,
      'closed listener',
    );
    expect(server.child.exitCode).toBe(null);
    await expectEndAtOnce(server);
    await Promise.all(clients.map(({ gone }) => gone));
  });
}

test('Ctrl-C ends the play of stage 11 while ten threads are blocked, and leaves no thread behind', async () => {
  await using play = Program.demo('stage', '11', '--port', '0');
  await play.printed(/The ten threads in the kernel(?:[\s\S]*?^ \d+ +│ poll ){10}/m);
  const threads = [...play.out.matchAll(/^ (\d+) +│ poll /gm)].map(([, id]) => id);
  expect(threads).toHaveLength(10);
  expect(threads.every((id) => existsSync(`/proc/${id}`))).toBe(true);
  play.child.kill('SIGINT');
  const { code, out } = await play.ended;
  expect(code).toBe(130);
  // Ended, and not left to go on to their ends.
  expect(out).not.toMatch(/One of the ten leaves/);
  expect(threads.filter((id) => existsSync(`/proc/${id}`))).toEqual([]);
});

function resumption(exportName: string, ...args: unknown[]) {
  const module = new URL('./fixtures/hop-work.mjs', import.meta.url).href;
  return { module, exportName, args, context: undefined };
}

/** A client, and the task that would serve it. */
async function connected(listener: Socket) {
  const { localAddress } = listener;
  if (!(localAddress instanceof SockaddrIn)) throw new Error(`no IPv4 address: ${localAddress}`);
  const peer = connect(localAddress.port, '127.0.0.1');
  onTestFinished(() => void peer.destroy());
  await once(peer, 'connect');
  const workSock = await within(
    LOOK_MS,
    () => {
      const accepted = listener.tryAccept();
      return accepted === WOULD_BLOCK ? undefined : accepted;
    },
    'connection in the queue',
  );
  const clientAddr = SockaddrIn.from({ address: '127.0.0.1', port: peer.localPort ?? 0 });
  return { task: new NetworkTask(clientAddr, workSock), received: textUntilEnd(peer) };
}

async function textUntilEnd(peer: NodeSocket): Promise<string> {
  let text = '';
  peer.on('data', (part) => {
    text += part.toString('utf16le');
  });
  await once(peer, 'end');
  return text;
}

function endOf(task: Promise<unknown>): Promise<unknown> {
  return task.then(
    () => 'done',
    (error) => error.code,
  );
}

async function started(stage: string, role: string, clients: number) {
  const words = ['--as', role, '--port', '0', '--clients', String(clients)];
  const server = Program.demo('stage', stage, ...words);
  onTestFinished(() => server[Symbol.asyncDispose]());
  const [, port] = await server.printed(/listening on 127\.0\.0\.1:(\d+)/);
  return { server, port: Number(port) };
}

/** A client that says nothing. */
async function client(port: number) {
  const socket = connect(port, '127.0.0.1');
  // A connection whose server is killed may end in either way.
  socket.on('error', (error: NodeJS.ErrnoException) => expect(error.code).toBe('ECONNRESET'));
  const gone = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  const greeted = new Promise<void>((resolve) => {
    let bytes = 0;
    socket.on('data', (part) => {
      bytes += part.length;
      if (bytes === 36) resolve();
    });
  });
  await once(socket, 'connect');
  return { greeted, gone };
}

async function expectEndAtOnce(server: Program): Promise<void> {
  const begun = performance.now();
  server.child.kill('SIGINT');
  const { code, signal } = await server.ended;
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGINT' });
  expect(performance.now() - begun).toBeLessThan(END_MS);
}
