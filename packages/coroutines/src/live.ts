/**
 * Which coroutines are alive on this thread: what dumps, leak detectors and schedulers of tests look at.
 *
 *     using watch = watchCoroutines();      from here on each coroutine that starts is known until it has ended
 *     watch.list()                          LiveCoroutine[], in the order in which they started: a snapshot
 *     watch.onStart / watch.onEnd           told of each, as it happens (may be left undefined)
 *
 * Each has a name, a parent (who called it), what it waits for (`String(operation)`, and the numbers of the coroutines
 * among that), since when, and, while tracing (`setTracing(true)`, tracing.ts), the stack of its start. Several may
 * watch at once; each sees what started since. While nobody does, a coroutine pays one comparison at its start, at
 * each real wait and at its end, and nothing is kept.
 */
import type { AsyncActionBase, LiveState } from './async-action.js';
import { clock } from './clock.js';
import type { Operation } from './operation.js';
import { thread, type Watcher } from './thread-state.js';
import { framesOf, placeOf, startOf } from './tracing.js';

/** One coroutine, as it stood when it was looked at. */
export interface LiveCoroutine {
  /** Counts up on this thread in the order of starts. */
  readonly id: number;
  /** `coroutine work`, `coroutine (anonymous)`, `the clean-up of a scope`. */
  readonly name: string;
  /** `url:line:column` of its declaration; undefined for a body that was spawned without one. */
  readonly declared: string | undefined;
  /** The `id` of the coroutine in which it was started; undefined for none, or one that nobody watched. */
  readonly parent: number | undefined;
  readonly state: LiveState;
  /** What it waits for, innermost last: `whenAny of 2`, then its parts. Empty unless it waits. */
  readonly waitsFor: readonly string[];
  /** The coroutines among that, by `id`. */
  readonly waitsForCoroutines: readonly number[];
  /** When it came into this state, on the clock. */
  readonly since: number;
  /** The frames of its start, outermost last; undefined without tracing. */
  readonly started: readonly string[] | undefined;
  /** Whether `cancel()` has been called. */
  readonly isCancelRequested: boolean;
  /** The coroutine itself. */
  readonly action: AsyncActionBase<unknown>;
}

/** A look at what lives on this thread; ends with `stop()`, or with its `using` block. */
export interface Watch extends Disposable {
  list(): LiveCoroutine[];
  onStart: ((coroutine: LiveCoroutine) => void) | undefined;
  onEnd: ((coroutine: LiveCoroutine) => void) | undefined;
  stop(): void;
}

interface Entry {
  readonly id: number;
  readonly parent: number | undefined;
  since: number;
}

let lastId = 0;
const ids = /* @__PURE__ */ new WeakMap<object, number>();
const watches = /* @__PURE__ */ new Set<CoroutineWatch>();

const watcher: Watcher = {
  started(action, parent) {
    lastId += 1;
    ids.set(action, lastId);
    const entry = { id: lastId, parent: parent && ids.get(parent), since: clock.now() };
    // SAFETY: only AsyncActionBase tells the watcher of itself.
    for (const watch of watches) watch.started(action as AsyncActionBase<unknown>, entry);
  },
  changed(action) {
    const now = clock.now();
    for (const watch of watches) watch.changed(action, now);
  },
  ended(action) {
    for (const watch of watches) watch.ended(action);
  },
};

class CoroutineWatch implements Watch {
  onStart: ((coroutine: LiveCoroutine) => void) | undefined;
  onEnd: ((coroutine: LiveCoroutine) => void) | undefined;
  readonly #live = new Map<object, { entry: Entry; action: AsyncActionBase<unknown> }>();

  started(action: AsyncActionBase<unknown>, entry: Entry): void {
    this.#live.set(action, { entry, action });
    this.onStart?.(look(action, entry));
  }

  changed(action: object, now: number): void {
    const known = this.#live.get(action);
    if (known !== undefined) known.entry.since = now;
  }

  ended(action: object): void {
    const known = this.#live.get(action);
    if (known === undefined) return;
    this.#live.delete(action);
    this.onEnd?.(look(known.action, known.entry));
  }

  list(): LiveCoroutine[] {
    return [...this.#live.values()].map(({ action, entry }) => look(action, entry));
  }

  stop(): void {
    watches.delete(this);
    this.#live.clear();
    if (watches.size === 0 && thread.watcher === watcher) thread.watcher = undefined;
  }

  [Symbol.dispose](): void {
    this.stop();
  }
}

/** Begins to watch the coroutines that start on this thread. */
export function watchCoroutines(): Watch {
  const watch = new CoroutineWatch();
  watches.add(watch);
  thread.watcher = watcher;
  return watch;
}

function look(action: AsyncActionBase<unknown>, entry: Entry): LiveCoroutine {
  const { identity } = action;
  const start = startOf(action);
  const operations: Operation<unknown>[] = [];
  for (const operation of action.waitsFor) collect(operation, operations);
  return {
    id: entry.id,
    parent: entry.parent,
    since: entry.since,
    name: identity.label,
    declared: placeOf(identity),
    state: action.liveState,
    waitsFor: operations.map(String),
    waitsForCoroutines: operations.flatMap((operation) => {
      const target = operation.coroutine;
      const id = target === undefined ? undefined : ids.get(target);
      return id === undefined ? [] : [id];
    }),
    started: start === undefined ? undefined : framesOf(start),
    isCancelRequested: action.isCancelRequested,
    action,
  };
}

/** An operation, then its parts; each once, however they are nested. */
function collect(operation: Operation<unknown>, into: Operation<unknown>[]): void {
  if (into.includes(operation)) return;
  into.push(operation);
  for (const part of operation.parts) collect(part, into);
}
