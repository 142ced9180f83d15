/** Coroutines with real cancellation, scopes, timers and a switch of threads: the table of contents. */

// Declaring and calling

export type {
  AsyncStatus,
  CancelOptions,
  CompletedHandler,
  IAsyncAction,
  IAsyncActionWithProgress,
  IAsyncInfo,
  IAsyncOperation,
  IAsyncOperationWithProgress,
  ProgressHandler,
} from './async-info.js';
export {
  type AsyncResult,
  type Coroutine,
  type CoroutineBody,
  type CoroutineOptions,
  coroutine,
} from './coroutine.js';

export { fireAndForget } from './fire-and-forget.js';
export { getProgressToken, type ProgressToken } from './progress.js';

// Waiting

export { type Awaitable, fromPromise } from './from-promise.js';
export { Operation, type OperationOptions, type Suspension } from './operation.js';
export { resumeAfter } from './resume-after.js';
export { resumeOnSignal, type SignalOptions, type Waitable } from './resume-on-signal.js';
export type { WithSuppressed } from './suppressed.js';
export { type Suspend, suspendAlways } from './suspend-always.js';
export { type Results, whenAll } from './when-all.js';
export { type Winner, whenAny } from './when-any.js';

// Waiting for one another

export { Barrier } from './sync/barrier.js';
export { Channel, type ChannelOptions } from './sync/channel.js';
export { ClosedError, isClosedError } from './sync/closed-error.js';
export { Condition } from './sync/condition.js';
export { AutoResetEvent, ManualResetEvent } from './sync/event.js';
export { Interval, type IntervalOptions } from './sync/interval.js';
export { Latch } from './sync/latch.js';
export { Mutex, MutexGuard } from './sync/mutex.js';
export { Once } from './sync/once.js';
export { RateLimiter, type RateLimiterOptions, type RateOptions } from './sync/rate-limiter.js';
export { type SelectOptions, select } from './sync/select.js';
export {
  type AcquireOptions,
  Permit,
  Semaphore,
  type SemaphoreOptions,
} from './sync/semaphore.js';
export type { WaitOptions } from './sync/wait.js';

// From and to what knows nothing of coroutines

export { untilAborted, withSignal } from './sync/abort-signal.js';
export {
  type EmitterLike,
  type FromEventOptions,
  fromEvent,
  type TargetLike,
} from './sync/from-event.js';
export {
  fromStream,
  type StreamReader,
  type StreamSource,
  type WebStreamLike,
} from './sync/from-stream.js';
export { type Emit, toAsyncIterable } from './sync/to-async-iterable.js';

// Stopping and owning

export { currentDeadline } from './ambient.js';
export { CanceledError, cancelRequested, isCanceledError } from './cancellation.js';
export { CancellationToken, getCancellationToken } from './cancellation-token.js';
export type { Cleanup } from './clean-up.js';
export { ensure } from './ensure.js';
export {
  OpenResource,
  type Provide,
  Resource,
  type ResourceBody,
  resource,
} from './resource.js';
export { Scope } from './scope.js';
export type { DeadlineOptions, ScopeOptions } from './scope-options.js';
export { shield } from './shield.js';
export { setTracing } from './tracing.js';
export { type ScopeBody, scope } from './with-scope.js';
export { withTimeout } from './with-timeout.js';

// Time

export { type Clock, clock, setClock, type Timer } from './clock.js';

export {
  type Job,
  JobScheduler,
  type JobSchedulerOptions,
  type PeriodicOptions,
  type TurnOptions,
} from './job-scheduler.js';

// The switch of threads

export { ApartmentContext, apartmentContext } from './apartment-context.js';
export { background } from './background.js';
export { carryContext } from './carry-context.js';
export { CoroutineTask } from './coroutine-task.js';
export { type BgEntry, type FgEntry, type Resumption, setBgEntry, setFgEntry } from './entries.js';
export { foreground } from './foreground.js';
export { HopError, type HopErrorCode } from './hop-error.js';
export { resumeBackground } from './resume-background.js';
export { resumeForeground } from './resume-foreground.js';
export type { ContextStorage, LaunchContext } from './thread-state.js';
