import { htonl, INADDR_NONE, InAddr, inet_addr, inet_aton, inet_ntoa } from '@netloom/sockaddr';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { toHex, watchLastError } from '../test/vectors.js';

const lastError = watchLastError();
beforeEach(() => {
  lastError.take();
});
afterAll(() => lastError.stop());

describe('inet_aton', () => {
  it.each([
    ['127.1', '7f000001'],
    ['010.8.0x10.1', '08081001'],
    ['1.2.3.4 anything', '01020304'],
    ['1.2.3.4\n', '01020304'],
    ['1.2.3.4\0.5', '01020304'],
    ['4294967295', 'ffffffff'],
    ['0x0000000000000000001', '00000001'],
  ])('reads %j as %s', (text, hex) => {
    const address = new InAddr();
    expect(inet_aton(text, address)).toBe(1);
    expect(toHex(address.bytes)).toBe(hex);
  });

  it.each([
    '',
    '08',
    '1.2.3.4.',
    '1.2.3.4x',
    '1..2',
    '4294967296',
    '1.2.65536',
    '0x',
    ' 1.2.3.4',
    '+1',
    '1.2.3.4\u00a0',
  ])('returns 0 for %j, with destination and last error alone', (text) => {
    const bytes = new Uint8Array(4).fill(9);
    expect(inet_aton(text, bytes)).toBe(0);
    expect(toHex(bytes)).toBe('09090909');
    expect(lastError.take()).toBe(null);
  });

  it('only checks the text where the destination is NULL', () => {
    expect(inet_aton('127.1', null)).toBe(1);
    expect(inet_aton('127.x', null)).toBe(0);
  });

  it('returns 0 with 10014 where the destination is too short', () => {
    expect(inet_aton('127.0.0.1', new Uint8Array(3))).toBe(0);
    expect(lastError.take()).toBe(10014);
  });

  it('refuses wrong JavaScript types', () => {
    // @ts-expect-error a number is no text
    expect(() => inet_aton(1, new InAddr())).toThrow(/^inet_aton: cp .*got 1$/);
    // @ts-expect-error undefined is no memory
    expect(() => inet_aton('1', undefined)).toThrow(/^inet_aton: inp .*got undefined$/);
  });
});

describe('inet_addr', () => {
  it('gives the number that s_addr holds', () => {
    expect(inet_addr('127.0.0.1')).toBe(htonl(0x7f00_0001));
    const address = new InAddr();
    address.s_addr = inet_addr('192.168.1.20');
    expect(String(address)).toBe('192.168.1.20');
  });

  it('gives INADDR_NONE for text that is no address, and for 255.255.255.255', () => {
    expect(inet_addr('localhost')).toBe(INADDR_NONE);
    expect(inet_addr('255.255.255.255')).toBe(INADDR_NONE);
    expect(lastError.take()).toBe(null);
  });

  it("gives INADDR_NONE with 10014 for C's NULL", () => {
    expect(inet_addr(null)).toBe(INADDR_NONE);
    expect(lastError.take()).toBe(10014);
  });
});

describe('inet_ntoa', () => {
  it('gives each call a string of its own', () => {
    const first = inet_ntoa(InAddr.from('10.0.0.1'));
    const second = inet_ntoa(InAddr.from('10.0.0.2'));
    expect([first, second]).toEqual(['10.0.0.1', '10.0.0.2']);
  });

  it.each([0, 3, 5])('gives null with 10014 for %i bytes', (length) => {
    expect(inet_ntoa(new Uint8Array(length))).toBe(null);
    expect(lastError.take()).toBe(10014);
  });
});
