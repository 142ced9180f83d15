/**
 * Many tasks of all sorts on a pool whose threads die in every way there is, and the books: what the promises say beside
 * what the threads wrote down themselves.
 */
import type { Worker } from 'node:worker_threads';
import { TaskError, ThreadPool } from '@netloom/threadpool';
import {
  type Account,
  Carries,
  type Death,
  Gives,
  type gives,
  Kills,
  Lasts,
  Moves,
  Throws,
  Waits,
} from './fixtures/ledger.mjs';
import { sharedInts } from './helpers.js';
import { type Random, randomFrom } from './random.js';

const FIXTURE = new URL('./fixtures/ledger.mjs', import.meta.url);
const IN_FLIGHT = 64;
/** Enough for a thread with its modules; found out to be exceeded within a moment. */
const HEAP_MB = 24;
/** Nothing ended for so long: what is open will not end any more. */
const STALLED_MS = 40_000;

export interface Terms {
  readonly seed: number;
  readonly threads: number;
  readonly tasks: number;
  /** Of so many tasks one takes its thread down; and so often a thread is stopped from outside. */
  readonly oneDiesIn: number;
  /** Of so many of those one runs out of memory, which takes longest. */
  readonly oneStarvesIn: number;
}

/** How a task ended, as its promise says. */
type Ending = 'value' | 'own error' | 'lost' | 'not run' | 'aborted';

export interface Books {
  readonly endings: Readonly<Record<Ending, number>>;
  /** Threads that were lost, of whatever. */
  readonly threadsLost: number;
  /** Of those, stopped from outside or out of memory: in the midst of whatever they did. */
  readonly cutOff: number;
  /** What the threads wrote down. */
  readonly begun: number;
  /** Lost, though the thread had come to its end: it was stopped before it could say so. */
  readonly unsaid: number;
  /** Every line is a task whose two accounts differ. */
  readonly differences: readonly string[];
}

/** Runs it, ends the pool while tasks are under way, and compares the books. */
export async function keepBooks(terms: Terms): Promise<Books> {
  const { seed, threads, tasks } = terms;
  const random = randomFrom(seed);
  const account: Account = {
    begun: sharedInts(tasks),
    ended: sharedInts(tasks),
    journal: sharedInts(2 * tasks + 1),
  };
  const workers = new Set<Worker>();
  let threadsLost = 0;
  let cutOff = 0;
  const met = (worker: Worker) => {
    workers.add(worker);
    worker.once('exit', () => {
      workers.delete(worker);
      threadsLost++;
    });
    worker.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') cutOff++;
    });
  };
  process.on('worker', met);
  const endings = new Map<number, Ending>();
  const differences: string[] = [];
  let added = 0;
  const watch = watchFor(STALLED_MS, () => endings.size);
  try {
    const pool = new ThreadPool(threads, {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    const client = async () => {
      while (added < tasks) {
        const at = added++;
        if (random.oneIn(terms.oneDiesIn)) cutOff += stopOne(workers, random);
        const wrong = (what: string) => differences.push(`task ${at}: ${what}`);
        endings.set(at, await ending(pool, account, at, random, terms, wrong));
      }
    };
    const clients = Promise.all(Array.from({ length: IN_FLIGHT }, client));
    // The end comes while work is under way: what is refused, cut off or not begun belongs to the books as well.
    const last = tasks - Math.floor(tasks / 20);
    while (added < last && !watch.isStalled) await new Promise(setImmediate);
    const end = random.oneIn(2) ? pool.terminate() : pool.close();
    await Promise.race([Promise.all([end, clients]), watch.stalled]);
    // Those that the pool itself has ended.
    threadsLost -= threads;
  } finally {
    process.off('worker', met);
    watch.end();
  }
  for (let at = 0; at < added; at++) {
    if (!endings.has(at)) differences.push(`task ${at}: no end`);
  }
  return audit(account, endings, { threadsLost, cutOff }, differences);
}

/** One task from its hand-over to its end. */
async function ending(
  pool: ThreadPool,
  account: Account,
  at: number,
  random: Random,
  terms: Terms,
  wrong: (what: string) => void,
): Promise<Ending> {
  const stop = new AbortController();
  const reason = { stopped: at };
  const abort = () => stop.abort(reason);
  try {
    const promise = random.oneIn(terms.oneDiesIn)
      ? pool.addTask(new Kills(account, at, deathOf(random, terms)))
      : random.pick(SORTS)(pool, account, at, stop.signal, abort);
    if (random.oneIn(10)) setImmediate(abort);
    const value = await promise;
    if (value !== at) wrong(`gave ${String(value)}`);
    return 'value';
  } catch (error) {
    if (error === reason) return 'aborted';
    if (error instanceof RangeError && error.message === `task ${at} throws`) return 'own error';
    const code = error instanceof TaskError ? error.code : String(error);
    if (code === 'ERR_TASK_NOT_RUN') return 'not run';
    if (code !== 'ERR_TASK_THREAD_LOST') wrong(`rejected with ${code}`);
    return 'lost';
  }
}

type Sort = (
  pool: ThreadPool,
  account: Account,
  at: number,
  signal: AbortSignal,
  abort: () => void,
) => Promise<unknown>;

const SORTS: readonly Sort[] = [
  (pool, account, at) => pool.addTask(new Gives(account, at)),
  (pool, account, at, signal) => pool.addTask(Object.assign(new Gives(account, at), { signal })),
  (pool, account, at) => pool.run<typeof gives>(FIXTURE, 'gives', [account, at]),
  (pool, account, at) => pool.addTask(new Throws(account, at)),
  (pool, account, at, signal) => pool.addTask(Object.assign(new Waits(account, at), { signal })),
  async (pool, account, at) => (await pool.addTask(new Carries(account, at))).at,
  async (pool, account, at) => {
    const { at: back, bytes } = await pool.addTask(new Moves(account, at));
    return bytes.length === 64 && bytes.every((byte) => byte === at % 251) ? back : bytes;
  },
  (pool, account, at, signal, abort) => {
    // Somebody has to stop it.
    setTimeout(abort, 5);
    return pool.addTask(new Lasts(account, at, signal));
  },
];

function deathOf(random: Random, { oneStarvesIn }: Terms): Death {
  if (random.oneIn(oneStarvesIn)) return 'memory';
  return random.pick(['exit', 'uncaught', 'rejection']);
}

/** Says when a number has stood still for so long. */
function watchFor(ms: number, progress: () => number) {
  let [seen, since] = [-1, 0];
  let tell: () => void = () => {};
  const stalled = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const watch = { isStalled: false, stalled, end: () => clearInterval(timer) };
  const timer = setInterval(() => {
    const now = progress();
    if (now !== seen) [seen, since] = [now, Date.now()];
    else if (Date.now() - since > ms) {
      watch.isStalled = true;
      tell();
    }
  }, 1000);
  return watch;
}

/**
 * Stops a thread from outside, as `worker.terminate()` in a debugger or another part of the program does.
 *
 * @returns how many: 0 when there is none to stop
 */
function stopOne(workers: Set<Worker>, random: Random): number {
  if (workers.size === 0) return 0;
  const worker = random.pick([...workers]);
  workers.delete(worker);
  void worker.terminate();
  return 1;
}

function audit(
  { begun, ended, journal }: Account,
  endings: ReadonlyMap<number, Ending>,
  threads: Pick<Books, 'threadsLost' | 'cutOff'>,
  differences: string[],
): Books {
  const counts = { value: 0, 'own error': 0, lost: 0, 'not run': 0, aborted: 0 };
  let total = 0;
  let unsaid = 0;
  for (const [at, how] of endings) {
    const [b, e] = [begun[at] ?? 0, ended[at] ?? 0];
    counts[how]++;
    total += b;
    if (how === 'lost' && e > 0) unsaid++;
    // A thread that was stopped may have been on its way into a task, or out of it: then nobody knows.
    const isBalanced = how === 'lost' ? b <= 1 && e <= b : b === e && b === (RAN.has(how) ? 1 : 0);
    if (!isBalanced) differences.push(`task ${at}: ${how}, but begun ${b} and ended ${e} times`);
  }
  if (journal[0] !== total)
    differences.push(`${journal[0]} begun by the journal, ${total} by task`);
  return { endings: counts, ...threads, begun: total, unsaid, differences };
}

const RAN: ReadonlySet<Ending> = new Set(['value', 'own error']);
