import { describe, expect, test } from 'vitest';
import { flag, int, lingerCodec, type OptionCodec, timeout } from './option-codecs.js';

// The bytes are written down for Linux on a little-endian machine; the round trips hold everywhere.
const isLinux = process.platform === 'linux';

function hex(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes).toString('hex');
}

describe('option codecs', () => {
  test.runIf(isLinux).each<[string, OptionCodec, unknown, string]>([
    ['int', int, 1, '01000000'],
    ['int', int, -1, 'ffffffff'],
    ['int', int, 0xffffffff, 'ffffffff'],
    ['int', int, true, '01000000'],
    ['flag', flag, false, '00000000'],
    ['linger', lingerCodec, { l_onoff: 1, l_linger: 5 }, '0100000005000000'],
    ['timeout', timeout, 1500, '010000000000000020a1070000000000'],
    ['timeout', timeout, { tv_sec: 2, tv_usec: 3 }, '02000000000000000300000000000000'],
    ['timeout', timeout, 0, '00000000000000000000000000000000'],
  ])('%s writes %j as C has it', (_name, codec, value, bytes) => {
    expect(hex(codec.encode(value))).toBe(bytes);
  });

  test.each<[string, OptionCodec, unknown, unknown]>([
    ['int', int, 77, 77],
    ['flag', flag, true, true],
    ['linger', lingerCodec, { l_onoff: 1, l_linger: 5 }, { l_onoff: 1, l_linger: 5 }],
    ['timeout', timeout, 1500, { tv_sec: 1, tv_usec: 500_000 }],
    ['timeout', timeout, { tv_sec: 2, tv_usec: 3000 }, { tv_sec: 2, tv_usec: 3000 }],
  ])('%s reads back what it wrote: %j', (_name, codec, value, readBack) => {
    const bytes = codec.encode(value);
    expect(bytes?.length).toBe(codec.size);
    expect(codec.decode(bytes ?? new Uint8Array(0))).toEqual(readBack);
  });

  test.each<[string, OptionCodec, unknown]>([
    ['int', int, 1.5],
    ['int', int, 2 ** 32],
    ['int', int, '1'],
    ['int', int, {}],
    ['linger', lingerCodec, 5],
    ['linger', lingerCodec, { l_onoff: 1 }],
    ['linger', lingerCodec, { l_onoff: 1, l_linger: 0.5 }],
    ['timeout', timeout, -1],
    ['timeout', timeout, { tv_sec: 1 }],
    ['timeout', timeout, true],
    ['timeout', timeout, new Uint8Array(16)],
  ])('%s does not take %j', (_name, codec, value) => {
    expect(codec.encode(value)).toBe(undefined);
  });

  test('a flag that comes back as its own bit, or in one byte, is true', () => {
    expect(flag.decode(Uint8Array.of(8, 0, 0, 0))).toBe(true);
    expect(flag.decode(Uint8Array.of(1))).toBe(true);
    expect(flag.decode(Uint8Array.of(0))).toBe(false);
  });
});
