/** RFC 6724 §6 between families; the examples of §10.2 where they concern both. */
import { SockaddrIn, type SockaddrIn6 } from '@netloom/sockaddr';
import { expect, it } from 'vitest';
import { preferredFamily } from './family-order.js';
import { numericCandidate } from './resolve.js';

const at = (address: string) => {
  const found = numericCandidate(address, 9);
  if (found === undefined) throw new Error(`${address} is no address`);
  return found;
};

const cases: [rule: string, to4: string, from4: string, to6: string, from6: string, 4 | 6][] = [
  ['rule 1: no way to IPv6', '198.51.100.1', '198.51.100.2', '2001:db8::1', '', 4],
  ['rule 1: no way to IPv4', '198.51.100.1', '', '2001:db8::1', '2001:db8::2', 6],
  ['rule 1: no way at all', '198.51.100.1', '', '2001:db8::1', '', 6],
  ['rule 2, §10.2', '198.51.100.121', '198.51.100.117', '2001:db8:1::1', 'fe80::1%1', 4],
  ['rule 2, §10.2', '198.51.100.121', '169.254.13.78', '2001:db8:1::1', '2001:db8:1::2', 6],
  ['rule 5: a unique local source', '198.51.100.1', '198.51.100.2', '2001:db8::1', 'fd00::2', 4],
  ['rule 5: 6to4 towards others', '198.51.100.1', '198.51.100.2', '2001:db8::1', '2002:c633::1', 4],
  ['rule 6: native IPv6', '198.51.100.1', '198.51.100.2', '2001:db8::1', '2001:db8::2', 6],
  ['rule 6: 6to4 after IPv4', '10.1.2.3', '10.1.2.4', '2002:c633::1', '2002:c633::2', 4],
  ['rule 6: Teredo after IPv4', '10.1.2.3', '10.1.2.4', '2001::1', '2001::2', 4],
  ['rule 6: loopback', '127.0.0.1', '127.0.0.1', '::1', '::1', 6],
];

it.each(cases)('%s: to %s or %s', (_rule, to4, from4, to6, from6, family) => {
  const source = (to: SockaddrIn | SockaddrIn6) => {
    const text = to instanceof SockaddrIn ? from4 : from6;
    return text === '' ? undefined : at(text);
  };
  expect(preferredFamily(at(to4), at(to6), source)).toBe(family);
});
