/**
 * The load generator must be able to fail: it meets servers that do one thing wrong.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { build } from './build.js';
import { runLoad } from './processes.js';
import { GREETING } from './servers/dialogue.js';

let built: (name: string) => string;

beforeAll(() => {
  built = build('test');
});

/** Runs a tenth of a second of load against a server with this handler. */
async function loadOn(handler: (socket: Socket) => void, args: readonly string[]) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    handler(socket);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  // SAFETY: a listening TCP server's address is an AddressInfo.
  const { port } = server.address() as AddressInfo;
  const [mode = '', clients = '', depth] = args;
  const options = [mode, String(port), clients, '0.1', ...(depth === undefined ? [] : [depth])];
  try {
    return await runLoad([built('load'), ...options], undefined);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

const greet = (bytes: Uint8Array, then: (socket: Socket) => void) => (socket: Socket) => {
  socket.write(bytes);
  socket.once('data', () => then(socket));
};

describe.skipIf(process.platform !== 'linux')('load', () => {
  it('counts exchanges with a right server, each with a connection of its own', async () => {
    const result = await loadOn(
      greet(GREETING, (socket) => socket.destroy()),
      ['exchange', '4'],
    );
    expect(result).toMatchObject({ failures: 0, firstFailure: '' });
    expect(result.operations).toBeGreaterThan(0);
    expect(result.connections).toBe(result.operations);
  });

  it('counts echoes with a right server, all messages whole', async () => {
    const result = await loadOn((socket) => socket.pipe(socket), ['echo', '4', '16']);
    expect(result).toMatchObject({ failures: 0, connections: 4 });
    expect(result.operations).toBeGreaterThanOrEqual(4 * 16);
  });

  const wrong = GREETING.with(35, 1);
  it.each<[string, string, (socket: Socket) => void, readonly string[]]>([
    [
      'one wrong byte',
      'wrong bytes in the greeting',
      greet(wrong, (s) => s.destroy()),
      ['exchange', '1'],
    ],
    [
      'a byte too many',
      'wrong bytes in the greeting',
      greet(Buffer.concat([GREETING, wrong]), (s) => s.destroy()),
      ['exchange', '1'],
    ],
    [
      'an end before its time',
      'closed before the greeting was whole',
      (s) => s.end('W'),
      ['exchange', '1'],
    ],
    [
      'a reset',
      'recv: Connection reset by peer',
      greet(GREETING, (s) => s.resetAndDestroy()),
      ['exchange', '1'],
    ],
    [
      'another byte in an echo',
      'wrong bytes in an echo',
      (s) => s.on('data', (d) => s.write(d.fill(0, 63, 64))),
      ['echo', '1', '1'],
    ],
    [
      'the end of an echo',
      'closed by the server',
      (s) => s.once('data', () => s.end()),
      ['echo', '2', '1'],
    ],
    [
      'an echo twice',
      'more came back than was sent',
      (s) => s.on('data', (d) => s.write(Buffer.concat([d, d]))),
      ['echo', '1', '1'],
    ],
  ])('finds %s', async (_what, says, handler, args) => {
    const result = await loadOn(handler, args);
    expect(result.firstFailure).toBe(says);
    expect(result.failures).toBeGreaterThan(0);
  });

  it('counts a refused connection as a failure', async () => {
    const result = await runLoad([built('load'), 'exchange', '1', '1', '0.1'], undefined);
    expect(result.operations).toBe(0);
    expect(result.firstFailure).toMatch(/refused/);
  });
});
