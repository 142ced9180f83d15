import { AF_INET6, htonl, htons, in6addr_loopback, layouts, SockaddrIn6 } from '@netloom/sockaddr';
import { describe, expect, it } from 'vitest';
import { toHex } from '../test/vectors.js';

describe('SockaddrIn6', () => {
  it('can be filled field by field, as in C', () => {
    const server = new SockaddrIn6();
    server.sin6_family = AF_INET6;
    server.sin6_port = htons(9008);
    server.sin6_addr = in6addr_loopback;
    expect(String(server)).toBe('[::1]:9008');
    expect(server.bytes).toEqual(SockaddrIn6.from({ address: '::1', port: 9008 }).bytes);
  });

  it.each([
    ['linux', '0a00'],
    ['win32', '1700'],
    ['darwin', '1c1e'],
    ['freebsd', '1c1c'],
    ['openbsd', '1c18'],
  ] as const)('has the bytes of %s', (system, start) => {
    const options = { address: '2001:db8::1', port: 80, scopeId: 3, flowInfo: htonl(0x12345) };
    const made = SockaddrIn6.from(options, layouts[system]);
    const tail = '005000012345' + '20010db8000000000000000000000001' + '03000000';
    expect(toHex(made.bytes)).toBe(start + tail);
    expect(made.sin6_len).toBe(layouts[system].hasLength ? 28 : undefined);
  });

  it('is a view: every field is the same memory at any offset', () => {
    const memory = new Uint8Array(31);
    const peer = new SockaddrIn6(memory.subarray(3));
    peer.port = 8080;
    peer.address = 'fe80::1%258';
    expect([memory[5], memory[6]]).toEqual([0x1f, 0x90]);
    expect(peer.sin6_scope_id).toBe(258);
    memory.fill(0xff, 11, 27);
    expect(String(peer.sin6_addr)).toBe('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff');
    memory.fill(0, 27);
    expect(peer.address).not.toContain('%');
  });

  it('writes the scope as a zone, and reads a zone that is a number', () => {
    const peer = SockaddrIn6.from({ address: 'fe80::1%2', port: 80 });
    expect(peer.sin6_scope_id).toBe(2);
    expect(String(peer)).toBe('[fe80::1%2]:80');
    expect(SockaddrIn6.from({ address: 'fe80::1%4294967295' }).sin6_scope_id).toBe(0xffff_ffff);
    peer.address = '::1';
    expect(peer.sin6_scope_id).toBe(0);
  });

  it.each(['fe80::1%eth0', 'fe80::1%', 'fe80::1%4294967296', 'fe80::1%1e3', 'fe80::1%12345678901'])(
    'refuses the zone of %s and says how to give an index',
    (address) => {
      expect(() => SockaddrIn6.from({ address })).toThrow(/zone must be .*got "fe80::1%.*scopeId/);
    },
  );

  it.each([
    [{ address: '127.0.0.1' }, /got "127.0.0.1".*SockaddrIn$/],
    [{ address: '[::1]' }, /without brackets/],
    [{ address: '::1', port: 65536 }, /port: value must be .*got 65536/],
    [{ address: '::1', scopeId: -1 }, /sin6_scope_id: .*got -1/],
    [{ address: '::1', flowInfo: 2 ** 32 }, /sin6_flowinfo: .*got 4294967296/],
  ])('refuses %j', (options, message) => {
    expect(() => SockaddrIn6.from(options)).toThrow(RangeError);
    expect(() => SockaddrIn6.from(options)).toThrow(message);
  });

  it('refuses wrong JavaScript types', () => {
    // @ts-expect-error the address is missing
    expect(() => SockaddrIn6.from({ port: 80 })).toThrow(TypeError);
    // @ts-expect-error null is not the options
    expect(() => SockaddrIn6.from(null)).toThrow(TypeError);
    expect(() => new SockaddrIn6(new Uint8Array(27))).toThrow(RangeError);
  });
});
