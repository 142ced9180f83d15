import { htons, In6Addr, in6addr_any, in6addr_loopback } from '@netloom/sockaddr';
import { describe, expect, it } from 'vitest';

describe('In6Addr', () => {
  it('s6_addr, u.Byte and u.Word are the same sixteen bytes, both ways', () => {
    const address = In6Addr.from('2001:db8::1');
    expect([...address.u.Word].map((word) => htons(word))).toEqual([
      0x2001, 0xdb8, 0, 0, 0, 0, 0, 1,
    ]);
    expect(address.u.Word).toHaveLength(8);
    expect(address.u.Byte).toBe(address.s6_addr);
    address.u.Word[7] = htons(0x1234);
    expect(address.s6_addr[14]).toBe(0x12);
    address.s6_addr[15] = 0xff;
    expect(address.u.Word[7]).toBe(htons(0x12ff));
    expect(String(address)).toBe('2001:db8::12ff');
  });

  it('has live words at an odd offset too, where a Uint16Array cannot lie', () => {
    const memory = new Uint8Array(17);
    const address = new In6Addr(memory.subarray(1));
    address.u.Word[0] = htons(0xfe80);
    expect([memory[1], memory[2]]).toEqual([0xfe, 0x80]);
    memory[16] = 1;
    expect(String(address)).toBe('fe80::1');
  });

  it('refuses words that do not fit, and has no ninth', () => {
    const { Word } = new In6Addr().u;
    expect(() => {
      Word[3] = 0x1_0000;
    }).toThrow(/^u\.Word\[3\]: .*got 65536$/);
    expect(Word[8]).toBe(undefined);
  });

  it('refuses zones, ports, and less memory than it has', () => {
    expect(() => In6Addr.from('fe80::1%eth0')).toThrow(RangeError);
    expect(() => In6Addr.from('[::1]:80')).toThrow(/got "\[::1\]:80"/);
    expect(() => new In6Addr(new Uint8Array(15))).toThrow(RangeError);
  });

  it('the constants are :: and ::1', () => {
    expect(String(in6addr_any)).toBe('::');
    expect(String(in6addr_loopback)).toBe('::1');
  });
});
