import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  InAddr,
  InetNtopW,
  inet_ntop,
  SockaddrIn6,
} from '@netloom/sockaddr';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { fromHex, watchLastError } from '../test/vectors.js';

const lastError = watchLastError();
beforeEach(() => {
  lastError.take();
});
afterAll(() => lastError.stop());

const loopback = Uint8Array.of(127, 0, 0, 1);

describe('inet_ntop', () => {
  it.each([
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000000000001', '::1'],
    ['00010000000000000001000000000000', '1::1:0:0:0'],
    ['00010000000100000000000100000001', '1:0:1::1:0:1'],
    ['00000001000200030004000500060007', '0:1:2:3:4:5:6:7'],
    ['00010002000300040005000600070000', '1:2:3:4:5:6:7:0'],
    ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['0000000000000000000000000a000001', '::10.0.0.1'],
    ['00000000000000000000000000010000', '::0.1.0.0'],
    ['00000000000000000000ffff0a000001', '::ffff:10.0.0.1'],
    ['0000000000000000ffff00000a000001', '::ffff:0:a00:1'],
  ])('writes %s as %s', (hex, text) => {
    expect(inet_ntop(AF_INET6, fromHex(hex))).toBe(text);
  });

  it('takes the structures themselves', () => {
    expect(inet_ntop(AF_INET, InAddr.from('10.1.2.3'))).toBe('10.1.2.3');
    expect(inet_ntop(AF_INET6, SockaddrIn6.from({ address: 'fe80::1%2' }).sin6_addr)).toBe(
      'fe80::1',
    );
  });

  it('fills a buffer with text and terminator, and nothing behind it', () => {
    const buffer = new Uint8Array(16).fill(0x2a);
    expect(inet_ntop(AF_INET, loopback, buffer, 16)).toBe('127.0.0.1');
    expect(String.fromCharCode(...buffer)).toBe('127.0.0.1\0******');
  });

  it('takes all of the buffer when no size is given', () => {
    expect(inet_ntop(AF_INET, loopback, new Uint8Array(10))).toBe('127.0.0.1');
    expect(inet_ntop(AF_INET, loopback, new Uint8Array(9))).toBe(null);
  });

  it('gives null with 87 and writes nothing where text and terminator do not fit', () => {
    const buffer = new Uint8Array(16);
    expect(inet_ntop(AF_INET, loopback, buffer, 9)).toBe(null);
    expect(lastError.take()).toBe(87);
    expect(buffer.every((byte) => byte === 0)).toBe(true);
    expect(inet_ntop(AF_INET, loopback, buffer, 10)).toBe('127.0.0.1');
    expect(inet_ntop(AF_INET, loopback, buffer, 0)).toBe(null);
  });

  it.each([17, -1])(
    'gives null with 10014 where the size %i reaches beyond a buffer of 16',
    (size) => {
      expect(inet_ntop(AF_INET, loopback, new Uint8Array(16), size)).toBe(null);
      expect(lastError.take()).toBe(10014);
    },
  );

  it.each([0, 3, 5, 16])('gives null with 10014 for %i bytes of IPv4', (length) => {
    expect(inet_ntop(AF_INET, new Uint8Array(length))).toBe(null);
    expect(lastError.take()).toBe(10014);
  });

  it.each([0, 4, 15, 17])('gives null with 10014 for %i bytes of IPv6', (length) => {
    expect(inet_ntop(AF_INET6, new Uint8Array(length))).toBe(null);
    expect(lastError.take()).toBe(10014);
  });

  it("gives null with 10014 for C's NULL", () => {
    expect(inet_ntop(AF_INET, null)).toBe(null);
    expect(lastError.take()).toBe(10014);
  });

  it('gives null with 10047 for another family', () => {
    expect(inet_ntop(AF_UNIX, loopback)).toBe(null);
    expect(lastError.take()).toBe(10047);
  });

  it('leaves the last error alone when it succeeds', () => {
    expect(inet_ntop(AF_INET, loopback)).toBe('127.0.0.1');
    expect(lastError.take()).toBe(null);
  });

  it('refuses wrong JavaScript types, naming function, argument and value', () => {
    // @ts-expect-error text is not the bytes of an address
    expect(() => inet_ntop(AF_INET, '127.0.0.1')).toThrow(/^inet_ntop: src .*got "127.0.0.1"$/);
    // @ts-expect-error a number is no buffer
    expect(() => inet_ntop(AF_INET, loopback, 16)).toThrow(/^inet_ntop: dst .*got 16$/);
    expect(() => inet_ntop(AF_INET, loopback, new Uint8Array(16), 1.5)).toThrow(RangeError);
  });
});

describe('InetNtopW', () => {
  it('fills UTF-16 units, terminator included, and counts characters', () => {
    const buffer = new Uint16Array(46).fill(0x2a);
    expect(InetNtopW(AF_INET, loopback, buffer, 46)).toBe('127.0.0.1');
    expect(String.fromCharCode(...buffer.subarray(0, 12))).toBe('127.0.0.1\0**');
    expect(InetNtopW(AF_INET, loopback, new Uint16Array(10), 10)).toBe('127.0.0.1');
  });

  it('gives null with 87 where it does not fit', () => {
    expect(InetNtopW(AF_INET, loopback, new Uint16Array(46), 9)).toBe(null);
    expect(lastError.take()).toBe(87);
  });

  it('refuses a buffer of bytes', () => {
    // @ts-expect-error a wide buffer is wanted
    expect(() => InetNtopW(AF_INET, loopback, new Uint8Array(46))).toThrow(/^InetNtopW: buf/);
  });
});
