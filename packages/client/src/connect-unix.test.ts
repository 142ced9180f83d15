import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AF_UNIX, SockaddrUn } from '@netloom/sockaddr';
import { SOCK_STREAM, Socket, WOULD_BLOCK } from '@netloom/winsock-native';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectUnix } from './connect-unix.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netloom-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function listen(name: SockaddrUn, backlog = 5): Socket {
  const socket = Socket.create(AF_UNIX, SOCK_STREAM);
  socket.bind(name);
  socket.listen(backlog);
  return socket;
}

/** Starts at once; gives the error. */
const failureOf = (waited: PromiseLike<unknown>) =>
  waited.then(
    () => expect.unreachable('it did not fail'),
    (error: unknown) => error,
  );

describe('connectUnix()', () => {
  it('connects to a path, and the connection carries bytes', async () => {
    const path = join(folder, 'server');
    using listener = listen(SockaddrUn.from({ path }));
    using connection = await connectUnix({ path, timeoutMs: 5000 });
    using accepted = listener.tryAccept() as Socket;
    await connection.send(Uint8Array.of(1, 2, 3));
    const room = new Uint8Array(8);
    expect(accepted.tryRecv(room)).toBe(3);
    expect(String(connection.peer)).toContain(path);
  });

  it.runIf(process.platform === 'linux')('connects to an abstract name', async () => {
    const abstractName = `netloom-${process.pid}-${folder.slice(-6)}`;
    using listener = listen(SockaddrUn.from({ abstractName }));
    using _connection = await connectUnix({ path: `\0${abstractName}` });
    using accepted = listener.tryAccept() as Socket;
    expect(accepted.isOpen).toBe(true);
  });

  it.runIf(process.platform === 'linux')('waits for room in a queue that is full', async () => {
    const path = join(folder, 'server');
    using listener = listen(SockaddrUn.from({ path }), 0);
    using first = await connectUnix({ path });
    const connecting = connectUnix({ path, timeoutMs: 60_000 });
    const second = connecting.then((connection) => connection);
    expect(connecting.isPending).toBe(true);
    using accepted = listener.tryAccept() as Socket;
    using connection = await second;
    expect(connection.isClosed).toBe(false);
    expect([first.isClosed, accepted.isOpen]).toEqual([false, true]);
  });

  it.runIf(process.platform === 'linux')('says so when the queue is full to the end', async () => {
    const path = join(folder, 'server');
    using _listener = listen(SockaddrUn.from({ path }), 0);
    using _first = await connectUnix({ path });
    const error = await failureOf(connectUnix({ path, timeoutMs: 30 }));
    expect(error).toMatchObject({ code: 'ETIMEDOUT', cause: { code: 'EAGAIN' } });
    expect(String(error)).toContain("timeoutMs of 30 passed; the listener's queue was full");
  });

  it('names the path where nothing is, and where nobody listens', async () => {
    const path = join(folder, 'server');
    const absent = await failureOf(connectUnix({ path }));
    expect(absent).toMatchObject({ code: 'ENOENT', syscall: 'connect' });
    expect(String(absent)).toContain(path);
    listen(SockaddrUn.from({ path })).close();
    expect(await failureOf(connectUnix({ path }))).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('is stopped by its signal', async () => {
    const path = join(folder, 'server');
    using listener = listen(SockaddrUn.from({ path }), 0);
    const reason = new Error('enough');
    expect(await failureOf(connectUnix({ path, signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(listener.tryAccept()).toBe(WOULD_BLOCK);
  });

  it('refuses what is no path', () => {
    expect(() => connectUnix({ path: '' })).toThrow('path must be');
    expect(() => connectUnix({ path: 'x', timeoutMs: -1 })).toThrow('timeoutMs must be');
    expect(() => connectUnix({ path: 'x'.repeat(500) })).toThrow(RangeError);
  });
});
