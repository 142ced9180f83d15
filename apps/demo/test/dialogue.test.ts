/** The programs of stages 4 to 7 by hand, each as a process of its own, and with strangers on the other side. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { installed } from '../theatre/installed.js';
import { tcpRows, within } from '../theatre/kernel.js';
import { Program } from './program.js';

const GREETING = 'Welcome to server!';
const PROMPT = 'Please input what you want to send to server: ';
const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const wide = (text: string) => Buffer.from(text, 'utf16le');
const role = (stage: number, name: string, ...args: string[]) =>
  Program.demo('stage', String(stage), '--as', name, ...args);

async function startServer(
  stage: number,
  ...args: string[]
): Promise<{ server: Program; port: number }> {
  const server = role(stage, 'server', '--port', '0', ...args);
  const [, port] = await server.printed(/^listening on 127\.0\.0\.1:(\d+)$/m);
  return { server, port: Number(port) };
}

/** A stranger's connection to our server, behind the greeting. */
async function stranger(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
  let greeting = Buffer.alloc(0);
  while (greeting.length < 2 * GREETING.length) {
    const [part] = await once(socket, 'data');
    greeting = Buffer.concat([greeting, part]);
  }
  expect(greeting.equals(wide(GREETING))).toBe(true);
  return socket;
}

/** A stranger's server for our client. */
async function strangeServer(
  serve: (socket: Socket) => void,
): Promise<{ listener: Server & AsyncDisposable; port: number }> {
  const listener = createServer(serve).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  // SAFETY: a TCP server's address has this shape.
  const { port } = listener.address() as AddressInfo;
  return { listener, port };
}

describe('server and client of stage 4', () => {
  const lines = ['ThisIs4', 'a line  with blanks ', '', '𠮷 and 結び目 🧶'];
  for (const line of lines) {
    test(`the line comes over as it was typed: ${JSON.stringify(line)}`, async () => {
      const { server, port } = await startServer(4);
      await using _ = server;
      await using client = role(4, 'client', '--port', String(port));
      await client.printed(/to server: $/);
      client.write(`${line}\n`);
      expect(await client.ended).toMatchObject({ code: 0, out: `${GREETING}\n${PROMPT}`, err: '' });
      const { code, out } = await server.ended;
      expect(code).toBe(0);
      const [, shown, ...rest] = out.split('\n');
      expect(shown).toMatch(/^client address: 127\.0\.0\.1, port: \d+$/);
      expect(rest).toEqual([line, '']);
    });
  }

  test('a client without input says so and ends with 1; its server sees the end and ends with 0', async () => {
    const { server, port } = await startServer(4);
    await using _ = server;
    await using client = role(4, 'client', '--port', String(port));
    client.child.stdin?.end();
    expect(await client.ended).toMatchObject({
      code: 1,
      err: 'no line to send: the input ended\n',
    });
    expect((await server.ended).code).toBe(0);
  });
});

describe('the server’s message ends', () => {
  const cases: [why: string, sent: string, printed: string][] = [
    ['at the newline, though the client goes on and stays', 'one\ntwo', 'one'],
    ['at 200 bytes', 'x'.repeat(120), 'x'.repeat(100)],
    ['after a second of silence', 'quiet', 'quiet'],
    [
      'in the middle of a character where the room ends there',
      `${'x'.repeat(99)}𠮷`,
      `${'x'.repeat(99)}\u{fffd}`,
    ],
  ];
  for (const [why, sent, printed] of cases) {
    test(why, async () => {
      const { server, port } = await startServer(4);
      await using _ = server;
      const socket = await stranger(port);
      socket.on('error', () => undefined); // closing with bytes unread resets the connection
      socket.write(wide(sent));
      const { code, out } = await server.ended;
      socket.destroy();
      expect(code).toBe(0);
      expect(out.split('\n').slice(2)).toEqual([printed, '']);
    });
  }

  test('and before its first bytes there is no hurry', async () => {
    const { server, port } = await startServer(4);
    await using _ = server;
    const socket = await stranger(port);
    // Longer than the second of silence: the time itself is what is tested.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    socket.end(wide('late'));
    const { code, out } = await server.ended;
    expect(code).toBe(0);
    expect(out.split('\n').slice(2)).toEqual(['late', '']);
  });
});

describe('strangers of the server of stage 4', () => {
  test('a client in Python, one byte at a time', async () => {
    const { server, port } = await startServer(4);
    await using _ = server;
    await using client = new Program('python3', [
      fixture('raw-client.py'),
      String(port),
      'ThisIsPython',
      '--bytewise',
    ]);
    expect(await client.ended).toMatchObject({ code: 0, out: 'done\n', err: '' });
    expect((await server.ended).out).toMatch(/\nThisIsPython\n$/);
  });

  test.runIf(installed('nc') !== undefined)('nc, whose bytes are taken for wide text', async () => {
    const { server, port } = await startServer(4);
    await using _ = server;
    const got = execFileSync('nc', ['-N', '127.0.0.1', String(port)], {
      input: 'ThisIs1',
      timeout: 30_000,
    });
    expect(got.equals(wide(GREETING))).toBe(true);
    // Seven bytes: three units of two letters each, and half a one.
    expect((await server.ended).out).toMatch(/\n\u6854\u7369\u73491\n$/);
  });

  test('a client that resets is named by its code', async () => {
    const { server, port } = await startServer(4);
    await using _ = server;
    (await stranger(port)).resetAndDestroy();
    expect(await server.ended).toMatchObject({
      code: 1,
      err: 'recv failed: 10054 (WSAECONNRESET)\n',
    });
  });
});

test('the server of stage 6 tells of a client that resets, and serves the next', async () => {
  const { server, port } = await startServer(6, '--clients', '2');
  await using _ = server;
  (await stranger(port)).resetAndDestroy();
  (await stranger(port)).end(wide('next'));
  const { code, out, err } = await server.ended;
  expect(code).toBe(0);
  expect(err).toBe('recv failed: 10054 (WSAECONNRESET)\n');
  expect(out).toMatch(/\nnext\n$/);
});

describe('strangers of the client of stage 4', () => {
  test('a plain C server gets the bytes of the line and no terminator', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'netloom-'));
    try {
      const binary = join(folder, 'plain-server');
      execFileSync('cc', ['-O2', '-Wall', '-Werror', '-o', binary, fixture('plain-server.c')]);
      await using server = new Program(binary, []);
      const [, port] = await server.printed(/port (\d+)/);
      await using client = role(4, 'client', '--port', String(port));
      client.child.stdin?.end('This is 織機\n');
      expect(await client.ended).toMatchObject({ code: 0, out: `${GREETING}\n${PROMPT}`, err: '' });
      expect((await server.ended).out).toContain(`got ${wide('This is 織機').toString('hex')}\n`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('a greeting in two segments is printed whole', async () => {
    const sockets: Socket[] = [];
    const { listener, port } = await strangeServer((socket) => {
      sockets.push(socket.resume());
      socket.write(wide('Welcome'));
    });
    await using _ = listener;
    await using client = role(4, 'client', '--port', String(port));
    // The first part is there and read: the client's end of the connection has nothing waiting any more.
    await within(
      30_000,
      () => {
        const [theirs] = sockets;
        const [row] = theirs
          ? tcpRows({ localPort: theirs.remotePort ?? 0, remotePort: port })
          : [];
        return theirs?.writableLength === 0 && row?.receiveQueue === 0 ? row : undefined;
      },
      'reading of the first segment',
    );
    expect(client.out).toBe('');
    sockets[0]?.write(wide(' to server!'));
    await client.printed(new RegExp(`^${GREETING}\n${PROMPT}$`));
    client.child.stdin?.end('x\n');
    expect((await client.ended).code).toBe(0);
  });

  test('a server that closes before it greets', async () => {
    const { listener, port } = await strangeServer((socket) => socket.end());
    await using _ = listener;
    await using client = role(4, 'client', '--port', String(port));
    expect(await client.ended).toMatchObject({
      code: 1,
      out: '',
      err: 'the server closed before it greeted\n',
    });
  });

  test('nobody listens', async () => {
    const { listener, port } = await strangeServer(() => undefined);
    await listener[Symbol.asyncDispose]();
    await using client = role(4, 'client', '--port', String(port));
    expect(await client.ended).toMatchObject({
      code: 1,
      out: '',
      err: 'connect failed: 10061 (WSAECONNREFUSED)\n',
    });
  });
});

describe('Ctrl-C ends a program alone at once', () => {
  test('the server, which waits in accept', async () => {
    const { server } = await startServer(6);
    await using _ = server;
    server.child.kill('SIGINT');
    expect(await server.ended).toMatchObject({ signal: 'SIGINT' });
  });

  test('the client, which waits for a line', async () => {
    const { server, port } = await startServer(4);
    await using _ = server;
    await using client = role(4, 'client', '--port', String(port));
    await client.printed(/to server: $/);
    client.child.kill('SIGINT');
    expect(await client.ended).toMatchObject({ signal: 'SIGINT' });
    expect((await server.ended).code).toBe(0);
  });

  test('a server stopped in the middle of a dialogue starts again on its port at once', async () => {
    const { server, port } = await startServer(6);
    await using _ = server;
    const socket = await stranger(port);
    server.child.kill('SIGINT');
    await server.ended;
    socket.end();
    // The server closed first: its port is in TIME_WAIT, which is what stands in the way of a bind.
    await within(
      30_000,
      () => tcpRows({ localPort: port, state: 'TIME_WAIT' })[0],
      'TIME_WAIT at the server’s port',
    );
    await using again = role(6, 'server', '--port', String(port));
    await again.printed(/^listening on /m);
    (await stranger(port)).end(wide('again'));
    expect(await again.ended).toMatchObject({ code: 0, err: '' });
  });
});
