/** Stages 8 and 9, and the experiments about sockets, in what `stages --all` does not show. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket as NodeSocket } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { secondsUntilTimeout } from '../experiments/connecting/syn-retries.js';
import { tcpRows, threadsOf, within } from '../theatre/kernel.js';
import { DEMO, Program } from './program.js';

const LOOK_MS = 10_000;
/** A signal that nobody handles ends a process at once; the rest is for busy machines. */
const END_MS = 3000;
const GREETING_BYTES = 36;

describe('Ctrl-C ends stage 8’s server', () => {
  test('while it waits for clients', async () => {
    const { server } = await threadServer(1);
    await expectEndAtOnce(server);
  });

  test('while it accepts and its threads wait for three silent clients', async () => {
    const { server, port } = await threadServer(4);
    const clients = await Promise.all([1, 2, 3].map(() => greeted(port)));
    await expectEndAtOnce(server);
    await Promise.all(clients.map(gone));
  });

  test('while it waits for its last threads', async () => {
    const { server, port } = await threadServer(2);
    const clients = await Promise.all([1, 2].map(() => greeted(port)));
    await within(
      LOOK_MS,
      () => tcpRows({ localPort: port, state: 'LISTEN' }).length === 0 || undefined,
      'closed listener',
    );
    expect(server.child.exitCode).toBe(null);
    await expectEndAtOnce(server);
    await Promise.all(clients.map(gone));
  });
});

test('a client that resets costs stage 8’s server its own conversation and no other', async () => {
  const { server, port } = await threadServer(2);
  const [patient, rude] = await Promise.all([greeted(port), greeted(port)]);
  rude.resetAndDestroy();
  await server.printed(/^recv failed: 10054 \(WSAECONNRESET\)$/m, 'err');
  patient.end(Buffer.from('still here', 'utf16le'));
  await server.printed(/^still here, on thread [12] /m);
  expect(await server.ended).toMatchObject({ code: 0 });
});

test('stage 8’s server keeps nothing of a thread that has ended', async () => {
  const rounds = 24;
  // The C library keeps a heap for each of the threads that were there at a time: none of that is a stack.
  vi.stubEnv('MALLOC_ARENA_MAX', '1');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { server, port } = await threadServer(rounds + 2);
  const pid = server.child.pid ?? -1;
  const one = async (line: string) => {
    const client = await greeted(port);
    client.end(Buffer.from(line, 'utf16le'));
    await server.printed(new RegExp(`^${line}, on`, 'm'));
    await gone(client);
  };
  await one('warm-up');
  const threads = threadsOf(pid).length;
  const before = mappedBytes(pid);
  for (let round = 0; round < rounds; round += 1) await one(`round${round}`);
  // A thread that nobody joins keeps its stack mapped: 4 MiB each. The last ones may still be on their way out.
  const isBack = () =>
    mappedBytes(pid) - before < (rounds / 2) * 4 * 2 ** 20 && threadsOf(pid).length < threads + 5;
  await within(LOOK_MS, () => isBack() || undefined, 'memory and threads as before');
  await one('last');
  expect(await server.ended).toMatchObject({ code: 0 });
});

test('stage 9 twice within a minute: the second run steps aside and says why', async () => {
  const ports: number[] = [];
  for (const run of [1, 2]) {
    await using play = Program.demo('stage', '9', '--port', '0');
    const { code, out } = await play.ended;
    expect(code, out).toBe(0);
    ports.push(Number(/bound to port (\d+)/.exec(out)?.[1]));
    const skipped = new RegExp(
      `Port ${ports[0]} cannot be bound \\(10048 WSAEADDRINUSE\\): an earlier`,
    );
    expect(skipped.test(out), out).toBe(run === 2);
  }
  expect(ports[0]).toBeGreaterThanOrEqual(10_000);
  expect(ports[1]).toBeGreaterThan(ports[0] ?? Number.NaN);
});

test('stage 9’s client says which call failed: bind, when a listener has the port; connect, when nobody listens', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void holder.close());
  await once(holder, 'listening');
  const taken = portOf(holder);
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const nobody = portOf(free);
  await new Promise((resolve) => free.close(resolve));

  await using bound = stage9('client', nobody, taken);
  expect(await bound.ended).toMatchObject({
    code: 1,
    out: '',
    err: 'bind failed: 10048 (WSAEADDRINUSE)\n',
  });
  await using refused = stage9('client', nobody, 0);
  expect(await refused.ended).toMatchObject({
    code: 1,
    out: 'bound to port 0\n',
    err: 'connect failed: 10061 (WSAECONNREFUSED)\n',
  });
});

test('a way round that does not exist is refused with a sentence and 2', async () => {
  for (const [words, got] of [
    [[], 'none'],
    [['magic'], 'magic'],
  ] as const) {
    await using program = stage9('way-round', 1, 0, ...words);
    expect(await program.ended).toMatchObject({
      code: 2,
      out: '',
      err: `the first word names the way round: reuse, linger, server-first; got: ${got}\n`,
    });
  }
});

describe('an experiment played twice at the same time', () => {
  for (const name of ['closing', 'connecting', 'datagram']) {
    test(name, async () => {
      const plays = ['en', 'zh'].map((lang) => Program.demo('experiment', name, '--lang', lang));
      for (const play of plays) onTestFinished(() => play[Symbol.asyncDispose]());
      for (const { code, out, err } of await Promise.all(plays.map(({ ended }) => ended))) {
        expect(code, `${out}\n${err}`).toBe(0);
      }
    });
  }
});

test.each([
  // Linux before 6.5: RFC 6298's doubling alone.
  { retries: 1, linear: 0, seconds: 3 },
  { retries: 2, linear: 0, seconds: 7 },
  { retries: 6, linear: 0, seconds: 127 },
  // Linux 6.18, as it was watched.
  { retries: 1, linear: 4, seconds: 3 },
  { retries: 2, linear: 4, seconds: 7 },
  { retries: 3, linear: 4, seconds: 19 },
  { retries: 4, linear: 4, seconds: 35 },
])(
  'with $retries retries and $linear linear ones connect gives up after $seconds s',
  ({ retries, linear, seconds }) => {
    expect(secondsUntilTimeout(retries, linear)).toBe(seconds);
  },
);

async function threadServer(clients: number) {
  const words = ['stage', '8', '--as', 'server', '--port', '0', '--clients', String(clients)];
  // glibc reserves 64 MiB for each further arena of malloc, and takes one when two threads happen to meet.
  const env = { ...process.env, MALLOC_ARENA_MAX: '1' };
  const server = new Program(process.execPath, [DEMO, ...words], { env });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const [, port] = await server.printed(/listening on 127\.0\.0\.1:(\d+)/);
  return { server, port: Number(port) };
}

function stage9(role: string, port: number, localPort: number, ...words: string[]): Program {
  const ports = ['--port', String(port), '--local-port', String(localPort)];
  return Program.demo('stage', '9', '--as', role, ...ports, ...words);
}

function portOf(server: ReturnType<typeof createServer>): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return address.port;
}

/** A client that has been greeted and says nothing. */
async function greeted(port: number): Promise<NodeSocket> {
  const socket = connect(port, '127.0.0.1');
  // A connection whose server is killed may end in either way.
  socket.on('error', (error: NodeJS.ErrnoException) => expect(error.code).toBe('ECONNRESET'));
  await new Promise<void>((resolve) => {
    let bytes = 0;
    socket.on('data', (part) => {
      bytes += part.length;
      if (bytes === GREETING_BYTES) resolve();
    });
  });
  return socket;
}

async function gone(socket: NodeSocket): Promise<void> {
  await within(LOOK_MS, () => (socket.closed ? true : undefined), 'end of the connection');
}

/** Address space that the process has mapped: proc_pid_status(5), VmSize. */
function mappedBytes(pid: number): number {
  const [, kibibytes] =
    /^VmSize:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) * 1024;
}

async function expectEndAtOnce(server: Program): Promise<void> {
  const begun = performance.now();
  server.child.kill('SIGINT');
  const { code, signal } = await server.ended;
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGINT' });
  expect(performance.now() - begun).toBeLessThan(END_MS);
}
