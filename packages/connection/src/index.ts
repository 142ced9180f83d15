export { BufferPool, type BufferPoolOptions, PooledBytes } from './buffer-pool.js';
export {
  Connection,
  type LineReader,
  type RecvUntilOptions,
  type RecvWideTextOptions,
} from './connection.js';
export type {
  ConnectionCounters,
  ConnectionOptions,
  PendingOperation,
} from './connection-options.js';
export type { MinimumRate, WaitOptions } from './deadline.js';
export { ConnectionDuplex, type DuplexAddress, type DuplexOptions } from './duplex.js';
export { FrameReader } from './frames.js';
export type { FrameCodec } from './framing/codec.js';
export { type DelimiterOptions, delimited } from './framing/delimiter.js';
export { fixedLength } from './framing/fixed.js';
export { type LengthPrefixOptions, lengthPrefixed } from './framing/length-prefix.js';
export { type LineOptions, lines } from './framing/lines.js';
export {
  decodeWideText,
  encodeWideText,
  type WideTextOptions,
  wideText,
} from './framing/wide-text.js';
export { SendOperation } from './send.js';
export { SendFileOperation, type SendFileOptions } from './send-file.js';
export { StreamError, type StreamErrorCode } from './stream-error.js';
export { sampleTcpInfo, type TcpInfoSampleOptions } from './tcp-info.js';
export type { WebStreams } from './web-streams.js';
