import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteQueue } from './byte-queue.js';
import { type FrameCodec, frameLength, TOO_LONG } from './codec.js';
import { delimited } from './delimiter.js';
import { fixedLength } from './fixed.js';
import { lengthPrefixed } from './length-prefix.js';
import { lines } from './lines.js';
import { decodeWideText, encodeWideText, wideText } from './wide-text.js';

const utf8 = new TextEncoder();

/** Reads frames out of chunks as a connection does; ends with 'too long' where the reader would fail. */
function framesOf<T>(
  codec: FrameCodec<T>,
  chunks: readonly Uint8Array[],
): { frames: (T | 'too long')[]; rest: number[] } {
  const queue = new ByteQueue();
  const frames: (T | 'too long')[] = [];
  let seen = 0;
  for (const chunk of chunks) {
    queue.push(chunk);
    while (queue.length > 0) {
      const length = frameLength(codec, queue.view(), seen);
      if (length === TOO_LONG) return { frames: [...frames, 'too long'], rest: [...queue.view()] };
      seen = length === 0 ? queue.length : 0;
      if (length === 0) break;
      frames.push(codec.decode(queue.view().subarray(0, length)));
      queue.skip(length);
    }
  }
  return { frames, rest: [...queue.view()] };
}

/** A frame of bytes, as numbers. */
function bytesIn(frame: Uint8Array | 'too long'): number[] {
  return frame === 'too long' ? [] : [...frame];
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
  const edges = [0, ...sorted, bytes.length];
  return edges.slice(1).map((edge, index) => bytes.slice(edges[index], edge));
}

describe('lines()', () => {
  const cases: [title: string, text: string, frames: string[], rest: string][] = [
    ['ends a line at LF', 'a\nb\n', ['a', 'b'], ''],
    ['ends a line at CR LF', 'a\r\nb\r\n', ['a', 'b'], ''],
    ['keeps a CR that is not before LF', 'a\rb\n\rc\r\r\n', ['a\rb', '\rc\r'], ''],
    ['gives empty lines', '\n\r\n\n', ['', '', ''], ''],
    ['waits for the rest of a line', 'a\nbc', ['a'], 'bc'],
    ['keeps a byte order mark, on every line', '\ufeffa\n\ufeffb\n', ['\ufeffa', '\ufeffb'], ''],
    ['decodes characters of several bytes', 'é漢😀\n', ['é漢😀'], ''],
  ];
  it.each(cases)('%s', (_title, text, frames, rest) => {
    const found = framesOf(lines(), [utf8.encode(text)]);
    expect(found).toEqual({ frames, rest: [...utf8.encode(rest)] });
  });

  it('gives the same lines however the bytes are cut', () => {
    const text = fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll(/[\r\n]/g, ''));
    fc.assert(
      fc.property(fc.array(text), fc.array(fc.nat(500)), (texts, places) => {
        const bytes = utf8.encode(texts.map((line) => `${line}\r\n`).join(''));
        expect(framesOf(lines(), cut(bytes, places)).frames).toEqual(texts);
      }),
    );
  });

  it('takes a line of exactly limitBytes, line end included, and refuses one byte more', () => {
    const codec = lines({ limitBytes: 4 });
    expect(framesOf(codec, [utf8.encode('abc\n')]).frames).toEqual(['abc']);
    expect(framesOf(codec, [utf8.encode('abcd\n')]).frames).toEqual(['too long']);
    expect(framesOf(codec, [utf8.encode('abcd')]).frames).toEqual(['too long']);
  });

  it('decodes another encoding by its label', () => {
    expect(framesOf(lines({ encoding: 'latin1' }), [Uint8Array.of(0xe9, 0x0a)]).frames).toEqual([
      'é',
    ]);
  });

  it('refuses UTF-16, where 0x0A is half of many characters, and names wide text', () => {
    expect(() => lines({ encoding: 'utf-16le' })).toThrow(/utf-16le.*recvWideText/);
    expect(() => lines({ encoding: 'nothing' })).toThrow(RangeError);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses limitBytes %s', (limitBytes) => {
    expect(() => lines({ limitBytes })).toThrow(
      `limitBytes must be an integer from 1 on: got ${limitBytes}`,
    );
  });
});

describe('delimited()', () => {
  it('finds a delimiter of several bytes however the bytes are cut', () => {
    fc.assert(
      fc.property(
        // A small alphabet, so that beginnings of the delimiter are everywhere.
        fc.array(fc.array(fc.constantFrom(1, 2, 3))),
        fc.array(fc.nat(500)),
        (frames, places) => {
          const delimiter = [1, 1, 0];
          const bytes = Uint8Array.from(frames.flatMap((frame) => [...frame, ...delimiter]));
          const found = framesOf(delimited(Uint8Array.from(delimiter)), cut(bytes, places));
          expect(found.frames.map((frame) => [...frame])).toEqual(frames);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('refuses an empty delimiter and a limit without room for it', () => {
    expect(() => delimited(new Uint8Array(0))).toThrow(RangeError);
    expect(() => delimited(Uint8Array.of(1, 2), { limitBytes: 1 })).toThrow(RangeError);
  });

  it('gives frames that later reads do not overwrite', () => {
    const memory = Uint8Array.of(1, 2, 0);
    const frame = delimited(Uint8Array.of(0)).decode(memory);
    memory.fill(9);
    expect([...frame]).toEqual([1, 2]);
  });
});

describe('lengthPrefixed()', () => {
  it.each([1, 2, 4] as const)(
    'cuts frames behind a prefix of %s bytes, empty ones too',
    (prefixBytes) => {
      const prefix = (length: number) => [0, 0, 0, length].slice(4 - prefixBytes);
      const bytes = Uint8Array.from([...prefix(2), 7, 8, ...prefix(0), ...prefix(3), 1]);
      const { frames, rest } = framesOf(
        lengthPrefixed({ prefixBytes }),
        cut(bytes, [1, 2, 3, 4, 5]),
      );
      expect(frames.map((frame) => [...frame])).toEqual([[7, 8], []]);
      expect(rest).toEqual([...prefix(3), 1]);
    },
  );

  it('refuses a stated length beyond the limit before the frame has come', () => {
    const codec = lengthPrefixed({ limitBytes: 1000 });
    expect(framesOf(codec, [Uint8Array.of(0xff, 0xff, 0xff, 0xff)]).frames).toEqual(['too long']);
    expect(framesOf(codec, [Uint8Array.of(0, 0, 3, 229)]).frames).toEqual(['too long']);
    expect(framesOf(codec, [Uint8Array.of(0, 0, 3, 228)]).frames).toEqual([]);
  });

  it('refuses another size of prefix', () => {
    // SAFETY: what a JavaScript caller may pass.
    expect(() => lengthPrefixed({ prefixBytes: 3 as 4 })).toThrow(/1, 2, 4, 8 or 'varint': got 3/);
  });
});

describe('lengthPrefixed() of every kind', () => {
  const kinds = [1, 2, 4, 8, 'varint'] as const;
  const orders = ['big', 'little'] as const;
  const all = kinds.flatMap((prefixBytes) =>
    orders.map((byteOrder) => [prefixBytes, byteOrder] as const),
  );

  it.each(all)('prefix of %s, %s: reads what it encodes, however it is cut', (...kind) => {
    const [prefixBytes, byteOrder] = kind;
    const codec = lengthPrefixed({ prefixBytes, byteOrder, limitBytes: 400 });
    const most = prefixBytes === 1 ? 255 : 380;
    const frame = fc.uint8Array({ maxLength: most });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), fc.array(fc.nat(3000)), (frames, places) => {
        const bytes = Buffer.concat(frames.flatMap((each) => codec.encode?.(each) ?? []));
        const found = framesOf(codec, cut(bytes, places));
        expect(found.frames.map((each) => bytesIn(each))).toEqual(frames.map((each) => [...each]));
        expect(found.rest).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('states the length in the order asked for', () => {
    const bytesOf = (options: Parameters<typeof lengthPrefixed>[0], length: number) => {
      const [prefix] = [lengthPrefixed(options).encode?.(new Uint8Array(length)) ?? []].flat();
      return [...(prefix ?? [])];
    };
    const limitBytes = 100_000;
    expect(bytesOf({ prefixBytes: 4, limitBytes }, 0x1_02_03)).toEqual([0, 1, 2, 3]);
    expect(bytesOf({ prefixBytes: 4, byteOrder: 'little', limitBytes }, 0x1_02_03)).toEqual([
      3, 2, 1, 0,
    ]);
    expect(bytesOf({ prefixBytes: 'varint', limitBytes }, 300)).toEqual([0xac, 0x02]);
    expect(bytesOf({ prefixBytes: 'varint', limitBytes }, 127)).toEqual([0x7f]);
  });

  it('refuses lengths of eight bytes and endless varints at once', () => {
    const eight = lengthPrefixed({ prefixBytes: 8 });
    const ones = new Uint8Array(10).fill(0xff);
    expect(framesOf(eight, [ones.subarray(0, 8)]).frames).toEqual(['too long']);
    const varint = lengthPrefixed({ prefixBytes: 'varint' });
    expect(framesOf(varint, [ones]).frames).toEqual(['too long']);
    expect(framesOf(varint, [ones.subarray(0, 9)]).frames).toEqual([]);
    // Ten bytes that say 0, as nobody should write it, are a frame.
    const long = Uint8Array.of(0x80, 0x80, 0x80, 0);
    expect(framesOf(varint, [long]).frames.map((each) => bytesIn(each))).toEqual([[]]);
  });

  it('does not encode what would not fit', () => {
    const frame = new Uint8Array(256);
    expect(() => lengthPrefixed({ prefixBytes: 1 }).encode?.(frame)).toThrow(/got 256 bytes/);
    expect(() => lengthPrefixed({ limitBytes: 259 }).encode?.(frame)).toThrow(RangeError);
    // SAFETY: what a JavaScript caller may pass.
    expect(() => lengthPrefixed({ byteOrder: 'middle' as 'big' })).toThrow(/got middle/);
  });
});

describe('fixedLength()', () => {
  it('cuts frames of one length, however the bytes come', () => {
    const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7);
    const { frames, rest } = framesOf(fixedLength(3), cut(bytes, [1, 2, 5]));
    expect(frames.map((each) => bytesIn(each))).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(rest).toEqual([7]);
  });

  it('refuses another length', () => {
    expect(() => fixedLength(3).encode?.(new Uint8Array(2))).toThrow(/3 bytes: got 2/);
    expect(() => fixedLength(0)).toThrow(RangeError);
  });
});

describe('encoding with a delimiter', () => {
  it('refuses a frame that would arrive as two, also where only its end makes one', () => {
    const codec = delimited(Uint8Array.of(1, 1));
    expect(() => codec.encode?.(Uint8Array.of(2, 1, 1, 2))).toThrow(RangeError);
    expect(() => codec.encode?.(Uint8Array.of(2, 1))).toThrow(RangeError);
    expect([...(codec.encode?.(Uint8Array.of(1, 2)) ?? [])]).toEqual([1, 2, 1, 1]);
    expect(() => lines().encode?.('two\nlines')).toThrow(RangeError);
    expect(() => lines({ encoding: 'latin1' }).encode?.('x')).toThrow(/windows-1252/);
  });
});

describe('wide text', () => {
  it('is two bytes a unit, low byte first, without terminator', () => {
    expect([...encodeWideText('Hé漢')]).toEqual([0x48, 0, 0xe9, 0, 0x22, 0x6f]);
    expect(encodeWideText('Welcome to server!')).toHaveLength(36);
  });

  it('brings every string back, unpaired surrogates included', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { maxLength: 60 }), (units) => {
        const text = String.fromCharCode(...units);
        expect(decodeWideText(encodeWideText(text))).toBe(text);
      }),
    );
    expect(decodeWideText(encodeWideText('\ud800x\udc00'))).toBe('\ud800x\udc00');
  });

  it('decodes more text than one call takes arguments', () => {
    const text = 'abcdefg'.repeat(50_000);
    expect(decodeWideText(encodeWideText(text))).toBe(text);
  });

  it('shows an odd byte at the end as U+FFFD', () => {
    expect(decodeWideText(Uint8Array.of(0x41, 0, 0x42))).toBe('A\ufffd');
  });

  it('ends a message behind U+000A, which is taken off', () => {
    const { frames } = framesOf(wideText(), [encodeWideText('one\ntwo\r\n\n')]);
    expect(frames).toEqual(['one', 'two\r', '']);
  });

  it('does not take 0x0A inside a character, or across two, for a line end', () => {
    const text = '\u0a0a\u0a00\u000b\n';
    expect(framesOf(wideText(), cut(encodeWideText(text), [1, 2, 3, 4, 5, 6, 7])).frames).toEqual([
      text.slice(0, -1),
    ]);
  });

  it('ends a message at limitBytes; what comes behind begins the next', () => {
    const codec = wideText({ limitBytes: 6 });
    expect(framesOf(codec, [encodeWideText('abcde')])).toEqual({
      frames: ['abc'],
      rest: [...encodeWideText('de')],
    });
  });

  it('gives the same messages when they come one byte at a time', () => {
    const bytes = encodeWideText('ThisIs1\nThisIs2\n');
    const oneByOne = [...bytes].map((byte) => Uint8Array.of(byte));
    expect(framesOf(wideText(), oneByOne).frames).toEqual(['ThisIs1', 'ThisIs2']);
  });

  it('refuses an odd limit and a quietMs that is no time', () => {
    expect(() => wideText({ limitBytes: 201 })).toThrow(/even: got 201/);
    expect(() => wideText({ quietMs: -1 })).toThrow(/quietMs.*got -1/);
    expect(() => wideText({ quietMs: Number.NaN })).toThrow(RangeError);
  });
});

describe('ByteQueue', () => {
  it('gives out in order what went in, whatever the sizes', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.record({ push: fc.uint8Array({ maxLength: 300 }) }),
            fc.record({ take: fc.nat(400) }),
            fc.record({ unread: fc.uint8Array({ maxLength: 20 }) }),
          ),
        ),
        (steps) => {
          const queue = new ByteQueue();
          let model: number[] = [];
          for (const step of steps) {
            if ('push' in step) {
              queue.push(step.push);
              model.push(...step.push);
            } else if ('unread' in step) {
              queue.unread(step.unread.slice());
              model = [...step.unread, ...model];
            } else {
              const into = new Uint8Array(step.take);
              const count = queue.moveTo(into);
              expect([...into.subarray(0, count)]).toEqual(model.splice(0, step.take));
            }
            expect([...queue.view()]).toEqual(model);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('keeps what is left when the borrowed memory goes back', () => {
    const lent = Uint8Array.of(1, 2, 3, 4);
    const queue = new ByteQueue();
    queue.borrow(lent, 3);
    queue.skip(1);
    queue.keep();
    lent.fill(9);
    expect([...queue.view()]).toEqual([2, 3]);
  });

  it('does not write into borrowed memory', () => {
    const lent = Uint8Array.of(1, 2, 3, 4);
    const queue = new ByteQueue();
    queue.borrow(lent, 2);
    queue.push(Uint8Array.of(8, 9));
    expect([...lent]).toEqual([1, 2, 3, 4]);
    expect([...queue.view()]).toEqual([1, 2, 8, 9]);
  });
});

describe('frameLength()', () => {
  it.each([-3, 1.5, Number.NaN])('tells a codec whose measure() gives %s', (answer) => {
    const codec = { limitBytes: 10, measure: () => answer, decode: () => null };
    expect(() => frameLength(codec, Uint8Array.of(1), 0)).toThrow(`got ${answer}`);
  });
});
