// Declaring and calling.

export type {
  AsyncStatus,
  CompletedHandler,
  IAsyncAction,
  IAsyncInfo,
  IAsyncOperation,
} from './async-action.js';
// Stopping.
export { CanceledError, cancelRequested, isCanceledError } from './cancellation.js';
// Time.
export { type Clock, clock, setClock, type Timer } from './clock.js';
export {
  type AsyncResult,
  type Coroutine,
  type CoroutineBody,
  type CoroutineOptions,
  coroutine,
} from './coroutine.js';
export { type Awaitable, fromPromise } from './from-promise.js';
// Waiting.
export { Operation, type OperationOptions, type Suspension } from './operation.js';
export { resumeAfter } from './resume-after.js';
export type { WithSuppressed } from './suppressed.js';
export { type Results, whenAll } from './when-all.js';
export { type Winner, whenAny } from './when-any.js';
