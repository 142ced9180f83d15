/**
 * What lives, as text: the tree of coroutines, each with what it waits for, since when, and where it was started.
 *
 *     coroutine serve · waiting 12 ms for whenAny of 2, channel.receive(), resumeAfter
 *       at serve.ts:12:30
 *     └─ coroutine worker · waiting 3 ms for semaphore.acquire()
 */
import { clock } from '../clock.js';
import { type LiveCoroutine, type Watch, watchCoroutines } from '../live.js';
import { setTracing } from '../tracing.js';

/**
 * The tree of the coroutines that a watch knows.
 *
 * @param coroutines - `watch.list()`
 * @param nowMs - the time to count from, on the clock; default: now
 * @returns lines without an end of line at the end; `no coroutine is alive` for none
 */
export function dump(coroutines: readonly LiveCoroutine[], nowMs: number = clock.now()): string {
  if (coroutines.length === 0) return 'no coroutine is alive';
  const known = new Set(coroutines.map(({ id }) => id));
  const roots: LiveCoroutine[] = [];
  const byParent = new Map<number, LiveCoroutine[]>();
  const childrenOf = (parent: number) => {
    const children = byParent.get(parent) ?? [];
    byParent.set(parent, children);
    return children;
  };
  for (const coroutine of coroutines) {
    const { parent } = coroutine;
    // One whose caller has ended is a root: nobody above it is alive.
    if (parent === undefined || !known.has(parent)) roots.push(coroutine);
    else childrenOf(parent).push(coroutine);
  }
  const lines: string[] = [];
  // A list, not a recursion: a chain of a million coroutines shall be dumped, too.
  const open = roots.reverse().map((coroutine) => ({ coroutine, indent: '', isRoot: true }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { coroutine, indent, isRoot } = next;
    lines.push(`${indent}${isRoot ? '' : '└─ '}${describe(coroutine, nowMs)}`);
    const below = isRoot ? indent : `${indent}   `;
    const [place] = coroutine.started ?? [];
    if (place !== undefined) lines.push(`${below}  started ${place.trim()}`);
    for (const child of childrenOf(coroutine.id).reverse()) {
      open.push({ coroutine: child, indent: below, isRoot: false });
    }
  }
  return lines.join('\n');
}

/** One line: name, state, how long, what for. @internal */
export function describe(coroutine: LiveCoroutine, nowMs: number): string {
  const { name, state, since, waitsFor, isCancelRequested, declared } = coroutine;
  const what = waitsFor.length > 0 ? ` for ${waitsFor.join(', ')}` : '';
  const canceled = isCancelRequested ? ', asked to stop' : '';
  const place = name.endsWith('(anonymous)') && declared !== undefined ? ` ${declared}` : '';
  return `${name}${place} · ${state} ${Math.max(Math.round(nowMs - since), 0)} ms${what}${canceled}`;
}

export interface DumpOptions {
  /** Where the text goes; default: standard error. */
  readonly write?: ((text: string) => void) | undefined;
}

/** What `dumpOnSignal` keeps, until it is stopped or its block ends. */
export interface SignalDump extends Disposable {
  /** Does now what the signal does. */
  dump(): void;
  stop(): void;
}

/** Threads ask each other under this name. */
const CHANNEL = 'netloom.dump';

/**
 * Dumps the tree of coroutines whenever the process gets a signal, without disturbing it: `kill -USR2 pid`.
 *
 * Knows the coroutines that start after this call. Call it on each thread that runs coroutines: only the main thread
 * gets signals, and asks the others, whose trees are written as they answer; one that computes answers when it waits.
 * Keeps neither process nor thread alive. In Node, Bun and Deno only.
 *
 * @param signal - default `SIGUSR2`; WINDOWS: has no such signal, `SIGBREAK` is the one that can be sent by keyboard
 * @param options.write - takes the text of all threads; only that of the main thread is called
 * @throws {TypeError} there is no process here, as in a browser
 */
export function dumpOnSignal(signal = 'SIGUSR2', { write }: DumpOptions = {}): SignalDump {
  const { process } = globalThis;
  const threads = process?.getBuiltinModule?.('node:worker_threads');
  if (threads === undefined) {
    throw new TypeError('dumpOnSignal() needs Node, Bun or Deno: browsers have no signals');
  }
  const show = write ?? ((text: string) => void process.stderr.write(`${text}\n`));
  const watch: Watch = watchCoroutines();
  const wasTracing = setTracing(true);
  const name = threads.isMainThread ? 'main thread' : `thread ${threads.threadId}`;
  const text = () => `${name}, coroutines alive:\n${dump(watch.list())}`;
  const channel = new threads.BroadcastChannel(CHANNEL);
  channel.unref();
  const dumpHere = () => {
    show(text());
    channel.postMessage('dump');
  };
  channel.onmessage = (event: unknown) => {
    // SAFETY: Node's BroadcastChannel gives an event with the message as data.
    const { data } = event as { readonly data: unknown };
    if (data === 'dump') {
      if (!threads.isMainThread) channel.postMessage({ text: text() });
    } else if (
      threads.isMainThread &&
      typeof data === 'object' &&
      data !== null &&
      'text' in data
    ) {
      show(String(data.text));
    }
  };
  if (threads.isMainThread) process.on(signal, dumpHere);
  const stop = () => {
    process.off(signal, dumpHere);
    channel.close();
    watch.stop();
    setTracing(wasTracing);
  };
  return { dump: dumpHere, stop, [Symbol.dispose]: stop };
}
