/**
 * Frames that say their length first, as an unsigned integer in network order.
 */
import { checkLimitBytes, type FrameCodec } from './codec.js';
import { DEFAULT_FRAME_LIMIT_BYTES } from './delimiter.js';

export interface LengthPrefixOptions {
  /** Bytes of the prefix; default: 4. The length it states counts what follows it. */
  readonly prefixBytes?: 1 | 2 | 4 | undefined;
  /** The longest frame in bytes, prefix included; default: 64 KiB. */
  readonly limitBytes?: number | undefined;
}

/**
 * Makes a codec for frames with a length in front; an empty frame is a frame.
 *
 * A stated length beyond `limitBytes` is refused as soon as the prefix is there.
 *
 * @throws {RangeError} `prefixBytes` is not 1, 2 or 4, or `limitBytes` leaves no room for it
 */
export function lengthPrefixed(options: LengthPrefixOptions = {}): FrameCodec<Uint8Array> {
  const prefixBytes = options.prefixBytes ?? 4;
  if (prefixBytes !== 1 && prefixBytes !== 2 && prefixBytes !== 4) {
    throw new RangeError(`prefixBytes must be 1, 2 or 4: got ${String(prefixBytes)}`);
  }
  const limitBytes = options.limitBytes ?? DEFAULT_FRAME_LIMIT_BYTES;
  checkLimitBytes(limitBytes, prefixBytes);
  return {
    limitBytes,
    measure: (bytes) => {
      if (bytes.length < prefixBytes) return 0;
      let stated = 0;
      // Not shifted: 2 ** 31 and more would become negative.
      for (let at = 0; at < prefixBytes; at += 1) stated = stated * 256 + (bytes[at] ?? 0);
      return prefixBytes + stated;
    },
    decode: (bytes) => bytes.slice(prefixBytes),
  };
}
