import {
  compareIp,
  formatIp,
  In6Addr,
  InAddr,
  isIp,
  isIpv4,
  isIpv6,
  parseIp,
} from '@netloom/sockaddr';
import { describe, expect, it } from 'vitest';
import { toHex } from '../test/vectors.js';

describe('parseIp', () => {
  it.each([
    ['192.0.2.1', 4, 'c0000201', undefined],
    ['2001:DB8::1', 6, '20010db8000000000000000000000001', undefined],
    ['::ffff:192.0.2.1', 6, '00000000000000000000ffffc0000201', undefined],
    ['fe80::1%eth0', 6, 'fe800000000000000000000000000001', 'eth0'],
    ['fe80::1%2', 6, 'fe800000000000000000000000000001', '2'],
  ] as const)('reads %s', (text, family, hex, zone) => {
    const ip = parseIp(text);
    expect([ip.family, toHex(ip.bytes), ip.zone]).toEqual([family, hex, zone]);
    expect('zone' in ip).toBe(zone !== undefined);
  });

  it.each([
    '',
    'localhost',
    '127.1',
    '0x7f.1',
    '127.0.0.01',
    ' 127.0.0.1',
    '127.0.0.1\n',
    '127.0.0.1:80',
    '10.0.0.0/8',
    '[::1]',
    '1.2.3.4%eth0',
    'fe80::1%',
    'fe80::1%a b',
    'fe80::1%a%b',
    'fe80::1%a/b',
    `fe80::1%${'z'.repeat(257)}`,
    '١٢٧.٠.٠.١',
  ])('refuses %j, with the value and the rule', (text) => {
    expect(() => parseIp(text)).toThrow(RangeError);
    expect(() => parseIp(text)).toThrow(
      /^parseIp: text must be an IP address like .* got ".*resolved/,
    );
  });

  it('refuses a NUL, which ends the text of a C-named function', () => {
    expect(() => parseIp('127.0.0.1\0')).toThrow(RangeError);
    expect(() => parseIp('::1\0')).toThrow(RangeError);
  });

  it('quotes the beginning of long text only', () => {
    expect(() => parseIp('9'.repeat(1_000_000))).toThrow(/9{60}"\.\.\. \(1000000 characters\)/);
  });

  it('refuses what is no text', () => {
    // @ts-expect-error a number is no text
    expect(() => parseIp(2130706433)).toThrow(
      new TypeError('parseIp: text must be a string: got 2130706433'),
    );
  });
});

describe('formatIp', () => {
  it.each([
    ['2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['fe80:0::1%eth0', 'fe80::1%eth0'],
    ['::192.0.2.1', '::192.0.2.1'],
  ])('gives %s its canonical text', (text, canonical) => {
    expect(formatIp(text)).toBe(canonical);
    expect(formatIp(parseIp(text))).toBe(canonical);
  });

  it('takes structures and bytes', () => {
    expect(formatIp(InAddr.from('10.0.0.1'))).toBe('10.0.0.1');
    expect(formatIp(In6Addr.from('::1'))).toBe('::1');
    expect(formatIp(Uint8Array.of(1, 2, 3, 4))).toBe('1.2.3.4');
  });

  it('refuses other lengths and other types', () => {
    expect(() => formatIp(new Uint8Array(5))).toThrow(/4 or 16 bytes: got 5$/);
    expect(() => formatIp({ family: 4, bytes: new Uint8Array(16) })).toThrow(TypeError);
    // @ts-expect-error a number is no address
    expect(() => formatIp(5)).toThrow(/^formatIp: address must be .*got 5$/);
    // @ts-expect-error null is no address
    expect(() => formatIp(null)).toThrow(RangeError);
  });
});

describe('compareIp', () => {
  it('sorts IPv4 before IPv6, by value and not by text, then by zone', () => {
    const sorted = [
      '2.0.0.0',
      '10.0.0.0',
      '10.0.0.1',
      '::',
      '::ffff:1.2.3.4',
      'fe80::1',
      'fe80::1%a',
      'fe80::1%b',
    ];
    expect([...sorted].reverse().sort(compareIp)).toEqual(sorted);
  });

  it('finds equal what is the same address in different text', () => {
    expect(compareIp('2001:DB8::1', '2001:db8:0:0:0:0:0:1')).toBe(0);
    expect(compareIp(InAddr.from('10.0.0.1'), '10.0.0.1')).toBe(0);
  });
});

describe('isIp, isIpv4, isIpv6', () => {
  it.each([
    ['127.0.0.1', 4],
    ['::1', 6],
    ['fe80::1%eth0', 6],
    ['127.1', 0],
    ['', 0],
    [undefined, 0],
    [2130706433, 0],
  ])('of %j is %i', (text, family) => {
    expect([isIp(text), isIpv4(text), isIpv6(text)]).toEqual([family, family === 4, family === 6]);
  });
});
