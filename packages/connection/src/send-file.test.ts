import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ascii, checksDescriptors, failureOf, Pair, textOf } from '../test/loopback.js';

checksDescriptors();

const folder = mkdtempSync(join(tmpdir(), 'netloom-send-file-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** More than the kernel's buffers of both sides take together; no two places alike nearby. */
const LARGE = Uint8Array.from({ length: 12 << 20 }, (_, at) => (at * 17) % 253);

function fileOf(name: string, bytes: Uint8Array): Disposable & { fd: number; path: string } {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const fd = openSync(path, 'r');
  return { fd, path, [Symbol.dispose]: () => closeSync(fd) };
}

describe('sendFile()', () => {
  it('sends all of a file, waiting for a slow reader, byte for byte', async () => {
    using pair = await Pair.open();
    using file = fileOf('large', LARGE);
    const sending = pair.server.sendFile(file.fd);
    const sent = sending.then((count) => count);
    expect(sending.bytesSent).toBeLessThan(LARGE.length);
    const received = await pair.client.recvExactly(LARGE.length);
    expect(await sent).toBe(LARGE.length);
    expect(Buffer.compare(received, LARGE)).toBe(0);
    expect(pair.server.counters.bytesSent).toBe(LARGE.length);
  }, 30_000);

  it('sends a part, behind what cork() held', async () => {
    using pair = await Pair.open();
    await using file = await open(fileOfText('part', '0123456789'));
    pair.server.cork();
    await pair.server.send(ascii('head '));
    expect(await pair.server.sendFile(file, { offset: 2, length: 3 })).toBe(3);
    await pair.server.uncork();
    expect(textOf(await pair.client.recvExactly(8))).toBe('head 234');
  });

  it('says how many bytes went where the file has fewer', async () => {
    using pair = await Pair.open();
    using file = fileOf('short', ascii('abc'));
    expect(await pair.server.sendFile(file.fd, { offset: 1, length: 100 })).toBe(2);
    expect(await pair.server.sendFile(file.fd, { offset: 9 })).toBe(0);
    expect(await pair.server.sendFile(file.fd, { length: 0 })).toBe(0);
    expect(textOf(await pair.client.recvExactly(2))).toBe('bc');
  });

  it('ends where a file is that is cut while it is sent', async () => {
    using pair = await Pair.open();
    using file = fileOf('cut', LARGE);
    const sending = pair.server.sendFile(file.fd);
    const sent = sending.then((count) => count);
    truncateSync(file.path, 0);
    const before = sending.bytesSent;
    const received = await pair.client.recvExactly(before);
    expect(Buffer.compare(received, LARGE.subarray(0, before))).toBe(0);
    expect(await sent).toBeLessThan(LARGE.length);
  });

  it('can be stopped half-way, and says how much went', async () => {
    using pair = await Pair.open();
    using file = fileOf('stopped', LARGE);
    const abort = new AbortController();
    const sending = pair.server.sendFile(file.fd, { signal: abort.signal });
    const failure = failureOf(sending);
    abort.abort(new Error('enough'));
    expect(String(await failure)).toContain('enough');
    expect(sending.bytesSent).toBe(pair.server.counters.bytesSent);
    const rest = pair.server
      .sendFile(file.fd, { offset: sending.bytesSent })
      .then((count) => count);
    expect(Buffer.compare(await pair.client.recvExactly(LARGE.length), LARGE)).toBe(0);
    await rest;
  }, 30_000);

  it('refuses what is no regular file, or no range of one', async () => {
    using pair = await Pair.open();
    const device = openSync('/dev/null', 'r');
    try {
      expect(String(await failureOf(pair.server.sendFile(device)))).toMatch(/regular file/);
    } finally {
      closeSync(device);
    }
    expect(await failureOf(pair.server.sendFile(99_999))).toMatchObject({ code: 'EBADF' });
    expect(() => pair.server.sendFile({ fd: -1 })).toThrow(/FileHandle or its descriptor: got -1/);
    expect(() => pair.server.sendFile(0, { offset: -1 })).toThrow(/offset must be.*got -1/);
    expect(() => pair.server.sendFile(0, { length: 1.5 })).toThrow(/length must be.*got 1.5/);
  });

  it('fails when the peer resets', async () => {
    using pair = await Pair.open();
    using file = fileOf('reset', LARGE);
    const failure = failureOf(pair.server.sendFile(file.fd));
    pair.resetFromClient();
    expect(await failure).toMatchObject({ wsaCode: 10054 });
  });
});

function fileOfText(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
