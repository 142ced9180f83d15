import {
  htond,
  htonf,
  htonl,
  htonll,
  htons,
  ntohd,
  ntohf,
  ntohl,
  ntohll,
  ntohs,
} from '@netloom/sockaddr';
import { describe, expect, it } from 'vitest';

/** The memory of a number on this machine, as C would see it. */
const memory = {
  16: (value: number) => [...new Uint8Array(Uint16Array.of(value).buffer)],
  32: (value: number) => [...new Uint8Array(Uint32Array.of(value).buffer)],
  64: (value: bigint) => [...new Uint8Array(BigUint64Array.of(value).buffer)],
};

describe('to network order', () => {
  it('htons gives a number whose memory has the high byte first', () => {
    expect(memory[16](htons(0x2330))).toEqual([0x23, 0x30]);
  });

  it('htonl gives a number whose memory has the high byte first, unsigned', () => {
    expect(memory[32](htonl(0x7f00_0001))).toEqual([0x7f, 0, 0, 1]);
    expect(htonl(0xff)).toBeGreaterThanOrEqual(0);
    expect(htonl(0xffff_ffff)).toBe(0xffff_ffff);
  });

  it('htonll gives a bigint whose memory has the high byte first', () => {
    expect(memory[64](htonll(0x0102_0304_0506_0708n))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('htonf gives an unsigned integer whose memory is the float in network order', () => {
    expect(memory[32](htonf(1))).toEqual([0x3f, 0x80, 0, 0]);
    expect(memory[32](htonf(-0))).toEqual([0x80, 0, 0, 0]);
  });

  it('htond gives an unsigned bigint whose memory is the double in network order', () => {
    expect(memory[64](htond(-2))).toEqual([0xc0, 0, 0, 0, 0, 0, 0, 0]);
  });
});

describe('and back', () => {
  it.each([0, 1, 80, 0x1234, 0xffff])('ntohs takes back htons of %i', (value) => {
    expect(ntohs(htons(value))).toBe(value);
  });

  it.each([0, 1, 0x1234_5678, 0x8000_0000, 0xffff_ffff])(
    'ntohl takes back htonl of %i',
    (value) => {
      expect(ntohl(htonl(value))).toBe(value);
    },
  );

  it.each([0n, 1n, 2n ** 63n, 2n ** 64n - 1n])('ntohll takes back htonll of %s', (value) => {
    expect(ntohll(htonll(value))).toBe(value);
  });

  it.each([0, -0, 1.5, Number.POSITIVE_INFINITY, Number.NaN, Math.fround(Math.PI)])(
    'ntohf takes back htonf of %d',
    (value) => {
      expect(ntohf(htonf(value))).toBe(value);
    },
  );

  it.each([0, -0, Math.PI, -1e308, Number.MIN_VALUE, Number.NaN])(
    'ntohd takes back htond of %d',
    (value) => {
      expect(ntohd(htond(value))).toBe(value);
    },
  );
});

describe('arguments that do not fit', () => {
  it.each([
    ['htons', htons, 0xffff],
    ['ntohs', ntohs, 0xffff],
    ['htonl', htonl, 0xffff_ffff],
    ['ntohl', ntohl, 0xffff_ffff],
    ['ntohf', ntohf, 0xffff_ffff],
  ] as const)('%s refuses what C would cut, naming itself and the value', (name, call, largest) => {
    expect(() => call(largest)).not.toThrow();
    for (const value of [-1, 0.5, largest + 1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => call(value)).toThrow(RangeError);
      expect(() => call(value)).toThrow(new RegExp(`^${name}: .*got ${value}$`));
    }
  });

  it.each([
    ['htonll', htonll],
    ['ntohll', ntohll],
    ['ntohd', ntohd],
  ] as const)('%s refuses more than 64 bits, and numbers', (name, call) => {
    expect(() => call(-1n)).toThrow(RangeError);
    expect(() => call(2n ** 64n)).toThrow(new RegExp(`^${name}: .*got 18446744073709551616n$`));
    // @ts-expect-error a number is not exact enough
    expect(() => call(1)).toThrow(TypeError);
  });

  it('the wrong type is a TypeError that names function, argument and value', () => {
    // @ts-expect-error text is no number
    expect(() => htons('80')).toThrow(new TypeError('htons: hostShort must be a number: got "80"'));
    // @ts-expect-error text is no number
    expect(() => htonf('1')).toThrow(TypeError);
    // @ts-expect-error undefined is no number
    expect(() => htond(undefined)).toThrow(TypeError);
  });
});
