import { Connection, lengthPrefixed } from '@netloom/connection';
import { describe, expect, it } from 'vitest';
import {
  ascii,
  checksDescriptors,
  failureOf,
  HandClock,
  Pair,
  socketPair,
  textOf,
} from '../test/loopback.js';

checksDescriptors();

/** More than the kernel's buffers of both sides take together. */
const FAR_TOO_MUCH = 16 << 20;

describe('idleTimeoutMs', () => {
  it('closes a connection that has been silent for so long, and tells who waits', async () => {
    using clock = new HandClock();
    using pair = await Pair.open({ idleTimeoutMs: 100 });
    const failure = failureOf(pair.server.recv(new Uint8Array(1)));
    clock.advance(99);
    expect(pair.server.isClosed).toBe(false);
    clock.advance(1);
    expect(pair.server.isClosed).toBe(true);
    expect(await failure).toMatchObject({
      code: 'ETIMEDOUT',
      cause: { message: 'idleTimeoutMs passed: 100' },
    });
    expect(await failureOf(pair.server.send(ascii('x')))).toMatchObject({
      code: 'EBADF',
      cause: { message: 'the connection is closed: idleTimeoutMs passed: 100' },
    });
    expect(await pair.client.recv(new Uint8Array(1))).toBe(0);
    expect(clock.timerCount).toBe(0);
  });

  it('counts from the latest byte, whichever way it went', async () => {
    using clock = new HandClock();
    using pair = await Pair.open({ idleTimeoutMs: 100 });
    clock.advance(60);
    await pair.client.send(ascii('a'));
    await pair.server.recvExactly(1);
    clock.advance(60);
    await pair.server.send(ascii('b'));
    clock.advance(99);
    expect(pair.server.isClosed).toBe(false);
    clock.advance(1);
    expect(pair.server.isClosed).toBe(true);
  });
});

describe('lifetimeMs', () => {
  it('closes a connection after so long, however busy it is', async () => {
    using clock = new HandClock();
    using pair = await Pair.open({ lifetimeMs: 100 });
    clock.advance(99);
    await pair.server.send(ascii('a'));
    clock.advance(1);
    expect(pair.server.isClosed).toBe(true);
    expect(await failureOf(pair.server.recv(new Uint8Array(1)))).toMatchObject({ code: 'EBADF' });
  });

  it('is forgotten when the connection ends before', async () => {
    using clock = new HandClock();
    using pair = await Pair.open({ lifetimeMs: 100, idleTimeoutMs: 50 });
    expect(clock.timerCount).toBe(2);
    pair.server.detach().close();
    expect(clock.timerCount).toBe(0);
  });
});

describe('minimumReceiveRate', () => {
  const minimumReceiveRate = { bytesPerSecond: 100, graceMs: 1000 };

  it('lets a peer take as long as it likes to begin', async () => {
    using clock = new HandClock();
    using pair = await Pair.open({ minimumReceiveRate });
    const received = pair.server.recvExactly(2).then(textOf);
    clock.advance(1_000_000);
    await pair.client.send(ascii('ok'));
    expect(await received).toBe('ok');
    expect(clock.timerCount).toBe(0);
  });

  it('fails an operation whose bytes come too slowly on average, exactly then', async () => {
    using clock = new HandClock();
    using pair = await Pair.open({ minimumReceiveRate });
    const frame = pair.server.frames(lengthPrefixed({ prefixBytes: 1 })).next();
    const failure = failureOf(frame);
    let sent = 0;
    const dribble = async (text: string) => {
      await pair.client.send(ascii(text));
      sent += text.length;
      while (pair.server.counters.bytesReceived < sent) await new Promise(setImmediate);
    };
    await dribble('\x64'); // a frame of a hundred bytes is to come
    clock.advance(1000);
    await dribble('12345678901234567890'); // worth 200 ms
    clock.advance(209);
    await dribble('1234567890'); // 31 bytes: 1310 ms
    clock.advance(100);
    expect(frame.isPending).toBe(true);
    clock.advance(1);
    expect(await failure).toMatchObject({
      code: 'ETIMEDOUT',
      cause: { message: 'slower than 100 bytes a second: 31 bytes' },
    });
    expect(clock.timerCount).toBe(0);
    // What had come is still there, and the connection can be used.
    expect((await pair.server.recvExactly(31)).length).toBe(31);
  });
});

describe('minimumSendRate', () => {
  it('fails a send whose peer reads too slowly on average', async () => {
    using clock = new HandClock();
    const minimumSendRate = { bytesPerSecond: 1e6, graceMs: 1000 };
    using pair = await Pair.open({ minimumSendRate });
    const sending = pair.server.send(new Uint8Array(FAR_TOO_MUCH));
    const failure = failureOf(sending);
    const allowedMs = 1000 + sending.bytesSent / 1000;
    clock.advance(allowedMs - 2);
    expect(sending.isPending).toBe(true);
    clock.advance(2);
    expect(await failure).toMatchObject({ code: 'ETIMEDOUT', syscall: 'send' });
    expect(clock.timerCount).toBe(0);
  });

  it('lets a peer that is fast enough take all of it', async () => {
    using pair = await Pair.open({ minimumSendRate: { bytesPerSecond: 1, graceMs: 60_000 } });
    const sending = pair.server.send(new Uint8Array(FAR_TOO_MUCH)).then((count) => count);
    await pair.client.recvExactly(FAR_TOO_MUCH);
    expect(await sending).toBe(FAR_TOO_MUCH);
  });
});

describe('options', () => {
  it.each([
    [{ idleTimeoutMs: -1 }, 'idleTimeoutMs must be'],
    [{ lifetimeMs: Number.NaN }, 'lifetimeMs must be'],
    [{ minimumSendRate: { bytesPerSecond: 0, graceMs: 1 } }, 'bytesPerSecond must be'],
    [{ minimumReceiveRate: { bytesPerSecond: 1, graceMs: -1 } }, 'minimumReceiveRate.graceMs'],
  ])('refuses %o', async (options, message) => {
    const [server, client] = await socketPair();
    expect(() => new Connection(server, options)).toThrow(message);
    server.close();
    client.close();
  });
});
