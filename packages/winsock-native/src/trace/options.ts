/**
 * Values of socket options in words: numbers, names, linger, times, and of tcp_info what a reader looks for first.
 *
 * Decided by the option's name. The table of options cannot be used here: it needs the loaded addon, and this is part of
 * loading it.
 */
import { lookupError } from '../error-lookup.js';
import { type tcp_info, tcpInfoCodec } from '../tcp-info.js';
import type { Wording } from './calls.js';
import type { TracedValue } from './record.js';
import { bytes, firstBytes, type Names, plain } from './values.js';

const TEXT_OPTIONS = new Set(['SO_BINDTODEVICE', 'TCP_CONGESTION', 'TCP_ULP']);
const TIME_OPTIONS = new Set(['SO_RCVTIMEO', 'SO_SNDTIMEO']);
const INT_BYTES = 4;

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The value of an option of that name, in so many bytes. */
export function optionValue(
  words: Wording,
  name: string,
  view: ArrayBufferView | null,
  length: number,
): TracedValue {
  if (view === null) return plain(null);
  const memory = firstBytes(view, length);
  return { text: textOf(words, name, memory), bytes: bytes(memory) };
}

function textOf({ names, codecs }: Wording, name: string, memory: Uint8Array): string {
  if (TEXT_OPTIONS.has(name)) return JSON.stringify(textUpToNul(memory));
  if (name === 'TCP_INFO') return tcpInfo(names, memory);
  if (name === 'SO_LINGER') {
    const { l_onoff, l_linger } = codecs.linger.unpack(memory);
    return `{l_onoff: ${l_onoff}, l_linger: ${l_linger}}`;
  }
  if (TIME_OPTIONS.has(name) && memory.length > INT_BYTES) {
    const { tv_sec, tv_usec } = codecs.timeval.unpack(memory);
    return `{tv_sec: ${tv_sec}, tv_usec: ${tv_usec}}`;
  }
  if (memory.length !== INT_BYTES) {
    return memory.length === 1 ? String(memory[0]) : `<${memory.length} bytes>`;
  }
  const view = new DataView(memory.buffer, memory.byteOffset, INT_BYTES);
  const number = view.getInt32(0, isLittleEndian);
  if (name !== 'SO_ERROR' || number === 0) return String(number);
  return `${number} ${errorName(number)}`;
}

/** SO_ERROR has been translated for calls under C names; a `Socket` reads the system's own number. */
function errorName(number: number): string {
  const known = lookupError(number) ?? lookupError(-number);
  return known === undefined ? '' : `(${known.name})`;
}

function tcpInfo(names: Names, memory: Uint8Array): string {
  if (memory.length === 0) return '<0 bytes>';
  // SAFETY: the codec of TCP_INFO gives this structure, of fewer bytes with fewer fields.
  const { tcpi_state = 0, ...info } = tcpInfoCodec.decode(memory) as Partial<tcp_info>;
  const shown = (['tcpi_unacked', 'tcpi_sacked', 'tcpi_retransmits', 'tcpi_rtt'] as const)
    .filter((field) => info[field] !== undefined)
    .map((field) => `${field}: ${info[field]}`);
  return `{tcpi_state: ${[names.tcpState(tcpi_state).text, ...shown].join(', ')}, …}`;
}

function textUpToNul(memory: Uint8Array): string {
  const end = memory.indexOf(0);
  return new TextDecoder().decode(end < 0 ? memory : memory.subarray(0, end));
}
