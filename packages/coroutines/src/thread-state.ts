/**
 * What all copies of this package on one thread share: who runs now, who takes work to the background.
 *
 * A program may load the package twice (two versions, or a bundle beside it). Coroutines of one copy call those of
 * the other, so that this state hangs on the global object of the thread, under a symbol of the global registry.
 */
import type { AsyncLocalStorage } from 'node:async_hooks';
import type { CanceledError } from './cancellation.js';

/** The pool's word with a task, as far as coroutines need it; the pool's `TaskContext` fits. */
export interface LaunchContext {
  /** Aborts when the launching side cancels. */
  readonly signal: AbortSignal;
  /** Asks the launching side; its answer, or its error. */
  request(message: unknown): Promise<unknown>;
  /** Tells the launching side how far it is. Absent: that goes by `request`. */
  progress?(value: unknown): void;
}

/** Which coroutine it is; one for all its runs. @internal */
export interface Identity {
  /** How messages call it. */
  readonly label: string;
  /** Whether another thread can find it. */
  readonly isNamed: boolean;
  /** Where it was declared, in whose stack that can be read; absent for a body that was never declared. */
  readonly declaration?: { readonly stack?: string | undefined } | undefined;
}

/** What a coroutine hands on to those that it calls. Absent where there is none of it. @internal */
export interface Ambient {
  /** Set in a coroutine that was launched from another thread, and in those that it called. */
  readonly launch: LaunchContext | undefined;
  /** When the nearest deadline around it is, on the clock. */
  readonly deadline: number | undefined;
  /** What the storages named by `carryContext` held when it was called. */
  readonly context: Readonly<Record<string, unknown>> | undefined;
  /** Set in the launched coroutine itself: what those that it calls get instead. */
  readonly inner: Ambient | undefined;
}

/** A running coroutine, as seen by the operations that it waits for. @internal */
export interface Owner {
  readonly identity: Identity;
  /** What surrounds it; see there. */
  readonly ambient: Ambient | undefined;
  /** Whether `cancel()` has been called. */
  readonly isCancelRequested: boolean;
  /** Whether a cancellation has yet to arrive. */
  readonly hasCancellation: boolean;
  /** Takes the cancellation that has yet to arrive: whoever calls this throws it. */
  takeCancellation(): CanceledError;
}

/** How a storage looks that {@link carryContext} accepts: Node's `AsyncLocalStorage` fits. */
export interface ContextStorage {
  getStore(): unknown;
  run<R>(store: unknown, callback: () => R): R;
}

/** Is told of each coroutine of this thread; see live.ts. @internal */
export interface Watcher {
  started(action: object, parent: object | undefined): void;
  /** It has begun to wait, or one of its waits has ended. */
  changed(action: object): void;
  ended(action: object): void;
}

/** Decides, in a test, what order and haste decide otherwise; see testing/. @internal */
export interface Schedule {
  /**
   * Which of several runnable ones goes next.
   *
   * @param n - how many, from 2
   * @returns from 0, the one that came first, to n - 1
   */
  next(n: number): number;
  /** Whether a coroutine whose operation has completed at once lets others go first. */
  givesWay(): boolean;
  /** Puts what goes on after having given way behind those that are runnable. */
  giveWay(resume: () => void): void;
  /** A slice has begun: there is progress. */
  hasRun(): void;
}

interface ThreadState {
  /** Absent outside of tests. */
  schedule: Schedule | undefined;
  /** Tells it from every other thread of the process. */
  readonly name: string;
  /** The coroutine whose generator runs at this moment. */
  owner: Owner | undefined;
  /** Who takes a resumption to the background; see entries.ts. */
  bgEntry: ((resumption: never) => unknown) | undefined;
  /** Who runs what comes back to this thread; see entries.ts. */
  fgEntry: ((run: () => void) => void) | undefined;
  /** Whether this thread runs what others launch. */
  isBackground: boolean;
  /** The way back to a launch, kept beside the plain data that crosses. */
  readonly controls: WeakMap<object, unknown>;
  /** What crosses by key; see carry-context.ts. */
  readonly carried: Map<string, ContextStorage>;
  /** Which async body runs; absent until the first one starts. */
  asyncOwners: AsyncLocalStorage<unknown> | undefined;
  /** Absent unless somebody watches. */
  watcher: Watcher | undefined;
  /** Whether a coroutine remembers where it was started; see tracing.ts. */
  isTracing: boolean;
}

const KEY = Symbol.for('netloom.coroutines');

function ofThisThread(): ThreadState {
  // SAFETY: only this module writes under this symbol, and always a ThreadState.
  const home = globalThis as { [KEY]?: ThreadState };
  home[KEY] ??= {
    schedule: undefined,
    // A thread's number would do, where there are numbers.
    name: `${performance.timeOrigin}-${Math.random()}`,
    owner: undefined,
    bgEntry: undefined,
    fgEntry: undefined,
    isBackground: false,
    controls: new WeakMap(),
    carried: new Map(),
    asyncOwners: undefined,
    watcher: undefined,
    isTracing: isTraceAskedFor(),
  };
  return home[KEY];
}

/** Whether the environment says `NETLOOM_TRACE=1`. */
function isTraceAskedFor(): boolean {
  // SAFETY: as Deno documents it; elsewhere there is no such object. It asks its user before it shows a variable.
  const deno = (globalThis as { Deno?: { permissions: { querySync(of: object): object } } }).Deno;
  const answer = deno?.permissions.querySync({ name: 'env', variable: 'NETLOOM_TRACE' });
  if (answer !== undefined && !('state' in answer && answer.state === 'granted')) return false;
  return globalThis.process?.env?.NETLOOM_TRACE === '1';
}

/** The state of the thread that runs this. @internal */
export const thread: ThreadState = /* @__PURE__ */ ofThisThread();
