/**
 * sockaddr's C functions and the C library's own, on the same inputs: return codes and bytes agree bit for bit.
 *
 * Where the C library is glibc: its dialect is sockaddr's. The C library is reached through the addon's internal binding.
 */
import { readFileSync } from 'node:fs';
import {
  AF_INET,
  AF_INET6,
  inet_addr,
  inet_aton,
  inet_ntoa,
  inet_ntop,
  inet_pton,
} from '@netloom/sockaddr';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { native } from '../src/native.js';

const { libc } = native;
/** Of each kind of input; a long lane may ask for more. */
const RUNS = Number(process.env.NETLOOM_RUNS ?? 10_000);
const LIMIT_MS = 60_000 + RUNS * 2;

/** What a byte of the output holds before the call: a function that fails must leave it. */
const UNTOUCHED = 0xa5;

interface Answer {
  result: number;
  bytes: string;
}

function into(call: (out: Uint8Array) => number): Answer {
  const out = new Uint8Array(20).fill(UNTOUCHED);
  const result = call(out);
  return { result, bytes: Buffer.from(out).toString('hex') };
}

function expectSamePton(af: number, text: string): void {
  const ours = into((out) => inet_pton(af, text, out));
  const theirs = into((out) => libc.inet_pton(af, text, out));
  expect(ours, JSON.stringify(text)).toEqual(theirs);
}

function expectSameAton(text: string): void {
  const ours = into((out) => inet_aton(text, out));
  const theirs = into((out) => libc.inet_aton(text, out));
  expect(ours, JSON.stringify(text)).toEqual(theirs);
  expect(inet_addr(text), JSON.stringify(text)).toBe(libc.inet_addr(text));
}

/** Pieces from which both right and nearly right addresses come about often. */
const number = fc.oneof(
  fc.integer({ min: 0, max: 300 }).map(String),
  fc.constantFrom('0', '00', '01', '08', '255', '256', '0x', '0xff', '0X1f', '0377', '400'),
  fc.integer({ min: 0, max: 2 ** 33 }).map((n) => `0x${n.toString(16)}`),
  fc.integer({ min: 0, max: 2 ** 33 }).map((n) => `0${n.toString(8)}`),
  fc.integer({ min: 0, max: 2 ** 33 }).map(String),
);
const group = fc.oneof(
  fc.integer({ min: 0, max: 0xfffff }).map((n) => n.toString(16)),
  fc.constantFrom('', '0', '0000', '00000', 'ABCD', 'g', '::'),
);
const ipv4 = fc
  .tuple(fc.array(number, { minLength: 1, maxLength: 5 }), fc.constantFrom('.', '.', '..', ' .'))
  .map(([parts, dot]) => parts.join(dot));
const exactIpv4 = fc
  .array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 })
  .map((octets) => octets.join('.'));
const ipv6 = fc
  .tuple(
    fc.array(group, { minLength: 1, maxLength: 9 }),
    fc.option(fc.oneof(exactIpv4, ipv4), { nil: undefined }),
    fc.constantFrom('', '', '', '::', ':'),
  )
  .map(
    ([groups, tail, head]) => head + [...groups, ...(tail === undefined ? [] : [tail])].join(':'),
  );

/** An IPv6 address that is right: eight groups, perhaps some left out, perhaps the last two as IPv4. */
const exactIpv6 = fc
  .record({
    groups: fc.array(fc.nat({ max: 0xffff }), { minLength: 8, maxLength: 8 }),
    from: fc.nat({ max: 8 }),
    cut: fc.nat({ max: 8 }),
    tail: fc.option(exactIpv4, { nil: undefined }),
    isUpper: fc.boolean(),
  })
  .map(({ groups, from, cut, tail, isUpper }) => {
    const hex = groups.map((one) => one.toString(16));
    const parts = tail === undefined ? hex : [...hex.slice(0, 6), tail];
    const head = parts.slice(0, from).join(':');
    const text = cut === 0 ? parts.join(':') : `${head}::${parts.slice(from + cut).join(':')}`;
    return isUpper ? text.toUpperCase() : text;
  });

/** An old form that is right: one to four parts, the last one filling what is left. */
const exactOld = fc
  .record({
    octets: fc.array(fc.nat({ max: 255 }), { maxLength: 3 }),
    last: fc.nat({ max: 255 }),
    base: fc.constantFrom(8, 10, 16),
  })
  .map(({ octets, last, base }) => {
    const prefix = { 8: '0', 10: '', 16: '0x' }[base] ?? '';
    return [...octets, last].map((part) => prefix + part.toString(base)).join('.');
  });

const spoiler = fc.constantFrom(
  ...'0123456789abcdefABCDEFxX.:%/[]- \t\n\v\f\r\0+*\u00a0\u0663\uff11\u2028\ud800',
);

/** The text with up to three characters put in, taken out or replaced. */
function spoiled(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const edit = fc.record({ at: fc.nat(), cut: fc.nat({ max: 2 }), put: fc.option(spoiler) });
  return fc.tuple(text, fc.array(edit, { maxLength: 3 })).map(([start, edits]) =>
    edits.reduce((now, { at, cut, put }) => {
      const place = at % (now.length + 1);
      return now.slice(0, place) + (put ?? '') + now.slice(place + cut);
    }, start),
  );
}

const anyText = fc.oneof(
  { weight: 3, arbitrary: fc.oneof(exactIpv4, exactIpv6, exactOld) },
  { weight: 4, arbitrary: spoiled(fc.oneof(exactIpv4, exactOld, ipv4)) },
  { weight: 4, arbitrary: spoiled(fc.oneof(exactIpv6, exactIpv6, ipv6)) },
  { weight: 1, arbitrary: fc.string({ unit: spoiler, maxLength: 50 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);

/** Other C libraries have other dialects, musl among them. */
function isGlibc(): boolean {
  const report = process.report.getReport();
  return 'header' in report && Object.hasOwn(Object(report.header), 'glibcVersionRuntime');
}

describe.runIf(isGlibc())('agrees with the C library', () => {
  test('the inputs are not all refused: both answers are common', () => {
    const seen = fc.sample(anyText, { numRuns: 4000, seed: 1 });
    const four = seen.filter((text) => libc.inet_pton(AF_INET, text, new Uint8Array(4)) === 1);
    const six = seen.filter((text) => libc.inet_pton(AF_INET6, text, new Uint8Array(16)) === 1);
    const old = seen.filter((text) => libc.inet_aton(text, new Uint8Array(4)) === 1);
    for (const accepted of [four, six, old]) {
      expect(accepted.length).toBeGreaterThan(250);
      expect(accepted.length).toBeLessThan(3000);
    }
  });

  test(
    `inet_pton, both families, ${RUNS} texts`,
    () => {
      fc.assert(
        fc.property(anyText, (text) => {
          expectSamePton(AF_INET, text);
          expectSamePton(AF_INET6, text);
        }),
        { numRuns: RUNS },
      );
    },
    LIMIT_MS,
  );

  test(
    `inet_aton and inet_addr, ${RUNS} texts`,
    () => {
      fc.assert(fc.property(anyText, expectSameAton), { numRuns: RUNS });
    },
    LIMIT_MS,
  );

  test(
    `inet_ntop and inet_ntoa, ${RUNS} addresses`,
    () => {
      const sparse = fc.array(fc.oneof(fc.constant(0), fc.nat({ max: 255 })), {
        minLength: 16,
        maxLength: 16,
      });
      fc.assert(
        fc.property(sparse, (octets) => {
          const bytes = Uint8Array.from(octets);
          expect(inet_ntop(AF_INET6, bytes)).toBe(libc.inet_ntop(AF_INET6, bytes));
          const four = bytes.subarray(0, 4);
          expect(inet_ntop(AF_INET, four)).toBe(libc.inet_ntop(AF_INET, four));
          expect(inet_ntoa(four)).toBe(libc.inet_ntoa(four));
        }),
        { numRuns: RUNS },
      );
    },
    LIMIT_MS,
  );

  test('every family that is none is -1 and NULL', () => {
    for (const af of [0, 1, 3, 9, 11, 23, 30, 255, -1, 2 ** 31 - 1, -(2 ** 31)]) {
      expectSamePton(af, '1.2.3.4');
      expect(inet_ntop(af, new Uint8Array(4))).toBe(libc.inet_ntop(af, new Uint8Array(4)));
    }
  });

  interface VectorRow {
    input?: string;
    bytes?: string | null;
    family: number;
  }

  test('every text and every address of the vectors, whoever it comes from', () => {
    let texts = 0;
    let addresses = 0;
    for (const file of [
      'inet_pton',
      'inet_ntop',
      'inet_aton_inet_addr',
      'scoped_ipv6',
      'sockaddr_text',
    ]) {
      const url = new URL(`../../../vectors/${file}.json`, import.meta.url);
      // SAFETY: the vectors' README states the fields of a row.
      for (const row of JSON.parse(readFileSync(url, 'utf8')) as VectorRow[]) {
        if (typeof row.input === 'string') {
          texts++;
          expectSamePton(AF_INET, row.input);
          expectSamePton(AF_INET6, row.input);
          expectSameAton(row.input);
        }
        const bytes = Buffer.from(row.bytes ?? '', 'hex');
        if (bytes.length !== 4 && bytes.length !== 16) continue;
        addresses++;
        const af = bytes.length === 4 ? AF_INET : AF_INET6;
        expect(inet_ntop(af, bytes)).toBe(libc.inet_ntop(af, bytes));
      }
    }
    expect(texts).toBeGreaterThan(1000);
    expect(addresses).toBeGreaterThan(400);
  });
});
