/**
 * Many tasks, one signal: listens once to each AbortSignal, however many tasks share it.
 *
 * A listener per task would make Node warn of a leak from the eleventh task on, and cost more than the task.
 */

interface Shared {
  readonly all: Set<() => void>;
  readonly tell: () => void;
}

const listeners = new WeakMap<AbortSignal, Shared>();

/** Calls back when the signal aborts; until {@link unlisten}. */
export function listen(signal: AbortSignal, aborted: () => void): void {
  let shared = listeners.get(signal);
  if (shared === undefined) {
    const all = new Set<() => void>();
    const tell = () => {
      for (const one of [...all]) one();
    };
    shared = { all, tell };
    listeners.set(signal, shared);
    signal.addEventListener('abort', tell, { once: true });
  }
  shared.all.add(aborted);
}

/** Takes a listener back; with the last one goes ours, which keeps a composite signal from being freed. */
export function unlisten(signal: AbortSignal, aborted: () => void): void {
  const shared = listeners.get(signal);
  if (shared?.all.delete(aborted) !== true || shared.all.size > 0) return;
  signal.removeEventListener('abort', shared.tell);
  listeners.delete(signal);
}
