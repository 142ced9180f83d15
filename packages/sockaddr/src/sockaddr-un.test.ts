import { AF_UNIX, layouts, SockaddrUn } from '@netloom/sockaddr';
import { describe, expect, it } from 'vitest';
import { toHex } from '../test/vectors.js';

const { darwin, linux, win32 } = layouts;

describe('SockaddrUn', () => {
  it('holds a path, with the length that bind is given: family, path and terminator', () => {
    const name = SockaddrUn.from({ path: '/tmp/s' }, linux);
    expect(toHex(name.bytes.subarray(0, 9))).toBe('01002f746d702f7300');
    expect([name.length, name.path, String(name)]).toEqual([9, '/tmp/s', '/tmp/s']);
    expect([name.family, name.isUnnamed, name.abstractName]).toEqual([AF_UNIX, false, undefined]);
  });

  it('writes the length field on BSD systems', () => {
    const name = SockaddrUn.from({ path: '/tmp/s' }, darwin);
    expect([name.sun_len, name.sun_family, name.bytes.length]).toEqual([9, 1, 106]);
    expect(SockaddrUn.from({ path: '/tmp/s' }, linux).sun_len).toBe(undefined);
  });

  it('holds an abstract name with any bytes, whose length ends it', () => {
    const name = SockaddrUn.from({ abstractName: Uint8Array.of(0x61, 0, 0x62, 0) }, linux);
    expect(name.length).toBe(2 + 1 + 4);
    expect(toHex(name.abstractName ?? new Uint8Array())).toBe('61006200');
    expect([name.path, name.isUnnamed, String(name)]).toEqual([undefined, false, '@a@b@']);
  });

  it('holds no name', () => {
    const name = SockaddrUn.from({ unnamed: true }, linux);
    expect([name.length, name.isUnnamed, name.path, name.abstractName]).toEqual([
      2,
      true,
      undefined,
      undefined,
    ]);
    expect(String(name)).toBe('(unnamed)');
  });

  it('tells the three kinds apart by the length that the kernel gave', () => {
    const memory = SockaddrUn.from({ path: '/tmp/left-over' }, linux).bytes;
    const name = new SockaddrUn(memory, linux);
    name.length = 2;
    expect(name.isUnnamed).toBe(true);
    name.length = 6;
    expect(name.path).toBe('/tmp');
    memory[2] = 0;
    name.length = 5;
    expect(String(name)).toBe('@tm');
  });

  it('tells the kind from the bytes where no length was given', () => {
    const name = new SockaddrUn(undefined, linux);
    expect([name.isUnnamed, name.length]).toEqual([true, 2]);
    name.sun_path.set([0x61, 0x62]);
    expect([name.path, name.length]).toEqual(['ab', 5]);
    name.sun_path.set([0, 0x62, 0x63, 0]);
    expect([String(name), name.length]).toEqual(['@bc', 5]);
  });

  it('takes a path that fills the array without a terminator, as Linux gives it', () => {
    const name = new SockaddrUn(new Uint8Array(110).fill(0x61), linux);
    expect(name.path).toBe('a'.repeat(108));
    expect(name.length).toBe(110);
  });

  it('keeps paths that are not UTF-8 as bytes, and text as UTF-8', () => {
    const bytes = Uint8Array.of(0x2f, 0xff, 0xfe);
    expect(toHex(SockaddrUn.from({ path: bytes }, linux).pathBytes ?? new Uint8Array())).toBe(
      '2ffffe',
    );
    expect(SockaddrUn.from({ path: '/tmp/\ufeffé😀' }, linux).path).toBe('/tmp/\ufeffé😀');
  });

  it('has room for 107 bytes on Linux and Windows, 103 on BSD systems, and says so', () => {
    for (const [layout, limit] of [
      [linux, 107],
      [win32, 107],
      [darwin, 103],
    ] as const) {
      expect(SockaddrUn.from({ path: 'p'.repeat(limit) }, layout).length).toBe(limit + 3);
      expect(() => SockaddrUn.from({ path: 'p'.repeat(limit + 1) }, layout)).toThrow(
        new RegExp(`path must have 1 to ${limit} bytes: got ${limit + 1}`),
      );
    }
  });

  it('counts bytes, not characters', () => {
    expect(() => SockaddrUn.from({ path: 'é'.repeat(54) }, linux)).toThrow(/got 108/);
  });

  it.each([
    [{ path: '' }, linux, /1 to 107 bytes: got 0/],
    [{ path: '/tmp/a\0b' }, linux, /zero byte.*abstractName/],
    [{ abstractName: 'x'.repeat(108) }, linux, /at most 107 bytes: got 108/],
    [{ abstractName: 'x' }, darwin, /darwin, only Linux .*got "x"; give a path/],
  ] as const)('refuses %j', (options, layout, message) => {
    expect(() => SockaddrUn.from(options, layout)).toThrow(RangeError);
    expect(() => SockaddrUn.from(options, layout)).toThrow(message);
  });

  it('refuses wrong JavaScript types and lengths beyond the memory', () => {
    // @ts-expect-error a number is no path
    expect(() => SockaddrUn.from({ path: 5 })).toThrow(/path must be .*got 5$/);
    // @ts-expect-error none of the three kinds
    expect(() => SockaddrUn.from({})).toThrow(TypeError);
    expect(() => {
      new SockaddrUn(undefined, linux).length = 111;
    }).toThrow(/got 111/);
    expect(() => new SockaddrUn(new Uint8Array(1))).toThrow(RangeError);
  });
});
