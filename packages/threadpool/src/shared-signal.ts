/**
 * Many tasks, one signal: listens once to each AbortSignal, however many tasks share it.
 *
 * A listener per task would make Node warn of a leak from the eleventh task on, and cost more than the task.
 */

const listeners = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls back when the signal aborts; until {@link unlisten}. */
export function listen(signal: AbortSignal, aborted: () => void): void {
  let all = listeners.get(signal);
  if (all === undefined) {
    const created = new Set<() => void>();
    all = created;
    listeners.set(signal, created);
    const tell = () => {
      for (const one of [...created]) one();
    };
    signal.addEventListener('abort', tell, { once: true });
  }
  all.add(aborted);
}

/** Takes a listener back. */
export function unlisten(signal: AbortSignal, aborted: () => void): void {
  listeners.get(signal)?.delete(aborted);
}
