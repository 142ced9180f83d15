/**
 * What does it cost to turn text into an address, beside what Node itself offers?
 *
 * Run: pnpm --filter @netloom/sockaddr build && pnpm exec tsx packages/sockaddr/bench/text.bench.ts
 * Baselines: net.SocketAddress (makes the same thing) and net.isIP (answers yes or no). Alternatives take turns, round by round.
 */
import { isIP, SocketAddress } from 'node:net';
import { cpus } from 'node:os';
import {
  AF_INET,
  AF_INET6,
  inet_ntop,
  inet_pton,
  isIp,
  SockaddrIn,
  SockaddrIn6,
} from '@netloom/sockaddr';

const ROUNDS = 15;
const CALLS = 100_000;
const TEXTS = 256;

const text4 = Array.from({ length: TEXTS }, (_, i) => `10.${i}.${255 - i}.${(i * 7) % 256}`);
const text6 = Array.from({ length: TEXTS }, (_, i) => `2001:db8:${i.toString(16)}::${i + 1}:1`);
const bytes4 = new Uint8Array(4);
const bytes6 = new Uint8Array(16);
const port = 9008;

/** Each alternative gives a number, so that its answer is used and can be checked. */
const alternatives: Readonly<Record<string, (text: string) => number>> = {
  'IPv4 net.SocketAddress': (address) => new SocketAddress({ address, port }).port,
  'IPv4 SockaddrIn.from': (address) => SockaddrIn.from({ address, port }).port,
  'IPv4 net.isIP': (text) => isIP(text),
  'IPv4 isIp': (text) => isIp(text),
  'IPv4 inet_pton': (text) => inet_pton(AF_INET, text, bytes4),
  'IPv4 inet_pton and inet_ntop': (text) =>
    inet_pton(AF_INET, text, bytes4) && (inet_ntop(AF_INET, bytes4)?.length ?? 0),
  'IPv6 net.SocketAddress': (address) => new SocketAddress({ address, port, family: 'ipv6' }).port,
  'IPv6 SockaddrIn6.from': (address) => SockaddrIn6.from({ address, port }).port,
  'IPv6 net.isIP': (text) => isIP(text),
  'IPv6 isIp': (text) => isIp(text),
  'IPv6 inet_pton': (text) => inet_pton(AF_INET6, text, bytes6),
  'IPv6 inet_pton and inet_ntop': (text) =>
    inet_pton(AF_INET6, text, bytes6) && (inet_ntop(AF_INET6, bytes6)?.length ?? 0),
};

const nanoseconds = new Map<string, number[]>();
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, call] of Object.entries(alternatives)) {
    const texts = name.startsWith('IPv4') ? text4 : text6;
    let answers = 0;
    const start = process.hrtime.bigint();
    for (let i = 0; i < CALLS; i++) answers += call(texts[i % TEXTS] ?? '');
    const elapsed = Number(process.hrtime.bigint() - start);
    const least = name.includes('.from') || name.includes('SocketAddress') ? port : 1;
    if (answers < least * CALLS) throw new Error(`${name} gave wrong answers: ${answers}`);
    nanoseconds.set(name, [...(nanoseconds.get(name) ?? []), elapsed / CALLS]);
  }
}

console.log(
  `${cpus()[0]?.model}, ${process.platform}, Node ${process.version}, ${ROUNDS} rounds of ${CALLS}`,
);
for (const [name, times] of nanoseconds) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]?.toFixed(0) ?? '';
  console.log(
    `${name.padEnd(30)} ${at(0.5).padStart(6)} ns a call (middle half ${at(0.25)} to ${at(0.75)})`,
  );
}
