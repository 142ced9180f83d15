/**
 * Frames that say their length first: an unsigned integer of a fixed size in either order of bytes, or one that is as long
 * as it has to be (LEB128, as Protocol Buffers write lengths).
 */
import { checkLimitBytes, type FrameCodec } from './codec.js';
import { DEFAULT_FRAME_LIMIT_BYTES } from './delimiter.js';

export interface LengthPrefixOptions {
  /** Bytes of the prefix; default: 4. `varint`: seven bits a byte, lowest first, the eighth says that more follow. */
  readonly prefixBytes?: 1 | 2 | 4 | 8 | 'varint' | undefined;
  /** The order of the prefix's bytes; default: `big`, the network's. Says nothing of a varint, which has only one. */
  readonly byteOrder?: 'big' | 'little' | undefined;
  /** The longest frame in bytes, prefix included; default: 64 KiB. */
  readonly limitBytes?: number | undefined;
}

/** A varint of 64 bits has no more bytes. */
const MOST_VARINT_BYTES = 10;

/**
 * Makes a codec for frames with a length in front, which counts what follows it; an empty frame is a frame.
 *
 * A stated length beyond `limitBytes` is refused as soon as the prefix is there; a varint that does not end within ten bytes
 * is one.
 *
 * @throws {RangeError} `prefixBytes` or `byteOrder` is none of the above, or `limitBytes` leaves no room for the prefix
 */
export function lengthPrefixed(options: LengthPrefixOptions = {}): FrameCodec<Uint8Array> {
  const { prefixBytes = 4, byteOrder = 'big' } = options;
  const limitBytes = options.limitBytes ?? DEFAULT_FRAME_LIMIT_BYTES;
  if (byteOrder !== 'big' && byteOrder !== 'little') {
    throw new RangeError(`byteOrder must be 'big' or 'little': got ${String(byteOrder)}`);
  }
  if (prefixBytes === 'varint') return varintPrefixed(limitBytes);
  if (prefixBytes !== 1 && prefixBytes !== 2 && prefixBytes !== 4 && prefixBytes !== 8) {
    throw new RangeError(`prefixBytes must be 1, 2, 4, 8 or 'varint': got ${String(prefixBytes)}`);
  }
  checkLimitBytes(limitBytes, prefixBytes);
  const isBig = byteOrder === 'big';
  const most = 256 ** prefixBytes - 1;
  return {
    limitBytes,
    measure: (bytes) => {
      if (bytes.length < prefixBytes) return 0;
      let stated = 0;
      // Not shifted: 2 ** 31 and more would become negative. Beyond 2 ** 53 it is no longer exact, and far beyond any limit.
      for (let at = 0; at < prefixBytes; at += 1) {
        stated = stated * 256 + (bytes[isBig ? at : prefixBytes - 1 - at] ?? 0);
      }
      return prefixBytes + stated;
    },
    decode: (bytes) => bytes.slice(prefixBytes),
    encode: (frame) => {
      checkFits(frame, prefixBytes, limitBytes, most);
      const prefix = new Uint8Array(prefixBytes);
      let rest = frame.length;
      for (let at = 0; at < prefixBytes; at += 1) {
        prefix[isBig ? prefixBytes - 1 - at : at] = rest % 256;
        rest = Math.floor(rest / 256);
      }
      return [prefix, frame];
    },
  };
}

function varintPrefixed(limitBytes: number): FrameCodec<Uint8Array> {
  checkLimitBytes(limitBytes, 1);
  return {
    limitBytes,
    measure: (bytes) => {
      let stated = 0;
      let scale = 1;
      for (let at = 0; at < bytes.length && at < MOST_VARINT_BYTES; at += 1) {
        const byte = bytes[at] ?? 0;
        stated += (byte & 0x7f) * scale;
        if (byte < 0x80) return at + 1 + stated;
        scale *= 128;
      }
      return bytes.length < MOST_VARINT_BYTES ? 0 : Number.MAX_SAFE_INTEGER;
    },
    decode: (bytes) => bytes.slice(bytes.findIndex((byte) => byte < 0x80) + 1),
    encode: (frame) => {
      const prefix: number[] = [];
      let rest = frame.length;
      for (; rest >= 0x80; rest = Math.floor(rest / 128)) prefix.push((rest % 128) | 0x80);
      prefix.push(rest);
      checkFits(frame, prefix.length, limitBytes, Number.MAX_SAFE_INTEGER);
      return [Uint8Array.from(prefix), frame];
    },
  };
}

function checkFits(frame: Uint8Array, prefixBytes: number, limitBytes: number, most: number): void {
  if (prefixBytes + frame.length <= limitBytes && frame.length <= most) return;
  throw new RangeError(
    `a frame must fit into limitBytes (${limitBytes}) with its prefix, and its length into ${prefixBytes} bytes: got ${frame.length} bytes`,
  );
}
