/**
 * A background entry without a pool: every coroutine that leaves gets a thread of its own, which ends with it.
 *
 * The other side is `thread-of-its-own-entry.ts`. Arguments cross as structured clone has it; instances that say how they
 * cross (SockaddrIn, Socket) do so by the symbols that netloom's packages share. What the thread pool does beyond this
 * (instances inside of other values, `foreground()`) is left out.
 */
import { Worker } from 'node:worker_threads';
import { CoroutineTask, type Resumption } from '@netloom/coroutines';

const ENTRY = new URL('./thread-of-its-own-entry.js', import.meta.url);
const DEHYDRATE = Symbol.for('netloom.dehydrate');
const DISCARD = Symbol.for('netloom.discard');

/** An argument on its way: a plain value, or an instance taken apart. */
export type Crossing =
  | { readonly value: unknown }
  | { readonly module: string; readonly exportName: string; readonly data: unknown };

/** What the thread says: that the arguments are its own now, and how the coroutine ended. */
export type Word =
  | { readonly kind: 'begun' }
  | { readonly kind: 'returned'; readonly value: unknown }
  | { readonly kind: 'threw'; readonly error: unknown; readonly fields: object };

interface Dehydratable {
  [DEHYDRATE](): { module: string; exportName: string; data: unknown };
}

/**
 * Runs a resumption on a new thread: `setBgEntry((resumption) => runOnThreadOfItsOwn(resumption))`.
 *
 * @returns settles when the thread has ended, with what the coroutine returned or threw
 */
export async function runOnThreadOfItsOwn(resumption: Resumption): Promise<unknown> {
  const { signal } = new CoroutineTask(resumption);
  signal?.throwIfAborted();
  const args = resumption.args.map(takenApart);
  let hasBegun = false;
  let end: Exclude<Word, { kind: 'begun' }> | undefined;
  try {
    const thread = new Worker(ENTRY, { workerData: { ...resumption, args } });
    const stop = () => thread.postMessage(signal?.reason);
    thread.on('message', (word: Word) => {
      if (word.kind === 'begun') hasBegun = true;
      else end = word;
    });
    signal?.addEventListener('abort', stop);
    await new Promise((resolve, reject) => {
      thread.on('error', reject);
      thread.on('exit', resolve);
    });
    signal?.removeEventListener('abort', stop);
  } finally {
    if (!hasBegun) for (const arg of args) await discard(arg);
  }
  if (end === undefined) throw new Error(`the thread ended before ${resumption.exportName} did`);
  if (end.kind === 'returned') return end.value;
  throw end.error instanceof Error ? Object.assign(end.error, end.fields) : end.error;
}

function takenApart(arg: unknown): Crossing {
  return isDehydratable(arg) ? arg[DEHYDRATE]() : { value: arg };
}

function isDehydratable(arg: unknown): arg is Dehydratable {
  return typeof arg === 'object' && arg !== null && DEHYDRATE in arg;
}

/** Releases what nobody over there has taken: a socket is closed, and its peer sees the end. */
async function discard(arg: Crossing): Promise<void> {
  if ('value' in arg) return;
  const exported = await import(arg.module);
  exported[arg.exportName][DISCARD]?.(arg.data);
}
