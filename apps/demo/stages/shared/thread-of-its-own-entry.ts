/** The thread that `thread-of-its-own.ts` starts: puts the arguments together, runs one coroutine, says how it ended. */
import { parentPort, workerData } from 'node:worker_threads';
import { CoroutineTask, type Resumption } from '@netloom/coroutines';
import type { Crossing, Word } from './thread-of-its-own.js';

const REVIVE = Symbol.for('netloom.revive');

// SAFETY: what runOnThreadOfItsOwn() gives its thread; one of its own cases each.
const resumption = workerData as Resumption & { readonly args: readonly Crossing[] };
const say = (word: Word) => parentPort?.postMessage(word);

// The only message that comes is a stop. Whoever waits in a blocking call hears it when the call has returned.
const stopping = new AbortController();
parentPort?.once('message', (reason) => stopping.abort(reason));

const args: unknown[] = [];
for (const arg of resumption.args) {
  if ('value' in arg) args.push(arg.value);
  else {
    const exported = await import(arg.module);
    args.push(exported[arg.exportName][REVIVE](arg.data));
  }
}
say({ kind: 'begun' });
try {
  const value = await new CoroutineTask({ ...resumption, args }).runTask({
    signal: stopping.signal,
    request: () => Promise.reject(new Error('foreground() needs a pool: nobody answers here')),
  });
  say({ kind: 'returned', value });
} catch (error) {
  // Structured clone keeps of an error its name, if that is a built-in one, message, stack and cause.
  const fields = error instanceof Error ? { ...error, name: error.name } : {};
  say({ kind: 'threw', error, fields });
}
parentPort?.close(); // nothing more to hear: the thread ends when nothing else waits on it
