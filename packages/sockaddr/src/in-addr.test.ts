import { htonl, htons, INADDR_LOOPBACK, InAddr } from '@netloom/sockaddr';
import { describe, expect, it } from 'vitest';

describe('InAddr', () => {
  it('every field of the union reads the same four bytes', () => {
    const address = InAddr.from('192.168.1.20');
    const { S_un_b, S_un_w } = address.S_un;
    expect([S_un_b.s_b1, S_un_b.s_b2, S_un_b.s_b3, S_un_b.s_b4]).toEqual([192, 168, 1, 20]);
    expect([S_un_w.s_w1, S_un_w.s_w2]).toEqual([htons(0xc0a8), htons(0x0114)]);
    expect(address.S_un.S_addr).toBe(htonl(0xc0a8_0114));
    expect(address.s_addr).toBe(address.S_un.S_addr);
  });

  it('every field of the union writes the same four bytes', () => {
    const address = new InAddr();
    const { S_un } = address;
    S_un.S_un_b.s_b1 = 1;
    S_un.S_un_b.s_b2 = 2;
    S_un.S_un_b.s_b3 = 3;
    S_un.S_un_b.s_b4 = 4;
    expect(String(address)).toBe('1.2.3.4');
    S_un.S_un_w.s_w1 = htons(0x0506);
    S_un.S_un_w.s_w2 = htons(0x0708);
    expect(String(address)).toBe('5.6.7.8');
    S_un.S_addr = htonl(0x090a_0b0c);
    expect(String(address)).toBe('9.10.11.12');
    address.s_addr = htonl(INADDR_LOOPBACK);
    expect(String(address)).toBe('127.0.0.1');
    expect(S_un.S_un_b.s_b1).toBe(127);
  });

  it('is a view: what others write into the memory is seen, at any offset', () => {
    const memory = new Uint8Array(7);
    const address = new InAddr(memory.subarray(3));
    memory.set([10, 0, 0, 1], 3);
    expect(String(address)).toBe('10.0.0.1');
    address.s_addr = 0;
    expect(memory.every((byte) => byte === 0)).toBe(true);
  });

  it('refuses numbers that do not fit the field', () => {
    const address = new InAddr();
    const { S_un } = address;
    const writes: readonly (() => void)[] = [
      () => (S_un.S_un_b.s_b1 = 256),
      () => (S_un.S_un_b.s_b4 = -1),
      () => (S_un.S_un_w.s_w1 = 0x1_0000),
      () => (S_un.S_un_w.s_w2 = 0.5),
      () => (S_un.S_addr = 0x1_0000_0000),
      () => (address.s_addr = -1),
    ];
    for (const write of writes) expect(write).toThrow(RangeError);
    expect(() => (S_un.S_un_b.s_b2 = 999)).toThrow(/^s_b2: .*got 999$/);
    expect(String(address)).toBe('0.0.0.0');
  });

  it('refuses less memory than it has, and text that is no address', () => {
    expect(() => new InAddr(new Uint8Array(3))).toThrow(/^new InAddr: .*got 3$/);
    expect(() => InAddr.from('localhost')).toThrow(/got "localhost"/);
    // @ts-expect-error an array is no memory
    expect(() => new InAddr([1, 2, 3, 4])).toThrow(TypeError);
  });
});
