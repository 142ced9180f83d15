/**
 * Addresses as text and as bytes: ours and net.SocketAddress, which has no functions of its own for either: it is made from
 * text, and asked for what it holds. As `c/native-calls.c` does it.
 */
import { SocketAddress } from 'node:net';
import { AF_INET, AF_INET6, inet_ntop, inet_pton, SockaddrIn } from '@netloom/sockaddr';
import { drive, type Operation } from './driver.js';

const TEXTS = 64;

const texts4 = Array.from({ length: TEXTS }, (_, i) => `192.${100 + i}.7.${i}`);
const texts6 = Array.from(
  { length: TEXTS },
  (_, i) => `2001:db8:${(0x1000 + i).toString(16)}::${(0xa0 + i).toString(16)}:1`,
);
const bytes4 = texts4.map((text) => bytesOf(AF_INET, text, 4));
const bytes6 = texts6.map((text) => bytesOf(AF_INET6, text, 16));

function bytesOf(family: number, text: string, length: number): Uint8Array {
  const into = new Uint8Array(length);
  if (inet_pton(family, text, into) !== 1) throw new TypeError(`no address: ${text}`);
  return into;
}

/** Times `isRight(i)`, i below TEXTS. */
function counted(isRight: (at: number) => boolean): Operation {
  return (count, tally) => {
    tally.start();
    for (let i = 0; i < count; i++) if (!isRight(i % TEXTS)) tally.wrong++;
    tally.stop();
  };
}

const into = new Uint8Array(16);

function pton(family: number, texts: readonly string[], bytes: readonly Uint8Array[]): Operation {
  return counted((at) => {
    const isAddress = inet_pton(family, texts[at] ?? '', into) === 1;
    return isAddress && into[1] === bytes[at]?.[1] && into[3] === bytes[at]?.[3];
  });
}

function ntop(family: number, texts: readonly string[], bytes: readonly Uint8Array[]): Operation {
  return counted((at) => inet_ntop(family, bytes[at] ?? into) === texts[at]);
}

function nodes(family: 'ipv4' | 'ipv6', texts: readonly string[]): Operation {
  return counted((at) => {
    const address = texts[at] ?? '';
    return new SocketAddress({ address, family }).address === address;
  });
}

await drive({
  pton4: pton(AF_INET, texts4, bytes4),
  pton6: pton(AF_INET6, texts6, bytes6),
  ntop4: ntop(AF_INET, texts4, bytes4),
  ntop6: ntop(AF_INET6, texts6, bytes6),
  sockaddr: counted((at) => {
    const made = SockaddrIn.from({ address: texts4[at] ?? '', port: 9000 + at });
    return made.port === 9000 + at && made.address === texts4[at];
  }),
  node4: nodes('ipv4', texts4),
  node6: nodes('ipv6', texts6),
  'node-sockaddr': counted((at) => {
    const address = texts4[at] ?? '';
    const made = new SocketAddress({ address, port: 9000 + at, family: 'ipv4' });
    return made.port === 9000 + at && made.address === address;
  }),
});
