/**
 * Wide text: UTF-16LE without terminator, as Windows programs send their `wchar_t` buffers.
 *
 * Unpaired surrogates pass unchanged in both directions (a `wchar_t` buffer may hold them; TextDecoder would replace
 * them). TCP has no message boundary and this text has no terminator, so where a message ends is a convention:
 * at the end of the stream, behind U+000A, at `limitBytes`, or when nothing more has come for `quietMs`.
 */
import { checkLimitBytes, type FrameCodec } from './codec.js';

export interface WideTextOptions {
  /** Bytes after which a message ends by itself; even; default: 200, the `wchar_t buf[100]` of the classic examples. */
  readonly limitBytes?: number | undefined;
  /** A message ends when nothing more has come for so long after its latest byte; default: 1000. */
  readonly quietMs?: number | undefined;
}

const DEFAULT_LIMIT_BYTES = 200;
const DEFAULT_QUIET_MS = 1000;

const LF = 0x0a;
/** Stands for the half unit that an odd byte at the end is; visible instead of lost. */
const REPLACEMENT = 0xfffd;
/** Arguments of one fromCharCode call: far below every engine's limit. */
const UNITS_AT_A_TIME = 4096;

/**
 * Encodes text as UTF-16LE: two bytes per unit, no byte order mark, no terminator.
 */
export function encodeWideText(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  for (let unit = 0; unit < text.length; unit += 1) {
    const code = text.charCodeAt(unit);
    // Storing into a Uint8Array keeps the low eight bits.
    bytes[2 * unit] = code;
    bytes[2 * unit + 1] = code >>> 8;
  }
  return bytes;
}

/**
 * Decodes UTF-16LE. Unpaired surrogates are kept; a byte order mark is a character like any other.
 *
 * @param bytes - an odd byte at the end, half a unit, becomes U+FFFD
 */
export function decodeWideText(bytes: Uint8Array): string {
  const unitCount = bytes.length >>> 1;
  let text = '';
  for (let from = 0; from < unitCount; from += UNITS_AT_A_TIME) {
    const to = Math.min(unitCount, from + UNITS_AT_A_TIME);
    const units: number[] = [];
    for (let unit = from; unit < to; unit += 1) units.push(unitAt(bytes, unit));
    text += String.fromCharCode(...units);
  }
  return bytes.length % 2 === 0 ? text : text + String.fromCharCode(REPLACEMENT);
}

/**
 * Makes a codec for messages of wide text; the U+000A that ends one is taken off, a U+000D before it is not.
 *
 * What comes behind `limitBytes` begins the next message.
 *
 * @throws {RangeError} `limitBytes` is odd or below 2, or `quietMs` is not a number from 0 on
 */
export function wideText(options: WideTextOptions = {}): FrameCodec<string> {
  const limitBytes = options.limitBytes ?? DEFAULT_LIMIT_BYTES;
  checkLimitBytes(limitBytes, 2);
  if (limitBytes % 2 !== 0) {
    throw new RangeError(
      `limitBytes must be even: got ${limitBytes}; an odd one would cut a character of two bytes`,
    );
  }
  const quietMs = options.quietMs ?? DEFAULT_QUIET_MS;
  if (!(quietMs >= 0)) {
    throw new RangeError(
      `quietMs must be a number from 0 on: got ${quietMs}; Infinity waits for the end`,
    );
  }
  return {
    limitBytes,
    quietMs,
    restIsFrame: true,
    measure: (bytes, seen) => measureWideText(bytes, seen, limitBytes),
    decode: (bytes) => decodeWideText(withoutLineEnd(bytes)),
  };
}

function measureWideText(bytes: Uint8Array, seen: number, limitBytes: number): number {
  const unitCount = Math.min(bytes.length, limitBytes) >>> 1;
  for (let unit = seen >>> 1; unit < unitCount; unit += 1) {
    if (unitAt(bytes, unit) === LF) return 2 * unit + 2;
  }
  return bytes.length >= limitBytes ? limitBytes : 0;
}

function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  const unitCount = bytes.length >>> 1;
  const endsWithLineEnd =
    bytes.length % 2 === 0 && unitCount > 0 && unitAt(bytes, unitCount - 1) === LF;
  return endsWithLineEnd ? bytes.subarray(0, bytes.length - 2) : bytes;
}

/** The unit at an index that the caller has checked; 0 only satisfies the compiler. */
function unitAt(bytes: Uint8Array, unit: number): number {
  return (bytes[2 * unit] ?? 0) | ((bytes[2 * unit + 1] ?? 0) << 8);
}
