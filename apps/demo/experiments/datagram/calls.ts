/** The calls of the experiment about datagrams, each with what it gave. */
import { AF_INET, SockaddrIn, sizeof } from '@netloom/sockaddr';
import {
  bind,
  recvfrom,
  SO_RCVTIMEO,
  SOCK_DGRAM,
  type SOCKET,
  SOL_SOCKET,
  sendto,
  setsockopt,
  socket,
} from '@netloom/winsock-native';
import type { Theatre } from '../../theatre/scene.js';
import { must, type Outcome, outcome } from '../shared/outcome.js';

/** The receiver's room, and a datagram of twice that. */
export const ROOM = 8;
export const LONG = '0123456789abcdef';
const MOST_SHOWN = 16;
/** recvfrom on an empty queue ends with 10060 instead of waiting for ever. */
const PATIENCE_MS = 300;

/** What recvfrom gave: beside its result the bytes and the address. */
export interface Received extends Outcome {
  readonly delivered: string;
  readonly from: string;
}

/** Receives one datagram into a buffer of so much room. */
export function receive(s: SOCKET, flags: number, flagsText = '0', room = ROOM): Received {
  const buf = new Uint8Array(room);
  const from = new SockaddrIn();
  const fromlen = { value: sizeof(from) };
  const said = outcome(
    `recvfrom(${room}, ${flagsText})`,
    recvfrom(s, buf, sizeof(buf), flags, from, fromlen),
  );
  const end = buf.indexOf(0);
  return {
    ...said,
    delivered: new TextDecoder().decode(end < 0 ? buf : buf.subarray(0, end)),
    from: from.sin_family === AF_INET ? String(from) : '-',
  };
}

/** Sends a text as one datagram. */
export function sendText(s: SOCKET, text: string, to: SockaddrIn): Outcome {
  const bytes = new TextEncoder().encode(text);
  return outcome(`sendto(${bytes.length})`, sendto(s, bytes, sizeof(bytes), 0, to, sizeof(to)));
}

/** A bound UDP socket that waits a little and not for ever. */
export function datagramSocket(host: string): SOCKET {
  const s = must('socket', socket(AF_INET, SOCK_DGRAM, 0));
  const address = SockaddrIn.from({ address: host, port: 0 });
  must('bind', bind(s, address, sizeof(address)));
  must('setsockopt', setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, PATIENCE_MS));
  return s;
}

/** The calls of a part, in a table. */
export function show(
  theatre: Theatre,
  calls: readonly Outcome[],
  received: readonly Received[],
): void {
  theatre.table({ en: 'The calls', zh: '各次调用' }, [
    [
      { en: 'call', zh: '调用' },
      { en: 'bytes in the buffer', zh: '缓冲区里的字节' },
      { en: 'from', zh: '来自' },
    ],
    ...calls.map(({ text }) => [text, '', '']),
    ...received.map(({ text, delivered, from }) => [text, shortened(delivered) || '-', from]),
  ]);
}

function shortened(text: string): string {
  return text.length > MOST_SHOWN ? `${text.slice(0, ROOM)}…` : text;
}
