import {
  delimited,
  encodeWideText,
  type FrameCodec,
  fixedLength,
  lengthPrefixed,
  lines,
  StreamError,
} from '@netloom/connection';
import { coroutine } from '@netloom/coroutines';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ascii,
  checksDescriptors,
  failureOf,
  HandClock,
  Pair,
  textOf,
  until,
} from '../test/loopback.js';

checksDescriptors();

/** Sends each piece when the server has received the one before. */
async function sendInPieces(pair: Pair, pieces: readonly Uint8Array[]): Promise<void> {
  for (const piece of pieces) {
    const expected = pair.server.counters.bytesReceived + piece.length;
    await pair.client.send(piece);
    await until(() => pair.server.counters.bytesReceived >= expected);
  }
}

const byteByByte = (bytes: Uint8Array) => [...bytes].map((byte) => Uint8Array.of(byte));

describe('lines()', () => {
  it('gives line after line to await, then null', async () => {
    using pair = await Pair.open();
    await pair.client.send(ascii('one\r\ntwo\n\nrest'));
    pair.client.shutdown('send');
    const reader = pair.server.lines();
    expect(await reader.next()).toBe('one');
    expect(await reader.next()).toBe('two');
    expect(await reader.next()).toBe('');
    expect(await reader.next()).toBe('rest');
    expect(await reader.next()).toBeNull();
    expect(await reader.next()).toBeNull();
  });

  it('gives line after line to yield*', async () => {
    using pair = await Pair.open();
    const collect = coroutine(function* () {
      const found: string[] = [];
      const reader = pair.server.lines();
      for (;;) {
        const line = yield* reader.next();
        if (line === null) return found;
        found.push(line);
      }
    });
    const collected = collect();
    await sendInPieces(pair, byteByByte(ascii('é\r\nb\n')));
    pair.client.shutdown('send');
    expect(await collected).toEqual(['é', 'b']);
  });

  it('gives line after line to for await, and leaving the loop loses nothing', async () => {
    using pair = await Pair.open();
    await pair.client.send(ascii('one\ntwo\nthree\n'));
    pair.client.shutdown('send');
    for await (const line of pair.server.lines()) {
      expect(line).toBe('one');
      break;
    }
    const found: string[] = [];
    for await (const line of pair.server.lines()) found.push(line);
    expect(found).toEqual(['two', 'three']);
  });

  it('reads a batch of lines with one read of the kernel', async () => {
    using pair = await Pair.open();
    const reader = pair.server.lines();
    const first = reader.next().then((line) => line);
    await pair.client.send(ascii('line\n'.repeat(1000)));
    expect(await first).toBe('line');
    for (let at = 1; at < 1000; at += 1) expect(await reader.next()).toBe('line');
    expect(pair.server.counters).toMatchObject({ receives: 1, bytesReceived: 5000, bytesAhead: 0 });
  });

  it('loses no byte to a deadline in the middle of a line', async () => {
    using clock = new HandClock();
    using pair = await Pair.open();
    const failure = failureOf(pair.server.lines().next({ timeoutMs: 50 }));
    await sendInPieces(pair, [ascii('half a ')]);
    clock.advance(50);
    expect(await failure).toMatchObject({ code: 'ETIMEDOUT' });
    const line = pair.server
      .lines()
      .next()
      .then((text) => text);
    await pair.client.send(ascii('line\n'));
    expect(await line).toBe('half a line');
  });

  it('refuses a line beyond its limit, and leaves the bytes to recv()', async () => {
    using pair = await Pair.open();
    await pair.client.send(ascii('0123456789\n'));
    const reader = pair.server.lines({ limitBytes: 8 });
    const error = await failureOf(reader.next());
    expect(error).toBeInstanceOf(StreamError);
    expect(error).toMatchObject({ code: 'ERR_FRAME_TOO_LONG' });
    expect(String(error)).toMatch(/recv from 127.*a frame is longer than its limit of 8 bytes/);
    expect(await failureOf(reader.next())).toMatchObject({ code: 'ERR_FRAME_TOO_LONG' });
    const into = new Uint8Array(100);
    expect(textOf(into.subarray(0, await pair.server.recv(into)))).toBe('0123456789\n');
  });

  it('keeps two connections apart that share the read buffer', async () => {
    using left = await Pair.open();
    using right = await Pair.open();
    await left.client.send(ascii('left\nover from left'));
    await right.client.send(ascii('right\nover from right'));
    expect(await left.server.lines().next()).toBe('left');
    expect(await right.server.lines().next()).toBe('right');
    left.client.shutdown('send');
    right.client.shutdown('send');
    expect(await left.server.lines().next()).toBe('over from left');
    expect(await right.server.lines().next()).toBe('over from right');
  });
});

describe('frames()', () => {
  it('gives frames behind their length, over any cut', async () => {
    using pair = await Pair.open();
    const reader = pair.server.frames(lengthPrefixed());
    const first = reader.next().then((frame) => frame);
    await sendInPieces(pair, byteByByte(Uint8Array.of(0, 0, 0, 2, 7, 8)));
    expect(await first).toEqual(Uint8Array.of(7, 8));
    await pair.client.send(Uint8Array.of(0, 0, 0, 0));
    expect(await reader.next()).toEqual(new Uint8Array(0));
  });

  it('fails when the peer finishes in the middle of a frame, with what had come', async () => {
    using pair = await Pair.open();
    await pair.client.send(ascii('whole;half'));
    pair.client.shutdown('send');
    const reader = pair.server.frames(delimited(ascii(';')));
    expect(await reader.next()).toEqual(ascii('whole'));
    expect(await failureOf(reader.next())).toMatchObject({
      code: 'ERR_STREAM_ENDED',
      received: ascii('half'),
    });
    expect(await reader.next()).toBeNull();
  });

  it('goes on behind a frame that its codec refuses', async () => {
    using pair = await Pair.open();
    const text = lines();
    const json = {
      ...text,
      decode: (bytes: Uint8Array): unknown => JSON.parse(text.decode(bytes)),
    };
    await pair.client.send(ascii('[1]\nnonsense\n[2]\n'));
    const reader = pair.server.frames(json);
    expect(await reader.next()).toEqual([1]);
    expect(await failureOf(reader.next())).toBeInstanceOf(SyntaxError);
    expect(await reader.next()).toEqual([2]);
  });

  it('refuses a codec without a limit', async () => {
    using pair = await Pair.open();
    const limitBytes = Number.POSITIVE_INFINITY;
    expect(() => pair.server.frames({ ...lines(), limitBytes })).toThrow(RangeError);
  });

  it('gives whole frames that came before a reset, then the reset', async () => {
    using pair = await Pair.open();
    const first = pair.server
      .frames(lines())
      .next()
      .then((line) => line);
    await pair.client.send(ascii('one\ntwo\nhal'));
    expect(await first).toBe('one');
    pair.resetFromClient();
    expect(await pair.server.lines().next()).toBe('two');
    expect(await failureOf(pair.server.lines().next())).toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('recvWideText()', () => {
  it('ends at the end of the stream', async () => {
    using pair = await Pair.open();
    const message = pair.server.recvWideText().then((text) => text);
    await pair.client.sendWideText('ThisIs1');
    pair.client.shutdown('send');
    expect(await message).toBe('ThisIs1');
    expect(await pair.server.recvWideText()).toBe('');
    expect(pair.server.hasEnded).toBe(true);
  });

  it('ends behind a line end, which is not part of it, and the next message follows', async () => {
    using pair = await Pair.open();
    expect(await pair.client.sendWideText('one\ntwo\n')).toBe(16);
    expect(await pair.server.recvWideText()).toBe('one');
    expect(await pair.server.recvWideText()).toBe('two');
  });

  it('ends at 200 bytes', async () => {
    using pair = await Pair.open();
    await pair.client.sendWideText('x'.repeat(150));
    expect(await pair.server.recvWideText()).toBe('x'.repeat(100));
    expect(pair.server.counters.bytesAhead).toBe(100);
  });

  it('ends when nothing more has come for a second after its latest byte', async () => {
    using clock = new HandClock();
    using pair = await Pair.open();
    const message = pair.server.recvWideText().then((text) => text);
    // However long the first byte takes.
    clock.advance(60_000);
    await sendInPieces(pair, [encodeWideText('This')]);
    clock.advance(999);
    await sendInPieces(pair, [encodeWideText('Is')]);
    clock.advance(999);
    await sendInPieces(pair, [encodeWideText('2')]);
    expect(clock.timerCount).toBe(1);
    clock.advance(1000);
    expect(await message).toBe('ThisIs2');
    expect(clock.timerCount).toBe(0);
  });

  it('waits out the second also for what was read ahead', async () => {
    using clock = new HandClock();
    using pair = await Pair.open();
    await pair.client.sendWideText('one\ntwo');
    expect(await pair.server.recvWideText()).toBe('one');
    const second = pair.server.recvWideText().then((text) => text);
    clock.advance(999);
    expect(clock.timerCount).toBe(1);
    clock.advance(1);
    expect(await second).toBe('two');
  });

  it('does not cut a message whose rest lies unread when the second is over', async () => {
    using clock = new HandClock();
    using pair = await Pair.open();
    const message = pair.server.recvWideText().then((text) => text);
    await sendInPieces(pair, [encodeWideText('This')]);
    // Sent, and the event loop has had no turn to notice when the second is over.
    pair.clientSocket.trySend(encodeWideText('Is3\n'));
    clock.advance(1000);
    expect(await message).toBe('ThisIs3');
  });

  it('puts a message together that comes one byte at a time', async () => {
    using pair = await Pair.open();
    const message = pair.server.recvWideText().then((text) => text);
    await sendInPieces(pair, byteByByte(encodeWideText('漢字 ok\n')));
    expect(await message).toBe('漢字 ok');
  });

  it('shows half a unit at the end as U+FFFD', async () => {
    using pair = await Pair.open();
    await pair.client.send(Uint8Array.of(0x41, 0, 0x42));
    pair.client.shutdown('send');
    expect(await pair.server.recvWideText()).toBe('A\ufffd');
  });

  it('fails at its deadline when not a byte comes, and leaves no timer', async () => {
    using clock = new HandClock();
    using pair = await Pair.open();
    const failure = failureOf(pair.server.recvWideText({ timeoutMs: 5000 }));
    clock.advance(5000);
    expect(await failure).toMatchObject({ code: 'ETIMEDOUT' });
    expect(clock.timerCount).toBe(0);
  });

  it('loses no byte to a signal, and leaves no timer', async () => {
    using clock = new HandClock();
    using pair = await Pair.open();
    const controller = new AbortController();
    const failure = failureOf(pair.server.recvWideText({ signal: controller.signal }));
    await sendInPieces(pair, [encodeWideText('This')]);
    expect(clock.timerCount).toBe(1);
    controller.abort();
    await failure;
    expect(clock.timerCount).toBe(0);
    await pair.client.sendWideText('Is1\n');
    expect(await pair.server.recvWideText()).toBe('ThisIs1');
  });
});

describe('frames() over a real socket, cut at random', () => {
  const codecs: readonly (readonly [string, FrameCodec<Uint8Array>])[] = [
    ['delimited', delimited(Uint8Array.of(255, 254))],
    ['lengthPrefixed 1', lengthPrefixed({ prefixBytes: 1 })],
    ['lengthPrefixed 4 little', lengthPrefixed({ byteOrder: 'little' })],
    ['lengthPrefixed 8', lengthPrefixed({ prefixBytes: 8 })],
    ['varint', lengthPrefixed({ prefixBytes: 'varint' })],
    ['fixedLength', fixedLength(7)],
  ];

  it.each(codecs)(
    '%s: what was sent is what is read, whoever reads it',
    async (name, codec) => {
      const isFixed = name === 'fixedLength';
      const byte = fc.integer({ min: 0, max: 250 });
      const frame = fc
        .array(byte, isFixed ? { minLength: 7, maxLength: 7 } : { maxLength: 200 })
        .map((bytes) => Uint8Array.from(bytes));
      const reads = fc.array(fc.constantFrom('await', 'stopped', 'for await'), { minLength: 1 });
      const runs = fc.asyncProperty(
        fc.array(frame, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 30 }),
        reads,
        async (frames, sizes, kinds) => {
          using pair = await Pair.open();
          const bytes = Buffer.concat(frames.flatMap((each) => codec.encode?.(each) ?? []));
          const sending = sendChopped(pair, bytes, sizes);
          const found: Uint8Array[] = [];
          const reader = pair.server.frames(codec);
          for (let turn = 0; found.length < frames.length; turn += 1) {
            const kind = kinds[turn % kinds.length];
            if (kind === 'for await') {
              for await (const each of reader) {
                found.push(each);
                break;
              }
              continue;
            }
            const operation = reader.next();
            const result = operation.then(
              (each) => each,
              () => undefined,
            );
            // A read that is given up loses nothing of a frame that has not come whole.
            if (kind === 'stopped') operation.interrupt(new Error('given up'));
            const each = await result;
            if (each instanceof Uint8Array) found.push(each);
            else if (kind !== 'stopped') throw new Error(`frame ${found.length} did not come`);
            else await reader.next().then((next) => next && found.push(next));
          }
          await sending;
          expect(await reader.next()).toBe(null);
          expect(found.map((each) => [...each])).toEqual(frames.map((each) => [...each]));
        },
      );
      await fc.assert(runs, { numRuns: 25 });
    },
    60_000,
  );

  it('refuses garbage within its limit, and never holds more than that and one read', async () => {
    const garbage = fc.uint8Array({ minLength: 1, maxLength: 3000 });
    const kind = fc.constantFrom(...codecs.slice(0, 5).map(([name]) => name));
    await fc.assert(
      fc.asyncProperty(garbage, kind, async (bytes, name) => {
        using pair = await Pair.open();
        const codec = codecs.find(([each]) => each === name)?.[1];
        if (codec === undefined) throw new Error(`no codec ${name}`);
        const limited: FrameCodec<Uint8Array> = { ...codec, limitBytes: 64 };
        await pair.client.send(bytes);
        pair.client.shutdown('send');
        try {
          for await (const frame of pair.server.frames(limited)) {
            expect(frame.length).toBeLessThanOrEqual(64);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(StreamError);
        }
        expect(pair.server.counters.bytesAhead).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});

/** Sends pieces of these sizes in turn, then ends; a turn of the event loop between them, so that they arrive apart. */
async function sendChopped(pair: Pair, bytes: Uint8Array, sizes: readonly number[]): Promise<void> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    await pair.client.send(bytes.subarray(at, at + size));
    at += size;
    await new Promise((resolve) => setImmediate(resolve));
  }
  pair.client.shutdown('send');
}
