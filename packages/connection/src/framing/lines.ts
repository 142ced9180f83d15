/**
 * Lines of text: what ends with LF or CR LF, in an encoding where 0x0A is always a line end.
 *
 * UTF-16 is not such an encoding (0x0A is half of many characters): that is `wide-text.ts`.
 */
import { checkLimitBytes, type FrameCodec } from './codec.js';
import { DEFAULT_FRAME_LIMIT_BYTES } from './delimiter.js';

export interface LineOptions {
  /** The longest line in bytes, its line end included; default: 64 KiB. */
  readonly limitBytes?: number | undefined;
  /**
   * A label of the WHATWG Encoding Standard; default: `utf-8`. Bytes that mean nothing in it become U+FFFD.
   * Not UTF-16.
   */
  readonly encoding?: string | undefined;
}

const utf8 = new TextEncoder();
const LF = 0x0a;
const CR = 0x0d;

/**
 * Makes a codec for lines of text.
 *
 * The last line needs no line end: what is left when the peer finishes sending is a line too.
 *
 * @throws {RangeError} `limitBytes` is not an integer from 1 on, or `encoding` is unknown or UTF-16
 */
export function lines(options: LineOptions = {}): FrameCodec<string> {
  const limitBytes = options.limitBytes ?? DEFAULT_FRAME_LIMIT_BYTES;
  checkLimitBytes(limitBytes, 1);
  const decoder = decoderFor(options.encoding ?? 'utf-8');
  return {
    limitBytes,
    restIsFrame: true,
    measure: (bytes, seen) => bytes.indexOf(LF, seen) + 1,
    decode: (bytes) => decoder.decode(bytes.subarray(0, lengthWithoutLineEnd(bytes))),
    encode: (line) => {
      if (line.includes('\n')) throw new RangeError('a line must not hold U+000A: it would be two');
      if (decoder.encoding !== 'utf-8') {
        throw new RangeError(`lines are sent as utf-8: these are read as ${decoder.encoding}`);
      }
      return utf8.encode(`${line}\n`);
    },
  };
}

function decoderFor(encoding: string): InstanceType<typeof TextDecoder> {
  // ignoreBOM keeps U+FEFF: each line is decoded by itself, and a decoder would drop it from every one.
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  if (decoder.encoding.startsWith('utf-16')) {
    throw new RangeError(
      `encoding must keep 0x0A for line ends: got ${encoding}; use recvWideText() or frames(wideText()) for UTF-16`,
    );
  }
  return decoder;
}

function lengthWithoutLineEnd(bytes: Uint8Array): number {
  const length = bytes.length;
  // Without LF it is the rest of the stream, and a CR at its end is text.
  if (bytes[length - 1] !== LF) return length;
  return bytes[length - 2] === CR ? length - 2 : length - 1;
}
