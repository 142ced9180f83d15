import { SockaddrIn, SockaddrIn6, SockaddrUn } from '@netloom/sockaddr';
import { expect, test } from 'vitest';
import { Admission, type AdmissionPlan } from './admission.js';

const none: AdmissionPlan = {
  allow: undefined,
  deny: undefined,
  perAddress: Number.POSITIVE_INFINITY,
  block: { ipv4: 32, ipv6: 64 },
  ratePerAddress: undefined,
};

const peer = (address: string) =>
  address.includes(':')
    ? SockaddrIn6.from({ address, port: 7 })
    : SockaddrIn.from({ address, port: 7 });

function asks(plan: Partial<AdmissionPlan>) {
  const admission = new Admission({ ...none, ...plan });
  return {
    admission,
    at: (address: string, nowMs = 0) => {
      const key = admission.keyOf(peer(address));
      const refusal = admission.refusalOf(peer(address), key, nowMs);
      if (refusal === undefined) admission.enter(key);
      return refusal ?? 'in';
    },
    leaves: (address: string) => admission.leave(admission.keyOf(peer(address))),
  };
}

test.each([
  ['only who is allowed comes in', { allow: ['10.0.0.0/8'] }, ['in', 'in', 'in', 'denied']],
  ['who is denied is refused', { deny: ['10.66.0.0/16'] }, ['in', 'denied', 'denied', 'in']],
  [
    'the longest block decides',
    { allow: ['10.0.0.0/8', '10.66.0.7'], deny: ['10.66.0.0/16'] },
    ['in', 'denied', 'in', 'denied'],
  ],
  [
    'of the same block denied and allowed, denied',
    { allow: ['10.0.0.0/8'], deny: ['10.0.0.0/8'] },
    ['denied', 'denied', 'denied', 'denied'],
  ],
])('%s', (_what, plan, verdicts) => {
  const { at } = asks(plan);
  const peers = ['10.1.1.1', '10.66.1.1', '10.66.0.7', '192.0.2.1'];
  expect(peers.map((address) => at(address))).toEqual(verdicts);
  // A dual-stack listener writes them so; no list is walked round by that.
  expect(peers.map((address) => at(`::ffff:${address}`))).toEqual(verdicts);
});

test('so many at a time of one address, and one more for each that leaves', () => {
  const { at, leaves } = asks({ perAddress: 2 });
  expect([at('10.0.0.1'), at('10.0.0.1'), at('10.0.0.1')]).toEqual(['in', 'in', 'address']);
  expect(at('10.0.0.2')).toBe('in');
  leaves('10.0.0.1');
  expect([at('10.0.0.1'), at('10.0.0.1')]).toEqual(['in', 'address']);
});

test('one /64 counts as one address, a block of another size where told', () => {
  const wide = asks({ perAddress: 1 });
  expect([wide.at('2001:db8::1'), wide.at('2001:db8::2'), wide.at('2001:db8:0:1::1')]).toEqual([
    'in',
    'address',
    'in',
  ]);
  const single = asks({ perAddress: 1, block: { ipv4: 24, ipv6: 128 } });
  expect([single.at('2001:db8::1'), single.at('2001:db8::2')]).toEqual(['in', 'in']);
  expect([single.at('10.0.0.1'), single.at('10.0.0.2'), single.at('10.0.1.1')]).toEqual([
    'in',
    'address',
    'in',
  ]);
});

test('a rate of one address leaves the others alone', () => {
  const { at } = asks({ ratePerAddress: { perSecond: 1 } });
  expect([at('10.0.0.1'), at('10.0.0.1'), at('10.0.0.2')]).toEqual(['in', 'rate', 'in']);
  expect(at('10.0.0.1', 1000)).toBe('in');
});

test('a peer without an address is never refused by address', () => {
  const { admission } = asks({ allow: ['10.0.0.0/8'], perAddress: 1 });
  const unnamed = SockaddrUn.from({ unnamed: true });
  for (const from of [unnamed, unnamed, undefined]) {
    const key = admission.keyOf(from);
    expect(admission.refusalOf(from, key, 0)).toBeUndefined();
    admission.enter(key);
    admission.leave(key);
  }
});

test('a flood from many addresses does not make the table of rates grow without end', () => {
  const { at, admission } = asks({ ratePerAddress: { perSecond: 1000 } });
  for (let i = 0; i < 20_000; i++) at(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, i);
  expect(admission.rateCount).toBeLessThan(5000);
});
