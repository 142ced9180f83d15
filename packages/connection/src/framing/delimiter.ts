/**
 * Frames that end with a fixed sequence of bytes.
 *
 * The delimiter belongs to the frame as it travels and is taken off before the frame is handed out.
 */
import { checkLimitBytes, type FrameCodec } from './codec.js';

export interface DelimiterOptions {
  /** The longest frame in bytes, delimiter included; default: 64 KiB. */
  readonly limitBytes?: number | undefined;
}

/** What fits into one read; a peer that needs more should be asked for on purpose. */
export const DEFAULT_FRAME_LIMIT_BYTES = 65_536;

/**
 * Makes a codec for frames that end with `delimiter`.
 *
 * Bytes after the last delimiter are no frame: at the end of the stream they are an ERR_STREAM_ENDED.
 *
 * @param delimiter - one byte or more
 * @throws {RangeError} `delimiter` is empty, or `limitBytes` leaves no room for it
 */
export function delimited(
  delimiter: Uint8Array,
  options: DelimiterOptions = {},
): FrameCodec<Uint8Array> {
  const ending = delimiter.slice();
  return {
    ...upTo(ending, options.limitBytes ?? DEFAULT_FRAME_LIMIT_BYTES),
    decode: (bytes) => bytes.slice(0, bytes.length - ending.length),
    encode: (frame) => {
      const bytes = new Uint8Array(frame.length + ending.length);
      bytes.set(frame);
      bytes.set(ending, frame.length);
      // Looked for in both: a delimiter that repeats itself may begin in the frame and end in the delimiter.
      if (indexOfBytes(bytes, ending, 0) === frame.length) return bytes;
      throw new RangeError('a frame must not hold its delimiter: it would arrive as two');
    },
  };
}

/** A codec for all bytes up to a delimiter, with it. */
export function upTo(delimiter: Uint8Array, limitBytes: number): FrameCodec<Uint8Array> {
  if (delimiter.length === 0) {
    throw new RangeError('delimiter must have at least one byte: an empty one is found everywhere');
  }
  checkLimitBytes(limitBytes, delimiter.length);
  return {
    limitBytes,
    measure: (bytes, seen) => {
      // The delimiter may have begun in what was seen before.
      const at = indexOfBytes(bytes, delimiter, Math.max(0, seen - delimiter.length + 1));
      return at < 0 ? 0 : at + delimiter.length;
    },
    decode: (bytes) => bytes.slice(),
  };
}

/** Where `wanted` begins in `bytes`, from `from` on; -1: nowhere. */
export function indexOfBytes(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  // `wanted` has a first byte (checked above); 0 only satisfies the compiler's view of an empty one.
  const first = wanted[0] ?? 0;
  const last = bytes.length - wanted.length;
  for (
    let at = bytes.indexOf(first, from);
    at >= 0 && at <= last;
    at = bytes.indexOf(first, at + 1)
  ) {
    let matched = 1;
    while (matched < wanted.length && bytes[at + matched] === wanted[matched]) matched += 1;
    if (matched === wanted.length) return at;
  }
  return -1;
}
