import { inspect } from 'node:util';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  layouts,
  Sockaddr,
  SockaddrIn,
  SockaddrIn6,
  SockaddrStorage,
  SockaddrUn,
  sizeof,
  sockaddrFrom,
} from '@netloom/sockaddr';
import { describe, expect, it } from 'vitest';

const { linux, darwin } = layouts;

describe('sockaddrFrom', () => {
  it('gives the class of the family as a view of the same memory', () => {
    const memory = new Uint8Array(128);
    memory.set(SockaddrIn.from({ address: '10.0.0.1', port: 80 }).bytes);
    const peer = sockaddrFrom(memory, 16);
    expect(peer).toBeInstanceOf(SockaddrIn);
    memory[7] = 2;
    expect(String(peer)).toBe('10.0.0.2:80');
  });

  it('knows IPv6 and Unix names, with the length of the name', () => {
    const six = SockaddrIn6.from({ address: '::1', port: 80 });
    expect(sockaddrFrom(six.bytes)).toBeInstanceOf(SockaddrIn6);
    const path = SockaddrUn.from({ path: '/tmp/s' }, linux);
    const name = sockaddrFrom(path.bytes, 6, linux);
    expect(name).toBeInstanceOf(SockaddrUn);
    expect([String(name), name.length]).toEqual(['/tmp', 6]);
  });

  it('reads the family by the layout', () => {
    const made = SockaddrIn6.from({ address: '::1', port: 80 }, darwin);
    expect(sockaddrFrom(made.bytes, 28, darwin)).toBeInstanceOf(SockaddrIn6);
    expect(sockaddrFrom(made.bytes, 28, linux)).toBeInstanceOf(Sockaddr);
  });

  it('takes a DataView at its own offset', () => {
    const memory = new Uint8Array(20);
    memory.set(SockaddrIn.from({ address: '10.0.0.1', port: 80 }).bytes, 3);
    expect(String(sockaddrFrom(new DataView(memory.buffer, 3, 16)))).toBe('10.0.0.1:80');
  });

  it('gives the generic structure for other families and for bytes cut off', () => {
    const cut = sockaddrFrom(SockaddrIn.from({ address: '10.0.0.1' }).bytes, 15);
    expect(cut).toBeInstanceOf(Sockaddr);
    expect([cut.length, cut.family]).toEqual([15, AF_INET]);
    expect(sockaddrFrom(new Uint8Array(16), 0)).toMatchObject({ family: 0, length: 0 });
  });

  it('refuses a length beyond the bytes, and what is no view', () => {
    expect(() => sockaddrFrom(new Uint8Array(16), 17)).toThrow(/from 0 to 16.*got 17/);
    expect(() => sockaddrFrom(new Uint8Array(16), -1)).toThrow(RangeError);
    // @ts-expect-error text is no memory
    expect(() => sockaddrFrom('127.0.0.1')).toThrow(TypeError);
  });
});

describe('Sockaddr', () => {
  it('has C fields over the same memory', () => {
    const any = new Sockaddr();
    expect(any.bytes.length).toBe(Sockaddr.SIZE);
    any.sa_family = AF_INET;
    any.sa_data.set([0, 80, 127, 0, 0, 1]);
    expect([any.sa_data.length, any.address, any.port, String(any)]).toEqual([
      14,
      '127.0.0.1',
      80,
      '127.0.0.1:80',
    ]);
  });

  it('shows family and bytes of what it does not know', () => {
    const link = new Sockaddr(Uint8Array.of(16, 0, 1, 255), linux);
    expect([String(link), link.address, link.port, link.length]).toEqual([
      'family 16: 01 ff',
      undefined,
      undefined,
      4,
    ]);
  });

  it('refuses a family that the field has no room for', () => {
    expect(() => {
      new Sockaddr(undefined, darwin).sa_family = 256;
    }).toThrow(/^sa_family: .*0 to 255: got 256$/);
    expect(() => {
      new Sockaddr(undefined, linux).sa_family = 0x1_0000;
    }).toThrow(RangeError);
  });
});

describe('printing', () => {
  it('shows class and text where Node prints an object', () => {
    expect(inspect(SockaddrIn.from({ address: '127.0.0.1', port: 80 }))).toBe(
      'SockaddrIn 127.0.0.1:80',
    );
    expect(inspect({ peer: SockaddrIn6.from({ address: '::1', port: 80 }) })).toBe(
      '{ peer: SockaddrIn6 [::1]:80 }',
    );
    expect(inspect(SockaddrUn.from({ path: '/tmp/s' }))).toBe('SockaddrUn /tmp/s');
  });
});

describe('SockaddrStorage', () => {
  it('has room for every family and shows what was written into it', () => {
    const room = new SockaddrStorage();
    expect(room.bytes.length).toBe(SockaddrStorage.SIZE);
    expect([room.ss_family, room.address]).toEqual([0, undefined]);
    room.bytes.set(SockaddrIn6.from({ address: '::1', port: 80 }).bytes);
    expect([room.ss_family, room.length, room.address, room.port]).toEqual([
      AF_INET6,
      28,
      '::1',
      80,
    ]);
    expect([room.narrow().constructor, String(room)]).toEqual([SockaddrIn6, '[::1]:80']);
  });

  it('keeps the length that a call gave', () => {
    const room = new SockaddrStorage(undefined, linux);
    room.bytes.set([AF_UNIX, 0, 0x61, 0x62, 0x63]);
    room.length = 4;
    expect([room.length, String(room)]).toEqual([4, 'ab']);
    expect(() => {
      room.length = 129;
    }).toThrow(RangeError);
  });
});

describe('sizeof', () => {
  it('measures classes, instances and views as C does', () => {
    const name = SockaddrUn.from({ path: '/tmp/s' });
    expect([sizeof(SockaddrIn), sizeof(new SockaddrIn())]).toEqual([16, 16]);
    expect([sizeof(SockaddrIn6), sizeof(SockaddrIn6.from({ address: '::' }))]).toEqual([28, 28]);
    expect([sizeof(SockaddrUn), sizeof(name)]).toEqual([SockaddrUn.SIZE, SockaddrUn.SIZE]);
    expect([sizeof(SockaddrStorage), sizeof(Sockaddr)]).toEqual([SockaddrStorage.SIZE, 16]);
    expect([sizeof(new Uint16Array(100)), sizeof(new DataView(new ArrayBuffer(9), 2))]).toEqual([
      200, 7,
    ]);
  });

  it.each(['text', 5, null, undefined, {}, () => 0])('refuses %s', (value) => {
    // @ts-expect-error nothing of these has a size
    expect(() => sizeof(value)).toThrow(/^sizeof: value/);
  });
});
