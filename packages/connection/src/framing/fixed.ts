/**
 * Frames that all have the same length.
 */
import { checkLimitBytes, type FrameCodec } from './codec.js';

/**
 * Makes a codec for frames of `frameBytes` each; fewer at the end of the stream are an ERR_STREAM_ENDED.
 *
 * @param frameBytes - from 1 on; it is the limit, too
 * @throws {RangeError} `frameBytes` is not an integer from 1 on
 */
export function fixedLength(frameBytes: number): FrameCodec<Uint8Array> {
  checkLimitBytes(frameBytes, 1);
  return {
    limitBytes: frameBytes,
    measure: () => frameBytes,
    decode: (bytes) => bytes.slice(),
    encode: (frame) => {
      if (frame.length === frameBytes) return [frame];
      throw new RangeError(`a frame must have ${frameBytes} bytes: got ${frame.length}`);
    },
  };
}
