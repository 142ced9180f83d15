/**
 * Traces: which socket calls a program has made, and what the kernel answered. The subpath `@netloom/winsock-native/trace`.
 *
 * A program writes them when it is started with NETLOOM_TRACE_CALLS=<directory>; here they are read. Reading needs no addon.
 */
export { formatCall } from './trace/format.js';
export { readTrace } from './trace/read.js';
export type {
  CallRecord,
  TracedArgument,
  TracedBytes,
  TracedError,
  TracedValue,
} from './trace/record.js';
export { TRACED_BYTES } from './trace/values.js';
