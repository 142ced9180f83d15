export {
  Connection,
  type ConnectionCounters,
  type ConnectionOptions,
  type LineReader,
  type PendingOperation,
  type RecvWideTextOptions,
} from './connection.js';
export type { WaitOptions } from './deadline.js';
export { FrameReader } from './frames.js';
export type { FrameCodec } from './framing/codec.js';
export { type DelimiterOptions, delimited } from './framing/delimiter.js';
export { type LengthPrefixOptions, lengthPrefixed } from './framing/length-prefix.js';
export { type LineOptions, lines } from './framing/lines.js';
export {
  decodeWideText,
  encodeWideText,
  type WideTextOptions,
  wideText,
} from './framing/wide-text.js';
export { SendOperation } from './send.js';
export { StreamError, type StreamErrorCode } from './stream-error.js';
