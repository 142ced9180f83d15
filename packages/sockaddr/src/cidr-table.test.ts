import { parseIp } from '@netloom/sockaddr';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cidr, CidrTable, cidrContains, cidrOf, compareCidr, formatCidr } from './cidr.js';

/** Of a few dozen blocks, so that they lie inside of each other, come twice, and stand where a fork was. */
const few = fc
  .tuple(fc.nat(15), fc.integer({ min: 8, max: 12 }), fc.boolean())
  .map(([byte, length, isIpv4]) =>
    isIpv4
      ? cidrOf(`10.${byte << 4}.0.0`, { ipv4: length })
      : cidrOf(`20${(byte << 4).toString(16).padStart(2, '0')}::`, { ipv6: length }),
  );
const any = fc
  .tuple(
    fc.constantFrom('10.0.0.0', '10.255.0.1', '192.0.2.255', '2001:db8::1', 'fe80::ffff', '::'),
    fc.nat(32),
    fc.nat(128),
  )
  .map(([text, ipv4, ipv6]): Cidr => cidrOf(text, { ipv4, ipv6 }));
const block = fc.oneof({ arbitrary: few, weight: 3 }, any);
const address = fc.oneof(
  block.map((one) => ({ family: one.family, bytes: one.bytes })),
  fc.constantFrom('10.255.255.255', '::ffff:10.0.0.0', '2001:db8::2', '0.0.0.0').map(parseIp),
);

describe('CidrTable', () => {
  it('lets the longest block decide, whatever the order in which they came', () => {
    const rules: [string, string][] = [
      ['0.0.0.0/0', 'deny'],
      ['10.0.0.0/8', 'allow'],
      ['10.66.0.0/16', 'deny'],
      ['10.66.0.7', 'allow'],
      ['::/0', 'deny'],
      ['2001:db8::/32', 'allow'],
    ];
    for (const entries of [rules, [...rules].reverse()]) {
      const table = new CidrTable(entries);
      const found = (peer: string) => table.match(peer)?.value;
      expect(found('192.0.2.1')).toBe('deny');
      expect(found('10.1.2.3')).toBe('allow');
      expect(found('::ffff:10.66.1.1')).toBe('deny');
      expect(found('10.66.0.7')).toBe('allow');
      expect(found('2001:db8::1%eth0')).toBe('allow');
      expect(found('fe80::1')).toBe('deny');
      expect(formatCidr(table.match('10.66.0.8')?.cidr ?? '')).toBe('10.66.0.0/16');
      expect(table.size).toBe(rules.length);
    }
  });

  it('has one entry for a block, however that is written', () => {
    const table = new CidrTable([['10.0.0.0/8', 1]]);
    table.set('::ffff:10.0.0.0/104', 2);
    expect(table.size).toBe(1);
    expect(table.get('10.0.0.0/8')).toBe(2);
  });

  it('gives and takes exactly the block asked for', () => {
    const table = new CidrTable([
      ['10.0.0.0/8', 'outer'],
      ['10.1.0.0/16', 'inner'],
      ['10.2.0.0/16', 'other'],
    ]);
    expect(table.get('10.1.0.0/17')).toBeUndefined();
    expect(table.delete('10.0.0.0/9')).toBe(false);
    expect(table.delete('10.0.0.0/8')).toBe(true);
    expect(table.delete('10.0.0.0/8')).toBe(false);
    expect(table.has('10.3.0.0')).toBe(false);
    expect(table.match('10.1.2.3')?.value).toBe('inner');
    expect(table.size).toBe(2);
  });

  it('keeps undefined as a value like any other', () => {
    const table = new CidrTable<undefined>([['10.0.0.0/8', undefined]]);
    expect(table.has('10.1.2.3')).toBe(true);
    expect(table.size).toBe(1);
  });

  it('refuses what is no block and no address', () => {
    const table = new CidrTable();
    expect(() => table.set('10.1.2.3/8', true)).toThrow(RangeError);
    expect(() => table.match('nobody')).toThrow(RangeError);
    expect(() => new CidrTable([['10.0.0.0/40', true]])).toThrow(/0 to 32/);
  });

  it('agrees with a search through all entries, after any additions and removals', () => {
    const step = fc.tuple(fc.boolean(), block);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.array(address), (steps, addresses) => {
        const table = new CidrTable<number>();
        const plain = new Map<string, number>();
        steps.forEach(([isRemoval, cidr], number) => {
          const key = formatCidr(cidr);
          if (isRemoval) expect(table.delete(cidr)).toBe(plain.delete(key));
          else {
            table.set(cidr, number);
            plain.set(key, number);
          }
        });
        const sorted = [...plain.keys()].sort(compareCidr);
        expect([...table].map(({ cidr }) => formatCidr(cidr))).toEqual(sorted);
        expect(table.size).toBe(plain.size);
        for (const one of addresses) {
          // Sorted, the last one that holds the address is the longest.
          const longest = sorted.findLast((cidr) => cidrContains(cidr, one));
          const found = table.match(one);
          expect(found && formatCidr(found.cidr)).toBe(longest);
          expect(found?.value).toBe(longest === undefined ? undefined : plain.get(longest));
        }
      }),
    );
  });
});
