import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  In6Addr,
  InAddr,
  InetPtonW,
  inet_pton,
  SockaddrIn,
} from '@netloom/sockaddr';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { toHex, watchLastError } from '../test/vectors.js';

const lastError = watchLastError();
beforeEach(() => {
  lastError.take();
});
afterAll(() => lastError.stop());

describe('inet_pton', () => {
  it('writes the bytes in network order and returns 1', () => {
    const bytes = new Uint8Array(4);
    expect(inet_pton(AF_INET, '192.168.1.20', bytes)).toBe(1);
    expect(toHex(bytes)).toBe('c0a80114');
  });

  it('writes straight into a structure, as with &server.sin_addr', () => {
    const server = new SockaddrIn();
    expect(inet_pton(AF_INET, '127.0.0.1', server.sin_addr)).toBe(1);
    expect(server.address).toBe('127.0.0.1');
    const in6 = new In6Addr();
    expect(inet_pton(AF_INET6, '::1', in6)).toBe(1);
    expect(String(in6)).toBe('::1');
  });

  it('writes through any view at its own offset, and no further than the address', () => {
    const memory = new Uint8Array(12).fill(0xee);
    expect(inet_pton(AF_INET, '1.2.3.4', new DataView(memory.buffer, 4, 8))).toBe(1);
    expect(toHex(memory)).toBe('eeeeeeee01020304eeeeeeee');
  });

  it('returns 0 and leaves destination and last error alone when the text is no address', () => {
    const bytes = new Uint8Array(16).fill(7);
    expect(inet_pton(AF_INET, '1.2.3.256', bytes)).toBe(0);
    expect(inet_pton(AF_INET6, '1:2:3:4:5:6:7:8:9', bytes)).toBe(0);
    expect(bytes.every((byte) => byte === 7)).toBe(true);
    expect(lastError.take()).toBe(null);
  });

  it.each([0, AF_UNIX, -1, 0x7fff_ffff])('returns -1 with 10047 for family %i', (af) => {
    expect(inet_pton(af, '127.0.0.1', new Uint8Array(16))).toBe(-1);
    expect(lastError.take()).toBe(10047);
  });

  it('returns -1 with 10014 where the destination is shorter than the address', () => {
    expect(inet_pton(AF_INET, '127.0.0.1', new Uint8Array(3))).toBe(-1);
    expect(lastError.take()).toBe(10014);
    expect(inet_pton(AF_INET6, '::1', new Uint8Array(15))).toBe(-1);
    expect(lastError.take()).toBe(10014);
  });

  it("returns -1 with 10014 for C's NULL", () => {
    expect(inet_pton(AF_INET, null, new Uint8Array(4))).toBe(-1);
    expect(lastError.take()).toBe(10014);
    expect(inet_pton(AF_INET, '127.0.0.1', null)).toBe(-1);
    expect(lastError.take()).toBe(10014);
  });

  it('ends the text at a NUL, as C does', () => {
    const bytes = new Uint8Array(16);
    expect(inet_pton(AF_INET, '1.2.3.4\0.5', bytes)).toBe(1);
    expect(inet_pton(AF_INET6, '::ffff:1.2.3.4\0:', bytes)).toBe(1);
    expect(inet_pton(AF_INET, '1.2.3\0.4', bytes)).toBe(0);
    expect(inet_pton(AF_INET, '\0', bytes)).toBe(0);
  });

  it('works without winsock-native, which keeps the last error', () => {
    const name = Symbol.for('netloom.setLastError');
    const setter: unknown = Reflect.get(globalThis, name);
    Reflect.deleteProperty(globalThis, name);
    expect(inet_pton(AF_UNIX, '127.0.0.1', new Uint8Array(4))).toBe(-1);
    Reflect.set(globalThis, name, setter);
    expect(lastError.take()).toBe(null);
  });

  it('refuses wrong JavaScript types, naming function, argument and value', () => {
    const bytes = new Uint8Array(4);
    // @ts-expect-error a number is no text
    expect(() => inet_pton(AF_INET, 5, bytes)).toThrow(
      new TypeError('inet_pton: src must be a string: got 5'),
    );
    // @ts-expect-error text is no family
    expect(() => inet_pton('AF_INET', '1.2.3.4', bytes)).toThrow(TypeError);
    expect(() => inet_pton(2.5, '1.2.3.4', bytes)).toThrow(RangeError);
    // @ts-expect-error an array is no memory
    expect(() => inet_pton(AF_INET, '1.2.3.4', [0, 0, 0, 0])).toThrow(
      /^inet_pton: dst must be .*got an instance of Array$/,
    );
  });

  it('refuses the whole structure and says what to give instead', () => {
    // @ts-expect-error the address alone is wanted
    expect(() => inet_pton(AF_INET, '1.2.3.4', new SockaddrIn())).toThrow(/give its sin_addr$/);
  });
});

describe('InetPtonW', () => {
  it('converts as inet_pton does', () => {
    const address = new InAddr();
    expect(InetPtonW(AF_INET, '127.0.0.1', address)).toBe(1);
    expect(String(address)).toBe('127.0.0.1');
    expect(lastError.take()).toBe(null);
  });

  it('returns 0 and leaves 10022 when the text is no address', () => {
    expect(InetPtonW(AF_INET, 'localhost', new InAddr())).toBe(0);
    expect(lastError.take()).toBe(10022);
  });

  it('names itself in errors', () => {
    // @ts-expect-error a number is no text
    expect(() => InetPtonW(AF_INET, 5, new InAddr())).toThrow(/^InetPtonW: src/);
  });
});
