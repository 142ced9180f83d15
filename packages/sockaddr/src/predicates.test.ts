import {
  InAddr,
  isBroadcast,
  isDocumentation,
  isIpv4Mapped,
  isLinkLocal,
  isLoopback,
  isMulticast,
  isPrivate,
  isShared,
  isUnspecified,
  SockaddrIn,
} from '@netloom/sockaddr';
import { describe, expect, it } from 'vitest';

/** First and last address of each block, and the neighbours outside of it. */
const table = [
  [isUnspecified, ['0.0.0.0', '::', '::ffff:0.0.0.0'], ['0.0.0.1', '::1', '1::']],
  [
    isLoopback,
    ['127.0.0.0', '127.255.255.255', '::1', '::ffff:127.0.0.1'],
    ['126.255.255.255', '128.0.0.0', '::', '::2', '::127.0.0.1', '1::1'],
  ],
  [
    isPrivate,
    [
      '10.0.0.0',
      '10.255.255.255',
      '172.16.0.0',
      '172.31.255.255',
      '192.168.0.0',
      '192.168.255.255',
      'fc00::',
      'fdff::1',
      '::ffff:10.0.0.1',
    ],
    [
      '9.255.255.255',
      '11.0.0.0',
      '172.15.255.255',
      '172.32.0.0',
      '192.167.255.255',
      '192.169.0.0',
      'fbff::',
      'fe00::',
    ],
  ],
  [
    isLinkLocal,
    [
      '169.254.0.0',
      '169.254.255.255',
      'fe80::',
      'febf:ffff::',
      'fe80::1%eth0',
      '::ffff:169.254.1.1',
    ],
    ['169.253.255.255', '169.255.0.0', 'fe7f::', 'fec0::'],
  ],
  [
    isMulticast,
    ['224.0.0.0', '239.255.255.255', 'ff00::', 'ffff::', '::ffff:224.0.0.1'],
    ['223.255.255.255', '240.0.0.0', 'feff::'],
  ],
  [isBroadcast, ['255.255.255.255', '::ffff:255.255.255.255'], ['255.255.255.254', 'ff02::1']],
  [
    isShared,
    ['100.64.0.0', '100.127.255.255', '::ffff:100.64.0.1'],
    ['100.63.255.255', '100.128.0.0', '64::', '6440::'],
  ],
  [
    isDocumentation,
    [
      '192.0.2.0',
      '198.51.100.255',
      '203.0.113.1',
      '2001:db8::',
      '2001:db8:ffff::',
      '3fff::',
      '3fff:fff::',
      '::ffff:192.0.2.1',
    ],
    [
      '192.0.1.255',
      '192.0.3.0',
      '198.51.101.0',
      '203.0.112.0',
      '2001:db7::',
      '2001:db9::',
      '3fff:1000::',
    ],
  ],
  [
    isIpv4Mapped,
    ['::ffff:0.0.0.0', '::ffff:255.255.255.255'],
    ['0.0.0.0', '::', '::1.2.3.4', '::fffe:1.2.3.4', '1::ffff:1.2.3.4'],
  ],
] as const;

describe.each(table)('%o', (predicate, inside, outside) => {
  it.each(inside)(`${predicate.name} is true of %s`, (address) => {
    expect(predicate(address)).toBe(true);
  });

  it.each(outside)(`${predicate.name} is false of %s`, (address) => {
    expect(predicate(address)).toBe(false);
  });

  it(`${predicate.name} refuses what is no address, naming itself where it can`, () => {
    expect(() => predicate('localhost')).toThrow(RangeError);
    // @ts-expect-error a number is no address
    expect(() => predicate(5)).toThrow(new RegExp(`^${predicate.name}: address`));
  });
});

it('predicates refuse a whole sockaddr and say what to give instead', () => {
  const peer = SockaddrIn.from({ address: '127.0.0.1', port: 80 });
  // @ts-expect-error the address alone is wanted
  expect(() => isLoopback(peer)).toThrow(/give its sin_addr$/);
  expect(isLoopback(peer.sin_addr)).toBe(true);
});

it('predicates take structures and bytes', () => {
  expect(isLoopback(InAddr.from('127.0.0.1'))).toBe(true);
  expect(isLoopback(Uint8Array.of(127, 0, 0, 1))).toBe(true);
});
