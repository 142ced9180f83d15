import {
  AF_INET,
  htonl,
  htons,
  INADDR_LOOPBACK,
  InAddr,
  layouts,
  SockaddrIn,
} from '@netloom/sockaddr';
import { describe, expect, it } from 'vitest';
import { toHex } from '../test/vectors.js';

describe('SockaddrIn', () => {
  it('can be filled field by field, as in C', () => {
    const server = new SockaddrIn();
    server.sin_family = AF_INET;
    server.sin_port = htons(9008);
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    expect(String(server)).toBe('127.0.0.1:9008');
    expect(server.bytes).toEqual(SockaddrIn.from({ address: '127.0.0.1', port: 9008 }).bytes);
  });

  it.each([
    ['linux', '02002330c0a801140000000000000000'],
    ['win32', '02002330c0a801140000000000000000'],
    ['darwin', '10022330c0a801140000000000000000'],
    ['freebsd', '10022330c0a801140000000000000000'],
  ] as const)('has the bytes of %s', (system, hex) => {
    const made = SockaddrIn.from({ address: '192.168.1.20', port: 9008 }, layouts[system]);
    expect(toHex(made.bytes)).toBe(hex);
    expect(made.sin_family).toBe(2);
    expect(made.sin_len).toBe(system === 'darwin' || system === 'freebsd' ? 16 : undefined);
  });

  it('is a view: fields, address, port and sin_addr are the same memory at any offset', () => {
    const memory = new Uint8Array(40);
    const peer = new SockaddrIn(memory.subarray(5));
    expect(peer.bytes.length).toBe(SockaddrIn.SIZE);
    const { sin_addr } = peer;
    memory.set([0x1f, 0x90, 10, 9, 8, 7], 7);
    expect([peer.port, peer.address, String(sin_addr)]).toEqual([8080, '10.9.8.7', '10.9.8.7']);
    expect(peer.sin_port).toBe(htons(8080));
    peer.port = 443;
    peer.address = '1.2.3.4';
    expect(toHex(memory.subarray(7, 13))).toBe('01bb01020304');
    peer.sin_zero[0] = 0xee;
    expect(memory[13]).toBe(0xee);
  });

  it('assigning sin_addr copies the four bytes, as in C', () => {
    const here = new SockaddrIn();
    const source = InAddr.from('10.0.0.1');
    here.sin_addr = source;
    source.s_addr = 0;
    expect(here.address).toBe('10.0.0.1');
  });

  it('answers family and length as every structure does', () => {
    const made = SockaddrIn.from({ address: '0.0.0.0' });
    expect([made.family, made.length, made.port]).toEqual([AF_INET, 16, 0]);
  });

  it.each([
    [
      { address: 'localhost', port: 80 },
      /address must be .*got "localhost"; a name has to be resolved/,
    ],
    [{ address: '::1', port: 80 }, /got "::1".*SockaddrIn6/],
    [{ address: '127.0.0.01', port: 80 }, /leading zeros/],
    [{ address: '127.0.0.1\0', port: 80 }, RangeError],
    [{ address: '127.0.0.1', port: 65536 }, /port must be an integer from 0 to 65535: got 65536/],
    [{ address: '127.0.0.1', port: -1 }, RangeError],
    [{ address: '127.0.0.1', port: 80.5 }, RangeError],
  ])('refuses %j', (options, message) => {
    expect(() => SockaddrIn.from(options)).toThrow(message);
  });

  it('refuses wrong JavaScript types', () => {
    // @ts-expect-error text is no port
    expect(() => SockaddrIn.from({ address: '127.0.0.1', port: '80' })).toThrow(/port .*got "80"/);
    // @ts-expect-error the address is missing
    expect(() => SockaddrIn.from({ port: 80 })).toThrow(TypeError);
    // @ts-expect-error text is not the options
    expect(() => SockaddrIn.from('127.0.0.1')).toThrow(
      /^SockaddrIn.from: options .*got "127.0.0.1"$/,
    );
    expect(() => new SockaddrIn(new Uint8Array(15))).toThrow(RangeError);
  });
});
