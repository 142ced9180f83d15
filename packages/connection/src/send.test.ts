import {
  Connection,
  delimited,
  type FrameCodec,
  fixedLength,
  lengthPrefixed,
  lines,
} from '@netloom/connection';
import { coroutine } from '@netloom/coroutines';
import { SO_SNDBUF, SOL_SOCKET } from '@netloom/winsock-native';
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

/** WINDOWS: its kernel takes all of one send into its own memory. */
const LEAST_PARTIAL = process.platform === 'win32' ? 0 : 1;

/** That much, no two places alike nearby; made once, because it takes a while. */
const PATTERN = new Uint8Array(FAR_TOO_MUCH);
for (let at = 0; at < FAR_TOO_MUCH; at += 1) PATTERN[at] = (at * 17) % 253;

describe('send()', () => {
  it('sends all of it, waiting for a slow reader, byte for byte', async () => {
    using pair = await Pair.open();
    const bytes = PATTERN;
    let hasEnded = false;
    const sending = pair.server.send(bytes).then((count) => {
      hasEnded = true;
      return count;
    });
    expect(pair.server.counters.bytesSent).toBeGreaterThan(0);
    expect(pair.server.counters.bytesSent).toBeLessThan(FAR_TOO_MUCH);
    expect(hasEnded).toBe(false);
    const received = await pair.client.recvExactly(FAR_TOO_MUCH);
    expect(await sending).toBe(FAR_TOO_MUCH);
    expect(Buffer.compare(received, bytes)).toBe(0);
  });

  it('sends n bytes of any n, in order, however few the kernel takes at a time', async () => {
    const [server, client] = await socketPair();
    server.setOption(SOL_SOCKET, SO_SNDBUF, 8192);
    const room = Number(server.getOption(SOL_SOCKET, SO_SNDBUF));
    const limits = [64, 4096, room / 2, room, room * 20].flatMap((n) => [n - 1, n, n + 1]);
    const sizes = [1, 2, 3, 5, ...limits, room * 50 + 1];
    const total = sizes.reduce((sum, size) => sum + size, 0);
    using pair = new Pair(new Connection(server), client);
    const received = pair.client.recvExactly(total).then((bytes) => bytes);
    let sent = 0;
    for (const size of sizes) {
      expect(await pair.server.send(PATTERN.subarray(sent, sent + size))).toBe(size);
      sent += size;
      expect(pair.server.counters.bytesSent).toBe(sent);
    }
    // More calls than sizes.
    expect(pair.server.counters.sends).toBeGreaterThanOrEqual(sizes.length + LEAST_PARTIAL);
    expect(Buffer.compare(await received, PATTERN.subarray(0, total))).toBe(0);
    pair.server.shutdown('send');
    expect(await pair.client.recv(new Uint8Array(1))).toBe(0);
  });

  it('does the same for yield*', async () => {
    using pair = await Pair.open();
    const serve = coroutine(function* () {
      return yield* pair.server.send(PATTERN);
    });
    const sending = serve();
    await pair.client.recvExactly(FAR_TOO_MUCH);
    expect(await sending).toBe(FAR_TOO_MUCH);
  });

  it('ends at once when the kernel takes everything', async () => {
    using pair = await Pair.open();
    const sending = pair.server.send(ascii('hello'));
    const waited = sending.then((count) => count);
    expect(sending.isPending).toBe(false);
    expect(await waited).toBe(5);
  });

  it('sends nothing for no bytes', async () => {
    using pair = await Pair.open();
    expect(await pair.server.send(new Uint8Array(0))).toBe(0);
    expect(pair.server.counters.sends).toBe(0);
  });

  it('says how much the kernel has taken when it is stopped half-way', async () => {
    using pair = await Pair.open();
    const bytes = PATTERN;
    const controller = new AbortController();
    const sending = pair.server.send(bytes, { signal: controller.signal });
    const failure = failureOf(sending);
    controller.abort();
    expect(await failure).toMatchObject({ name: 'AbortError' });
    expect(sending.bytesSent).toBe(pair.server.counters.bytesSent);
    expect(sending.bytesSent).toBeGreaterThan(0);
    // The rest can be sent by another operation: the stream is whole.
    const rest = pair.server.send(bytes.subarray(sending.bytesSent)).then((count) => count);
    expect(Buffer.compare(await pair.client.recvExactly(bytes.length), bytes)).toBe(0);
    await rest;
  });

  it('fails with ETIMEDOUT when the peer does not read for timeoutMs', async () => {
    using clock = new HandClock();
    using pair = await Pair.open({ sendTimeoutMs: 50 });
    const sending = pair.server.send(new Uint8Array(FAR_TOO_MUCH));
    const failure = failureOf(sending);
    clock.advance(50);
    expect(await failure).toMatchObject({ code: 'ETIMEDOUT', wsaCode: 10060, syscall: 'send' });
    expect(sending.bytesSent).toBeGreaterThan(0);
    expect(clock.timerCount).toBe(0);
  });

  it('gives a second sender a clear error and leaves the first alone', async () => {
    using pair = await Pair.open();
    const first = pair.server.send(PATTERN).then((count) => count);
    const error = await failureOf(pair.server.send(ascii('me too')));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toMatch(/send already sends to 127\.0\.0\.1:\d+/);
    await pair.client.recvExactly(FAR_TOO_MUCH);
    expect(await first).toBe(FAR_TOO_MUCH);
  });

  it('fails when the peer resets while it waits', async () => {
    using pair = await Pair.open();
    const failure = failureOf(pair.server.send(new Uint8Array(FAR_TOO_MUCH)));
    pair.resetFromClient();
    expect(await failure).toMatchObject({ wsaCode: 10054, syscall: 'send' });
  });
});

describe('shutdown()', () => {
  it("'send' lets the peer read the end, and receiving goes on", async () => {
    using pair = await Pair.open();
    await pair.server.send(ascii('bye'));
    pair.server.shutdown('send');
    expect(textOf(await pair.client.recvExactly(3))).toBe('bye');
    expect(await pair.client.recv(new Uint8Array(1))).toBe(0);
    await pair.client.send(ascii('answer'));
    expect(textOf(await pair.server.recvExactly(6))).toBe('answer');
    expect(await failureOf(pair.server.send(ascii('x')))).toMatchObject({
      code: 'EPIPE',
      wsaCode: 10058,
    });
    // One's own end is no fault of the peer's.
    await pair.client.send(ascii('still'));
    expect(textOf(await pair.server.recvExactly(5))).toBe('still');
  });

  it("'send' ends a send that waits", async () => {
    using pair = await Pair.open();
    const failure = failureOf(pair.server.send(new Uint8Array(FAR_TOO_MUCH)));
    pair.server.shutdown('send');
    expect(await failure).toMatchObject({ code: 'EPIPE', wsaCode: 10058, syscall: 'send' });
  });

  it("'receive' ends a recv that waits, and later bytes are not received", async () => {
    using pair = await Pair.open();
    const waiting = pair.server.recv(new Uint8Array(10)).then((count) => count);
    pair.server.shutdown('receive');
    expect(await waiting).toBe(0);
    await pair.client.send(ascii('late'));
    expect(await pair.server.recv(new Uint8Array(10))).toBe(0);
  });
});

describe('send() of several buffers', () => {
  it('sends them in their order with one system call', async () => {
    using pair = await Pair.open();
    const parts = [ascii('one '), ascii(''), ascii('two '), ascii('three')];
    expect(await pair.server.send(parts)).toBe(13);
    expect(pair.server.counters).toMatchObject({ bytesSent: 13, sends: 1 });
    expect(textOf(await pair.client.recvExactly(13))).toBe('one two three');
  });

  it('sends all of them, more than one call takes, waiting for a slow reader', async () => {
    using pair = await Pair.open();
    const large = 3 << 20;
    const small = Array.from({ length: 3000 }, (_, at) =>
      PATTERN.subarray(large + 7 * at, large + 7 * at + 7),
    );
    const parts = [PATTERN.subarray(0, large), ...small];
    const rest = large + 7 * small.length;
    const sending = pair.server.send([...parts, PATTERN.subarray(rest)]);
    const sent = sending.then((count) => count);
    expect(sending.bytesSent).toBeLessThan(FAR_TOO_MUCH);
    expect(pair.server.counters.bytesWaiting).toBe(FAR_TOO_MUCH - sending.bytesSent);
    const received = await pair.client.recvExactly(FAR_TOO_MUCH);
    expect(await sent).toBe(FAR_TOO_MUCH);
    expect(Buffer.compare(received, PATTERN)).toBe(0);
    expect(pair.server.counters.bytesWaiting).toBe(0);
  });

  it('of nothing has ended at once', async () => {
    using pair = await Pair.open();
    expect(await pair.server.send([])).toBe(0);
    expect(await pair.server.send([ascii('')])).toBe(0);
    expect(pair.server.counters.sends).toBe(0);
  });

  it('refuses what is no memory, and names it', async () => {
    using pair = await Pair.open();
    // SAFETY: what a JavaScript caller may pass.
    const wrong = [ascii('a'), 'text'] as unknown as Uint8Array[];
    expect(() => pair.server.send(wrong)).toThrow(/Uint8Array or an array of them.*got text/);
  });
});

describe('cork()', () => {
  it('holds what is sent, and uncork() sends it with one system call', async () => {
    using pair = await Pair.open();
    pair.server.cork();
    const part = ascii('one ');
    await pair.server.send(part);
    part.fill(0); // it was copied
    await pair.server.send([ascii('two '), ascii('three')]);
    expect(pair.server.counters).toMatchObject({ bytesSent: 0, sends: 0, bytesWaiting: 13 });
    await pair.server.uncork();
    expect(pair.server.counters).toMatchObject({ bytesSent: 13, sends: 1, bytesWaiting: 0 });
    expect(textOf(await pair.client.recvExactly(13))).toBe('one two three');
  });

  it('lets go with as many uncork() as there were cork()', async () => {
    using pair = await Pair.open();
    pair.server.cork();
    pair.server.cork();
    await pair.server.send(ascii('held'));
    await pair.server.uncork();
    expect(pair.server.counters.bytesSent).toBe(0);
    await pair.server.uncork();
    expect(pair.server.counters.bytesSent).toBe(4);
    expect(await failureOf(pair.server.uncork())).toBeInstanceOf(TypeError);
  });

  it('holds 64 KiB; what goes beyond is sent behind what was held', async () => {
    using pair = await Pair.open();
    pair.server.cork();
    await pair.server.send(PATTERN.subarray(0, 65_536));
    expect(pair.server.counters.bytesSent).toBe(0);
    await pair.server.send(PATTERN.subarray(65_536, 65_537));
    expect(pair.server.counters.bytesSent).toBe(65_537);
    const received = await pair.client.recvExactly(65_537);
    expect(Buffer.compare(received, PATTERN.subarray(0, 65_537))).toBe(0);
    await pair.server.uncork();
  });

  it('keeps holding what the kernel has not taken of an uncork() that was stopped', async () => {
    using clock = new HandClock();
    using pair = await Pair.open();
    const filling = failureOf(pair.server.send(PATTERN, { timeoutMs: 1 }));
    clock.advance(1);
    await filling;
    const before = pair.server.counters.bytesSent;
    pair.server.cork();
    await pair.server.send(PATTERN.subarray(before, before + 1000));
    const flushing = failureOf(pair.server.uncork({ timeoutMs: 1 }));
    clock.advance(1);
    expect(await flushing).toMatchObject({ code: 'ETIMEDOUT', syscall: 'uncork' });
    const { bytesSent, bytesWaiting } = pair.server.counters;
    expect(bytesSent + bytesWaiting).toBe(before + 1000);
    const more = pair.server.send(PATTERN.subarray(before + 1000, before + 2000));
    const sent = more.then((count) => count);
    const received = await pair.client.recvExactly(before + 2000);
    expect(Buffer.compare(received, PATTERN.subarray(0, before + 2000))).toBe(0);
    expect(await sent).toBe(1000);
  });

  it('refuses to end sending, or to give the socket away, while something is held', async () => {
    using pair = await Pair.open();
    pair.server.cork();
    await pair.server.send(ascii('held'));
    expect(() => pair.server.shutdown('send')).toThrow(/4 bytes are held by cork/);
    expect(() => pair.server.detach()).toThrow(/4 bytes are held by cork/);
    pair.server.shutdown('receive');
    await pair.server.uncork();
    pair.server.shutdown('send');
    pair.server.close();
    expect(() => pair.server.cork()).toThrow(/EBADF/);
  });
});

describe('sendFrame()', () => {
  const codecs: [name: string, codec: FrameCodec<Uint8Array>][] = [
    ['delimited', delimited(Uint8Array.of(0))],
    ['fixedLength', fixedLength(5)],
    ['lengthPrefixed', lengthPrefixed({ prefixBytes: 2, byteOrder: 'little' })],
    ['varint', lengthPrefixed({ prefixBytes: 'varint' })],
  ];
  it.each(codecs)('sends what frames(%s) reads, with one system call', async (_name, codec) => {
    using pair = await Pair.open();
    await pair.server.sendFrame(codec, ascii('hello'));
    await pair.server.sendFrame(codec, ascii('again'));
    expect(pair.server.counters.sends).toBe(2);
    const frames = pair.client.frames(codec);
    expect(textOf((await frames.next()) ?? ascii(''))).toBe('hello');
    expect(textOf((await frames.next()) ?? ascii(''))).toBe('again');
  });

  it('sends lines', async () => {
    using pair = await Pair.open();
    await pair.server.sendFrame(lines(), 'ein Stück');
    expect(await pair.client.lines().next()).toBe('ein Stück');
  });

  it('refuses a codec that only reads', async () => {
    using pair = await Pair.open();
    const reads: FrameCodec<number> = { limitBytes: 1, measure: () => 1, decode: () => 0 };
    expect(() => pair.server.sendFrame(reads, 1)).toThrow(/no encode/);
  });
});

describe('reset()', () => {
  it('ends with a reset, also what the peer waits for', async () => {
    using pair = await Pair.open();
    const waiting = failureOf(pair.client.recv(new Uint8Array(1)));
    const mine = failureOf(pair.server.recv(new Uint8Array(1)));
    pair.server.reset();
    pair.server.reset();
    expect(await waiting).toMatchObject({ code: 'ECONNRESET' });
    expect(await mine).toMatchObject({ code: 'EINTR' });
    expect(pair.server.isClosed).toBe(true);
  });
});
