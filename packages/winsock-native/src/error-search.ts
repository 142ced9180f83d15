/**
 * The search of Error Lookup: from whatever a person has in hand to the rows that may be meant, best first.
 *
 * Exact look-ups are error-lookup.ts; this file asks it for every row that it finds.
 */
import { ERRNO_TABLE, type ErrnoRow, RESOLVER_TABLE } from './errno-table.js';
import {
  type ErrorInfo,
  type ErrorSystem,
  hostSystem,
  type LookupOptions,
  lookupError,
} from './error-lookup.js';
import { PHRASES } from './error-phrases.js';
import { type ErrorRow, POSIX_ONLY_ERRORS, WINDOWS_ERRORS } from './error-table.js';

const SYSTEMS: readonly ErrorSystem[] = ['linux', 'darwin', 'win32'];

/** An HRESULT of FACILITY_WIN32 holds a Windows number in its lower half: 0x80072740 is 10048. */
const HRESULT_WIN32 = 0x80070000;

/** In a sentence a small number is a port, a line, a count; from here on it is more likely Winsock's. */
const WINSOCK_FIRST = 10_000;

/** Of a longer text (a whole log) only so many words are looked for: each is held against every text of the tables. */
const MOST_WORDS = 64;

/** How much a word tells where it stands. */
const WEIGHT = { says: 8, meaning: 6, name: 4, causes: 2 } as const;

/** Words that say nothing of the error. */
const FILLERS = new Set(
  'a an and are at be by can cannot error failed for from i in is it of on or the this to was what with 错误 的'.split(
    ' ',
  ),
);

interface Candidate {
  readonly info: ErrorInfo;
  /** Where its words stand, with their weight. All in small letters. */
  readonly texts: readonly { readonly text: string; readonly weight: number }[];
}

/**
 * Finds the errors that a number, a name or some words may mean, best first.
 *
 * - A number: Windows' (`10048`, `0x2740`, an HRESULT `0x80072740`), or a system's error number, as C has it (`104`) or
 *   as Node has it (`-104`). One number may mean several errors; Windows' comes first, then this machine's
 *   (`options.system`), for a negative one this machine's first.
 * - A name in any letters: `ECONNREFUSED`, `wsaefault`, or a part of one. Other errors of the same POSIX code follow.
 * - Words in English or Chinese: of the meaning, the usual causes and what systems print: `timed out`, `超时`. Errors
 *   that have all of them; where there is none, those that have at least half. Of a long text the first 64 words count.
 * - A message that has a name or a Winsock number in it: `connect ECONNREFUSED 127.0.0.1:80`.
 *
 * @returns an empty array when nothing was found
 * @throws {TypeError} `text` is not a string, or `options.system` not a system's name
 * @see lookupError for exactly one number or name
 *
 * @example
 * ```ts
 * import { searchErrors } from '@netloom/winsock-native';
 *
 * for (const { wsaCode, name, meaning } of searchErrors('no route to host')) {
 *   console.log(wsaCode, name, meaning.en);
 * }
 * console.log(searchErrors('超时').map(({ name }) => name));
 * console.log(searchErrors('104', { system: 'linux' }).map(({ code }) => code));
 * ```
 *
 * ```text
 * 10065 WSAEHOSTUNREACH …
 * [ 'WSAETIMEDOUT', … ]
 * [ 'ECONNRESET' ]
 * ```
 */
export function searchErrors(text: string, options: LookupOptions = {}): ErrorInfo[] {
  if (typeof text !== 'string') {
    throw new TypeError(`searchErrors: text must be a string: got ${String(text)}`);
  }
  const system = checkSystem(options);
  const wanted = text.normalize('NFKC').trim().toLowerCase();
  const number = parseNumber(wanted);
  if (number !== undefined) return distinct(byNumber(number, system));
  const named = byName(wanted);
  if (named.length > 0) return distinct(named);
  return distinct([...inMessage(wanted, system), ...byWords(wanted)]);
}

function checkSystem(options: LookupOptions): ErrorSystem {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`searchErrors: options must be an object: got ${String(options)}`);
  }
  const { system = hostSystem() } = options;
  if (SYSTEMS.includes(system)) return system;
  throw new TypeError(
    `searchErrors: options.system must be one of ${SYSTEMS.join(', ')}: got ${String(system)}`,
  );
}

function distinct(found: readonly (ErrorInfo | undefined)[]): ErrorInfo[] {
  const byName = new Map<string, ErrorInfo>();
  for (const info of found) {
    if (info !== undefined && !byName.has(info.name)) byName.set(info.name, info);
  }
  return [...byName.values()];
}

/** Decimal or hexadecimal, with or without a sign; an HRESULT gives the Windows number in it. */
function parseNumber(text: string): number | undefined {
  const [, sign, digits] = /^([+-]?)(\d+|0x[\da-f]+)$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const value = (sign === '-' ? -1 : 1) * Number(digits);
  const bits = value < 0 ? value + 2 ** 32 : value;
  return bits >= HRESULT_WIN32 && bits <= HRESULT_WIN32 + 0xffff ? bits - HRESULT_WIN32 : value;
}

function byNumber(number: number, system: ErrorSystem): (ErrorInfo | undefined)[] {
  const systems = [system, ...SYSTEMS.filter((other) => other !== system)];
  const onSystems = systems.map((one) => lookupError(-Math.abs(number), { system: one }));
  const onWindows = lookupError(Math.abs(number));
  return number < 0 ? [...onSystems, onWindows] : [onWindows, ...onSystems];
}

/** The exact name, then others of the same POSIX code, then names that begin with the text or have it inside. */
function byName(text: string): (ErrorInfo | undefined)[] {
  if (!/^[a-z]\w{2,}$/.test(text)) return [];
  const exact = lookupError(text);
  if (exact !== undefined) {
    const { code } = exact;
    const rows = candidates().filter(({ info }) => code !== null && info.code === code);
    return [exact, ...rows.map(({ info }) => info)];
  }
  const wanted = text.toUpperCase();
  // A word that texts have, too (`refused`, `reset`), is looked for there; a part of a name only is not.
  if (
    candidates().some(({ texts }) =>
      texts.some((one) => one.weight !== WEIGHT.name && has(one.text, text)),
    )
  ) {
    return [];
  }
  const parts = candidates().filter(({ info }) =>
    namesOf(info).some((name) => name.includes(wanted)),
  );
  const starts = ({ info }: Candidate) => namesOf(info).some((name) => name.startsWith(wanted));
  return [...parts.filter(starts), ...parts].map(({ info }) => info);
}

/** The rows that a whole message names by a name or a Winsock number. */
function inMessage(text: string, system: ErrorSystem): (ErrorInfo | undefined)[] {
  const words = text.split(/[^\w-]+/).filter((word) => word !== '');
  if (words.length < 2) return [];
  return words.flatMap((word) => {
    const number = parseNumber(word);
    if (number !== undefined) {
      const isLikely = number >= WINSOCK_FIRST || number < 0 || word.startsWith('0x');
      return isLikely ? byNumber(number, system).slice(0, 1) : [];
    }
    return /^(e|wsa|eai_|error_)\w{2,}$/.test(word) ? [lookupError(word)] : [];
  });
}

function byWords(text: string): ErrorInfo[] {
  const words = wordsOf(text).slice(0, MOST_WORDS);
  if (words.length === 0) return [];
  const all = rank(text, words, words.length);
  if (all.length > 0) return all;
  // Chinese is written without blanks: where a run of it was not found as a whole, its pairs of characters are tried.
  const parts = words
    .flatMap((word) =>
      isHan(word) && word.length > 2
        ? Array.from({ length: word.length - 1 }, (_, index) => word.slice(index, index + 2))
        : [word],
    )
    .slice(0, MOST_WORDS);
  if (parts.length === 1) return [];
  // Of such pairs most reach across two words and are found nowhere.
  const share = parts.length > words.length ? 1 / 3 : 1 / 2;
  return rank(text, parts, Math.ceil(parts.length * share));
}

function wordsOf(text: string): string[] {
  const words = text.match(/\p{Script=Han}+|[\p{L}\p{N}_']+/gu) ?? [];
  const telling = words
    .flatMap((word) =>
      isHan(word) ? [word] : (word.match(/[^\p{Script=Han}]+|\p{Script=Han}+/gu) ?? []),
    )
    .filter((word) => !FILLERS.has(word));
  return [...new Set(telling)];
}

/** The rows with at least `least` of the words; more of them, and in better places, come first. */
function rank(text: string, words: readonly string[], least: number): ErrorInfo[] {
  const scored = candidates().flatMap(({ info, texts }) => {
    const best = words.map((word) =>
      Math.max(0, ...texts.map((one) => (has(one.text, word) ? one.weight : 0))),
    );
    if (best.filter((weight) => weight > 0).length < least) return [];
    // As it was typed counts more than its words, and more the more of the text it is.
    const phrases = texts.map((one) =>
      has(one.text, text) ? one.weight * (1 + text.length / one.text.length) : 0,
    );
    const score = best.reduce((sum, weight) => sum + weight, 0) / words.length;
    return [{ info, score: score + Math.max(0, ...phrases) }];
  });
  return scored.sort((a, b) => b.score - a.score).map(({ info }) => info);
}

/** Whether a text has these words: English ones from a word's beginning on (`time` in `timed`), Chinese anywhere. */
function has(text: string, words: string): boolean {
  for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + 1)) {
    if (isHan(words) || !/[\p{L}\p{N}]/u.test(text.charAt(at - 1))) return true;
    if (isHan(text.charAt(at - 1))) return true;
  }
  return false;
}

function isHan(text: string): boolean {
  return /^\p{Script=Han}/u.test(text);
}

function namesOf({ name, wsaName, aliases, code }: ErrorInfo): string[] {
  return [name, wsaName, ...aliases, ...(code === null ? [] : [code])];
}

const ERRNO_ROWS: readonly ErrnoRow[] = [...ERRNO_TABLE, ...RESOLVER_TABLE];

/** Made at the first search: most programs never search. */
let known: readonly Candidate[] | undefined;

function candidates(): readonly Candidate[] {
  const rows: readonly ErrorRow[] = [...WINDOWS_ERRORS, ...POSIX_ONLY_ERRORS];
  known ??= rows.flatMap(candidateOf);
  return known;
}

function candidateOf(row: ErrorRow): Candidate[] {
  const info = lookupError(row.name);
  if (info === undefined) return [];
  // A short phrase belongs to the row that its code leads to: ETIMEDOUT's to 10060, not to 121 and 1460 as well.
  const own = ERRNO_ROWS.filter(({ code }) => lookupError(code)?.name === row.name);
  const phrases = own.flatMap(({ code, says }) => {
    // SAFETY: a code without phrases, and any other text, reads as undefined.
    const others = PHRASES[code as keyof typeof PHRASES];
    return [says, ...(others?.en ?? []), ...(others?.zh.split('，') ?? [])];
  });
  const weigh = (weight: number) => (text: string) => ({ text: text.toLowerCase(), weight });
  return [
    {
      info,
      texts: [
        ...phrases.map(weigh(WEIGHT.says)),
        ...[row.meaning.en, row.meaning.zh].map(weigh(WEIGHT.meaning)),
        ...namesOf(info).map(weigh(WEIGHT.name)),
        ...[row.causes.en, row.causes.zh].map(weigh(WEIGHT.causes)),
      ],
    },
  ];
}
