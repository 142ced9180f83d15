/**
 * Values of calls in words: constants by their names, addresses, data.
 *
 * The numbers' names come from the addon's own constants, so that they are this system's. Nothing here may import a file
 * that needs the loaded addon: this is part of loading it.
 */
import { sockaddrFrom } from '@netloom/sockaddr';
import type { TracedBytes, TracedValue } from './record.js';

/** Of longer memory, only so many bytes are kept; its length is always told. */
export const TRACED_BYTES = 256;

const UINT16_BYTES = 2;

/**
 * Texts of one script, beside which Latin letters, digits, marks and emoji may stand. Any two bytes make some character:
 * bytes that are no wide text give themselves away by scripts that nobody mixes.
 */
const ONE_SCRIPT = [
  ['Latin'],
  ['Greek'],
  ['Cyrillic'],
  ['Arabic'],
  ['Hebrew'],
  ['Devanagari'],
  ['Thai'],
  ['Han', 'Hiragana', 'Katakana', 'Bopomofo', 'Hangul'],
].map((scripts) => {
  const allowed = [...scripts, 'Common', 'Inherited'].map((script) => `\\p{Script=${script}}`);
  return new RegExp(`^[a-zA-Z${allowed.join('')}]*$`, 'u');
});

/** States of a connection, in the order of their numbers from 1; linux/tcp_states.h. */
const TCP_STATES = [
  'TCP_ESTABLISHED',
  'TCP_SYN_SENT',
  'TCP_SYN_RECV',
  'TCP_FIN_WAIT1',
  'TCP_FIN_WAIT2',
  'TCP_TIME_WAIT',
  'TCP_CLOSE',
  'TCP_CLOSE_WAIT',
  'TCP_LAST_ACK',
  'TCP_LISTEN',
  'TCP_CLOSING',
];

/** Names of values of options, which begin like the options' own. */
const isValueName = (name: string): boolean =>
  TCP_STATES.includes(name) || /^IP(V6)?_PMTUDISC_/.test(name);

const HOW = ['SD_RECEIVE', 'SD_SEND', 'SD_BOTH'];
const CONTROLS = ['FIONBIO', 'FIONREAD', 'SIOCATMARK'];

/** The names of this system's numbers. */
export class Names {
  readonly #constants: Readonly<Record<string, number>>;
  readonly #families: ReadonlyMap<number, string>;
  readonly #types: ReadonlyMap<number, string>;
  readonly #protocols: ReadonlyMap<number, string>;
  readonly #messageFlags: ReadonlyMap<number, string>;
  readonly #pollEvents: ReadonlyMap<number, string>;
  readonly #levels: ReadonlyMap<number, { name: string; options: ReadonlyMap<number, string> }>;

  constructor(constants: Readonly<Record<string, number>>) {
    this.#constants = constants;
    this.#families = this.#byNumber('AF_');
    this.#types = this.#byNumber('SOCK_');
    this.#protocols = this.#byNumber('IPPROTO_');
    this.#messageFlags = this.#byNumber('MSG_');
    this.#pollEvents = this.#byNumber('POLL');
    this.#levels = new Map(
      [
        { name: 'SOL_SOCKET', prefix: 'SO_' },
        { name: 'IPPROTO_IP', prefix: 'IP_' },
        { name: 'IPPROTO_TCP', prefix: 'TCP_' },
        { name: 'IPPROTO_UDP', prefix: 'UDP_' },
        { name: 'IPPROTO_IPV6', prefix: 'IPV6_' },
      ].map(({ name, prefix }) => [
        constants[name] ?? Number.NaN,
        { name, options: this.#byNumber(prefix) },
      ]),
    );
  }

  family(number: number): TracedValue {
    return { text: this.#families.get(number) ?? String(number) };
  }

  /** SOCK_STREAM, and what Linux lets be OR-ed to it. */
  type(number: number): TracedValue {
    const { SOCK_NONBLOCK = 0, SOCK_CLOEXEC = 0 } = this.#constants;
    const base = number & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
    const extra = [
      (number & SOCK_NONBLOCK) === 0 ? [] : ['SOCK_NONBLOCK'],
      (number & SOCK_CLOEXEC) === 0 ? [] : ['SOCK_CLOEXEC'],
    ].flat();
    return { text: [this.#types.get(base) ?? String(base), ...extra].join('|') };
  }

  protocol(number: number): TracedValue {
    const name = number === 0 ? undefined : this.#protocols.get(number);
    return { text: name ?? String(number) };
  }

  messageFlags(number: number): TracedValue {
    return flagsIn(this.#messageFlags, number);
  }

  pollEvents(number: number): TracedValue {
    return flagsIn(this.#pollEvents, number);
  }

  how(number: number): TracedValue {
    return { text: HOW[number] ?? String(number) };
  }

  control(number: number): TracedValue {
    const unsigned = number >>> 0;
    const name = CONTROLS.find((known) => (this.#constants[known] ?? -1) >>> 0 === unsigned);
    return { text: name ?? `0x${unsigned.toString(16)}` };
  }

  level(number: number): TracedValue {
    return { text: this.#levels.get(number)?.name ?? this.protocol(number).text };
  }

  option(level: number, number: number): TracedValue {
    return { text: this.#levels.get(level)?.options.get(number) ?? String(number) };
  }

  tcpState(number: number): TracedValue {
    const name = TCP_STATES.find((state) => this.#constants[state] === number);
    return { text: name ?? String(number) };
  }

  backlog(number: number): TracedValue {
    return { text: number === this.#constants.SOMAXCONN ? 'SOMAXCONN' : String(number) };
  }

  #byNumber(prefix: string): ReadonlyMap<number, string> {
    const found = new Map<number, string>();
    for (const [name, number] of Object.entries(this.#constants)) {
      if (name.startsWith(prefix) && !isValueName(name) && !found.has(number)) {
        found.set(number, name);
      }
    }
    return found;
  }
}

function flagsIn(known: ReadonlyMap<number, string>, number: number): TracedValue {
  let rest = number >>> 0;
  const names: string[] = [];
  for (const [bit, name] of known) {
    const bits = bit >>> 0;
    if (bits === 0 || (rest & bits) >>> 0 !== bits) continue;
    names.push(name);
    rest = (rest & ~bits) >>> 0;
  }
  if (rest !== 0) names.push(`0x${rest.toString(16)}`);
  return { text: names.length === 0 ? '0' : names.join('|') };
}

export function plain(value: number | string | null): TracedValue {
  return { text: value === null ? 'NULL' : String(value) };
}

/** An address of so many bytes, as the kernel has it. */
export function address(view: ArrayBufferView | null, length: number): TracedValue {
  if (view === null) return plain(null);
  const memory = firstBytes(view, length).slice();
  if (memory.length === 0) return { text: '{}', bytes: bytes(memory) };
  return { text: harmless(String(sockaddrFrom(memory, memory.length))), bytes: bytes(memory) };
}

/** The name of a Unix socket, which its owner chose, may hold line breaks and what a terminal obeys. */
function harmless(text: string): string {
  return text.replaceAll(
    /\p{Cc}/gu,
    (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

/** Data of so many bytes: quoted where it is text. */
export function data(view: ArrayBufferView | null, length: number): TracedValue {
  if (view === null) return plain(null);
  const memory = firstBytes(view, length);
  // Copied: a decoder does not read memory that threads share.
  const kept = memory.slice(0, TRACED_BYTES);
  const isCut = kept.length < memory.length;
  const quoted = quotedText(kept, isCut);
  const text = quoted === undefined ? `<${memory.length} bytes>` : isCut ? `${quoted}…` : quoted;
  return { text, bytes: bytes(memory) };
}

/** Memory in hexadecimal digits, cut at TRACED_BYTES. */
export function bytes(memory: Uint8Array): TracedBytes {
  const hex = Buffer.from(memory.subarray(0, TRACED_BYTES)).toString('hex');
  return { hex, length: memory.length };
}

/** The first bytes of a view, fewer where it has not so many; none of detached memory, and of what is no view. */
export function firstBytes(view: ArrayBufferView, length: number): Uint8Array {
  const room = ArrayBuffer.isView(view) ? Math.min(length, view.byteLength) : 0;
  return room > 0 ? new Uint8Array(view.buffer, view.byteOffset, room) : new Uint8Array(0);
}

/** How much memory there is; 0 for what is no view, which the call itself refuses. */
export function roomOf(view: ArrayBufferView): number {
  return ArrayBuffer.isView(view) ? view.byteLength : 0;
}

/**
 * Text in quotes, as C writes it: `"…"` for UTF-8, `L"…"` for UTF-16LE; `undefined` where it is neither.
 *
 * Bytes that can be read both ways are taken for UTF-8, which is the more frequent.
 */
function quotedText(memory: Uint8Array, isCut: boolean): string | undefined {
  if (memory.length === 0) return '""';
  const narrow = decoded('utf-8', memory, isCut);
  if (narrow !== undefined && isPrintable(narrow)) return quoted(narrow);
  if (memory.length % UINT16_BYTES !== 0) return undefined;
  const wide = decoded('utf-16le', memory, isCut);
  if (wide === undefined || !isPrintable(wide)) return undefined;
  return ONE_SCRIPT.some((script) => script.test(wide)) ? `L${quoted(wide)}` : undefined;
}

/** A decoder that refuses what is not valid; the last character of cut memory may be incomplete. */
function decoded(encoding: string, memory: Uint8Array, isCut: boolean): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(memory, {
      stream: isCut,
    });
  } catch {
    return undefined; // not this encoding: that is the answer
  }
}

function isPrintable(text: string): boolean {
  return !/[^\P{C}\t\r\n\u200d]/u.test(text);
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
