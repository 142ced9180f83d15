import { parseIp, SockaddrIn, SockaddrIn6 } from '@netloom/sockaddr';
import { describe, expect, it } from 'vitest';
import { type Cidr, cidrContains, cidrOf, compareCidr, formatCidr, parseCidr } from './cidr.js';

describe('parseCidr() and formatCidr()', () => {
  it.each([
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['192.0.2.128/25', '192.0.2.128/25'],
    ['192.0.2.7', '192.0.2.7/32'],
    ['2001:DB8:0:0::/32', '2001:db8::/32'],
    ['::/0', '::/0'],
    ['::1', '::1/128'],
    ['fe80::/10', 'fe80::/10'],
    ['2001:db8::8000/113', '2001:db8::8000/113'],
    ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
    ['::ffff:0:0/96', '0.0.0.0/0'],
    ['::ffff:10.1.2.3', '10.1.2.3/32'],
    ['::fffe:0:0/95', '::fffe:0:0/95'],
  ])('reads %s as %s', (text, canonical) => {
    expect(formatCidr(text)).toBe(canonical);
    expect(formatCidr(parseCidr(text))).toBe(canonical);
  });

  it.each([
    ['', 'no IP address'],
    ['/8', 'no IP address'],
    ['10.0.0/8', 'no IP address'],
    ['example.com/8', 'no IP address'],
    ['10.0.0.0/', 'length must be 0 to 32'],
    ['10.0.0.0/33', 'length must be 0 to 32'],
    ['10.0.0.0/08', 'length must be 0 to 32'],
    ['10.0.0.0/+8', 'length must be 0 to 32'],
    ['10.0.0.0/8/8', 'length must be 0 to 32'],
    ['10.0.0.0/255.0.0.0', 'mask'],
    ['::/129', 'length must be 0 to 128'],
    ['::/1000', 'length must be 0 to 128'],
    ['fe80::%eth0/10', 'a block has no zone'],
    ['fe80::%eth0', 'a block has no zone'],
    ['0'.repeat(100), 'no IP address'],
  ])('refuses %j', (text, reason) => {
    expect(() => parseCidr(text)).toThrow(RangeError);
    expect(() => parseCidr(text)).toThrow(reason);
  });

  it('refuses bits behind the prefix, and says which two blocks may have been meant', () => {
    expect(() => parseCidr('10.1.2.3/8')).toThrow(
      "the block is '10.0.0.0/8', the address alone '10.1.2.3'",
    );
    expect(() => parseCidr('::ffff:10.1.2.3/104')).toThrow("the block is '10.0.0.0/8'");
    expect(formatCidr(parseCidr('10.1.2.3/8', { allowsHostBits: true }))).toBe('10.0.0.0/8');
    expect(formatCidr(parseCidr('2001:db8::1/33', { allowsHostBits: true }))).toBe('2001:db8::/33');
  });

  it('refuses what is neither text nor block', () => {
    // SAFETY: what a JavaScript caller may pass.
    const others = [5, null, {}, { family: 4, bytes: new Uint8Array(16), prefixLength: 8 }];
    for (const other of others as unknown as Cidr[]) {
      expect(() => formatCidr(other)).toThrow(TypeError);
    }
    const beyond = { family: 4, bytes: new Uint8Array(4), prefixLength: 33 } as const;
    expect(() => formatCidr(beyond)).toThrow(/prefixLength .* 0 to 32: got 33/);
  });

  it('makes a value canonical that somebody wrote by hand', () => {
    const { bytes } = parseIp('::ffff:10.1.2.3');
    expect(formatCidr({ family: 6, bytes, prefixLength: 104 })).toBe('10.0.0.0/8');
  });
});

describe('cidrContains()', () => {
  it.each([
    ['10.0.0.0/8', '10.255.255.255', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.0.0.0/9', '10.128.0.0', false],
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7', '192.0.2.6', false],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['::/0', '2001:db8::1', true],
    ['::/0', '10.1.2.3', false],
    ['::/0', '::ffff:10.1.2.3', false],
    ['0.0.0.0/0', '::1', false],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['2001:db8::/33', '2001:db8:8000::', false],
  ])('%s and %s: %s', (cidr, address, isInside) => {
    expect(cidrContains(cidr, address)).toBe(isInside);
  });

  it('takes the ends of connections and their addresses', () => {
    const ipv4 = SockaddrIn.from({ address: '10.1.2.3', port: 7 });
    const mapped = SockaddrIn6.from({ address: '::ffff:10.1.2.3', port: 7 });
    for (const end of [ipv4, mapped, ipv4.sin_addr, mapped.sin6_addr, ipv4.sin_addr.bytes])
      expect(cidrContains('10.0.0.0/8', end)).toBe(true);
  });
});

describe('cidrOf()', () => {
  it('gives the address alone by default, and one block however an address is written', () => {
    expect(formatCidr(cidrOf('2001:db8::1'))).toBe('2001:db8::1/128');
    const sizes = { ipv4: 24, ipv6: 64 };
    expect(formatCidr(cidrOf('192.0.2.7', sizes))).toBe('192.0.2.0/24');
    expect(formatCidr(cidrOf('::ffff:192.0.2.7', sizes))).toBe('192.0.2.0/24');
    expect(formatCidr(cidrOf('fe80::1%2', sizes))).toBe('fe80::/64');
  });

  it('has memory of its own', () => {
    const peer = SockaddrIn.from({ address: '10.1.2.3' });
    const block = cidrOf(peer);
    peer.address = '10.9.9.9';
    expect(formatCidr(block)).toBe('10.1.2.3/32');
  });

  it('refuses sizes that are none', () => {
    expect(() => cidrOf('10.0.0.1', { ipv4: 33 })).toThrow(/ipv4 .* 0 to 32: got 33/);
    expect(() => cidrOf('10.0.0.1', { ipv6: 1.5 })).toThrow(RangeError);
  });
});

it('compareCidr() puts IPv4 before IPv6, and a block before those inside of it', () => {
  const sorted = ['10.0.0.0/8', '10.0.0.0/16', '10.0.0.1', '11.0.0.0/8', '::/0', '::1'];
  expect([...sorted].reverse().sort(compareCidr)).toEqual(sorted);
  expect(compareCidr('::ffff:10.0.0.0/104', '10.0.0.0/8')).toBe(0);
});
