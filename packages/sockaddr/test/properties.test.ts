/** Promises about all inputs, by random ones: text to bytes and back, structures over shared memory, no text that throws. */
import {
  AF_INET,
  AF_INET6,
  compareIp,
  formatEndpoint,
  formatIp,
  In6Addr,
  InAddr,
  InetPtonW,
  inet_addr,
  inet_aton,
  inet_ntop,
  inet_pton,
  isIp,
  layouts,
  parseEndpoint,
  parseIp,
  SockaddrIn,
  SockaddrIn6,
} from '@netloom/sockaddr';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from './vectors.js';

const bytes4 = fc.uint8Array({ minLength: 4, maxLength: 4 });
/** Addresses with runs of zeros, which pure chance would hardly ever make. */
const bytes16 = fc
  .array(fc.oneof(fc.constant(0), fc.constant(0xffff), fc.integer({ min: 0, max: 0xffff })), {
    minLength: 8,
    maxLength: 8,
  })
  .map((groups) => Uint8Array.from(groups.flatMap((group) => [group >>> 8, group & 0xff])));
const port = fc.integer({ min: 0, max: 0xffff });
const layout = fc.constantFrom(...Object.values(layouts));

/** Text near addresses, text of any UTF-16 units (lone surrogates, NULs), and long text. */
const anyText = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'0123456789abcdefxX.:%[] \0\t\ud800é') }),
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
);

describe('text to bytes to text', () => {
  it('inet_pton reads what inet_ntop wrote, and the text is canonical', () => {
    const families = [
      [AF_INET, bytes4],
      [AF_INET6, bytes16],
    ] as const;
    for (const [af, arbitrary] of families) {
      fc.assert(
        fc.property(arbitrary, (bytes) => {
          const text = inet_ntop(af, bytes) ?? '';
          const back = new Uint8Array(bytes.length);
          expect(inet_pton(af, text, back)).toBe(1);
          expect(toHex(back)).toBe(toHex(bytes));
          expect(formatIp(text)).toBe(text);
        }),
      );
    }
  });

  it('every spelling of an IPv6 address gives the same bytes', () => {
    const spelling = fc.record({
      isUpper: fc.boolean(),
      isPadded: fc.boolean(),
      hasTail: fc.boolean(),
    });
    fc.assert(
      fc.property(bytes16, spelling, (bytes, { isUpper, isPadded, hasTail }) => {
        const groups = Array.from({ length: 8 }, (_, at) =>
          toHex(bytes.subarray(2 * at, 2 * at + 2)).replace(/^0{1,3}/, isPadded ? '$&' : ''),
        );
        const tail = bytes.subarray(12).join('.');
        const text = (hasTail ? [...groups.slice(0, 6), tail] : groups).join(':');
        const back = new Uint8Array(16);
        expect(inet_pton(AF_INET6, isUpper ? text.toUpperCase() : text, back)).toBe(1);
        expect(toHex(back)).toBe(toHex(bytes));
      }),
    );
  });

  it('the strict form is a part of the lenient one', () => {
    fc.assert(
      fc.property(bytes4, (bytes) => {
        const address = new InAddr();
        expect(inet_aton(bytes.join('.'), address)).toBe(1);
        expect(toHex(address.bytes)).toBe(toHex(bytes));
        expect(inet_addr(bytes.join('.'))).toBe(address.s_addr);
      }),
    );
  });

  it('parseEndpoint reads what formatEndpoint wrote', () => {
    fc.assert(
      fc.property(fc.oneof(bytes4, bytes16), port, (bytes, number) => {
        const text = formatEndpoint({ address: bytes, port: number });
        const endpoint = parseEndpoint(text);
        expect(endpoint).toMatchObject({ address: formatIp(bytes), port: number });
        expect(formatEndpoint(endpoint)).toBe(text);
      }),
    );
  });

  it('isIp says of any text whether parseIp takes it, and what it takes has one canonical text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const family = isIp(text);
        if (family === 0) {
          expect(() => parseIp(text)).toThrow(RangeError);
          return;
        }
        const canonical = formatIp(text);
        expect(compareIp(canonical, text)).toBe(0);
        expect(formatIp(canonical)).toBe(canonical);
      }),
    );
  });
});

describe('no text makes a C-named function throw', () => {
  const calls = [
    (text: string) => inet_pton(AF_INET, text, new Uint8Array(4)),
    (text: string) => inet_pton(AF_INET6, text, new Uint8Array(16)),
    (text: string) => InetPtonW(AF_INET6, text, new In6Addr()),
    (text: string) => inet_aton(text, new InAddr()),
    (text: string) => inet_addr(text),
  ];

  it('of any UTF-16 units', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const call of calls) expect(typeof call(text)).toBe('number');
      }),
      { numRuns: 500 },
    );
  });

  it.each(['0', '1', 'f', ':', '.', '1.', '0x', ' ', '\0', '\ud800', '😀', '::1 ', '1.2.3.4\0'])(
    'of a megabyte of %j',
    (piece) => {
      const text = piece.repeat(Math.ceil(2 ** 20 / piece.length));
      for (const call of calls) expect(typeof call(text)).toBe('number');
    },
  );
});

describe('structures are views of the same bytes', () => {
  it('SockaddrIn, at any offset, in any layout', () => {
    fc.assert(
      fc.property(layout, fc.nat(9), bytes4, port, (system, offset, address, number) => {
        const memory = new Uint8Array(32);
        const written = new SockaddrIn(memory.subarray(offset), system);
        const read = new SockaddrIn(memory.subarray(offset), system);
        written.sin_family = system.families.AF_INET;
        written.port = number;
        written.sin_addr.bytes.set(address);
        expect([read.sin_family, read.sin_port, read.port]).toEqual([
          system.families.AF_INET,
          written.sin_port,
          number,
        ]);
        expect(read.address).toBe(address.join('.'));
        expect(toHex(memory.subarray(offset + 2, offset + 8))).toBe(
          number.toString(16).padStart(4, '0') + toHex(address),
        );
        expect(toHex(memory.subarray(0, offset)) + toHex(memory.subarray(offset + 8))).toMatch(
          /^0+$/,
        );
      }),
    );
  });

  it('SockaddrIn6, at any offset, in any layout', () => {
    const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
    fc.assert(
      fc.property(layout, fc.nat(9), bytes16, uint32, (system, offset, address, scope) => {
        const memory = new Uint8Array(40);
        const written = new SockaddrIn6(memory.subarray(offset), system);
        const read = new SockaddrIn6(memory.subarray(offset), system);
        written.sin6_family = system.families.AF_INET6;
        written.sin6_addr.u.Byte.set(address);
        written.sin6_scope_id = scope;
        written.sin6_flowinfo = scope;
        expect([read.family, read.sin6_scope_id, read.sin6_flowinfo, read.port]).toEqual([
          system.families.AF_INET6,
          scope,
          scope,
          0,
        ]);
        expect(toHex(memory.subarray(offset + 8, offset + 24))).toBe(toHex(address));
      }),
    );
  });

  it('from() and the properties agree', () => {
    fc.assert(
      fc.property(bytes16, port, fc.nat(1000), (bytes, number, scopeId) => {
        const made = SockaddrIn6.from({ address: formatIp(bytes), port: number, scopeId });
        const again = SockaddrIn6.from(parseEndpoint(String(made)));
        expect(toHex(again.bytes)).toBe(toHex(made.bytes));
      }),
    );
  });
});
