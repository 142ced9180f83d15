/**
 * Whether this thread has nothing of its own to wait for. Inside a thread.
 */

/** What waits outside Node's own handles is counted here by whoever waits: sockets of an addon are not seen otherwise. */
const WAITS = Symbol.for('netloom.waits');

/**
 * Whether the event loop may stand still for a moment: nothing waits in it but the pool's own port.
 *
 * Not seen is what keeps no process alive; see where it is called.
 */
export function mayBlock(): boolean {
  const waits: unknown = (globalThis as { [WAITS]?: unknown })[WAITS];
  if (typeof waits === 'number' && waits > 0) return false;
  const active = process.getActiveResourcesInfo();
  return active.length === 1 && active[0] === 'MessagePort';
}
