import {
  IN6_ARE_ADDR_EQUAL,
  IN6_IS_ADDR_LINKLOCAL,
  IN6_IS_ADDR_LOOPBACK,
  IN6_IS_ADDR_MC_GLOBAL,
  IN6_IS_ADDR_MC_LINKLOCAL,
  IN6_IS_ADDR_MC_NODELOCAL,
  IN6_IS_ADDR_MC_ORGLOCAL,
  IN6_IS_ADDR_MC_SITELOCAL,
  IN6_IS_ADDR_MULTICAST,
  IN6_IS_ADDR_SITELOCAL,
  IN6_IS_ADDR_UNSPECIFIED,
  IN6_IS_ADDR_V4COMPAT,
  IN6_IS_ADDR_V4MAPPED,
  In6Addr,
} from '@netloom/sockaddr';
import { describe, expect, it } from 'vitest';

const table = [
  ['IN6_IS_ADDR_UNSPECIFIED', IN6_IS_ADDR_UNSPECIFIED, ['::'], ['::1', '1::']],
  ['IN6_IS_ADDR_LOOPBACK', IN6_IS_ADDR_LOOPBACK, ['::1'], ['::', '::2', '::ffff:127.0.0.1']],
  ['IN6_IS_ADDR_MULTICAST', IN6_IS_ADDR_MULTICAST, ['ff00::', 'ffff::'], ['feff::']],
  [
    'IN6_IS_ADDR_LINKLOCAL',
    IN6_IS_ADDR_LINKLOCAL,
    ['fe80::', 'febf::'],
    ['fe7f::', 'fec0::', 'ff80::'],
  ],
  ['IN6_IS_ADDR_SITELOCAL', IN6_IS_ADDR_SITELOCAL, ['fec0::', 'feff::'], ['febf::', 'ff00::']],
  [
    'IN6_IS_ADDR_V4MAPPED',
    IN6_IS_ADDR_V4MAPPED,
    ['::ffff:0:0', '::ffff:1.2.3.4'],
    ['::1.2.3.4', '::fffe:0:0', '1::ffff:0:0'],
  ],
  [
    'IN6_IS_ADDR_V4COMPAT',
    IN6_IS_ADDR_V4COMPAT,
    ['::2', '::1.2.3.4', '::1:0'],
    ['::', '::1', '::1:0:0'],
  ],
  [
    'IN6_IS_ADDR_MC_NODELOCAL',
    IN6_IS_ADDR_MC_NODELOCAL,
    ['ff01::1', 'ff11::1'],
    ['ff02::1', 'fe01::'],
  ],
  ['IN6_IS_ADDR_MC_LINKLOCAL', IN6_IS_ADDR_MC_LINKLOCAL, ['ff02::1', 'fff2::1'], ['ff01::1']],
  ['IN6_IS_ADDR_MC_SITELOCAL', IN6_IS_ADDR_MC_SITELOCAL, ['ff05::1'], ['ff04::1']],
  ['IN6_IS_ADDR_MC_ORGLOCAL', IN6_IS_ADDR_MC_ORGLOCAL, ['ff08::1'], ['ff09::1']],
  ['IN6_IS_ADDR_MC_GLOBAL', IN6_IS_ADDR_MC_GLOBAL, ['ff0e::1', 'ff3e::1'], ['ff0f::1']],
] as const;

describe.each(table)('%s', (name, predicate, inside, outside) => {
  it(`is true of ${inside.join(', ')}`, () => {
    for (const text of inside) expect([text, predicate(In6Addr.from(text))]).toEqual([text, true]);
  });

  it(`is false of ${outside.join(', ')}`, () => {
    for (const text of outside)
      expect([text, predicate(In6Addr.from(text).bytes)]).toEqual([text, false]);
  });

  it('refuses what has not sixteen bytes, naming itself', () => {
    expect(() => predicate(new Uint8Array(4))).toThrow(
      new RegExp(`^${name}: a must be .*got 4 bytes$`),
    );
  });
});

it('IN6_ARE_ADDR_EQUAL compares bytes', () => {
  const one = In6Addr.from('2001:db8::1');
  expect(IN6_ARE_ADDR_EQUAL(one, In6Addr.from('2001:DB8:0::1'))).toBe(true);
  expect(IN6_ARE_ADDR_EQUAL(one, In6Addr.from('2001:db8::2'))).toBe(false);
});
