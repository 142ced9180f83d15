// The ways to die that a thread has by itself.
const CODE = 7;

// Only a collection takes what it refers to, once this turn of the loop is over.
const dropped = new WeakRef({});
export const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Collects all garbage, seen to have happened; a turn of the loop after this module was loaded, with --expose-gc. */
export function collect() {
  globalThis.gc();
  if (dropped.deref() !== undefined) throw new Error('no garbage was collected');
}

/**
 * Takes memory until V8 takes the thread: a worker has resourceLimits. In small pieces: with arrays of a thousand, Node 24 and
 * 26 go on collecting for ever, without us too.
 */
function exhaust() {
  const kept = [];
  for (;;) kept.push({ list: [1, 2, 3] });
}

export function endBy(end) {
  if (end.startsWith('process.exit')) process.exit(CODE);
  if (end.startsWith('uncaught exception')) throw new Error('planted');
  if (end === 'out of memory') exhaust();
  // 'nothing left to do': returns.
}
