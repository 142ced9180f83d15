/**
 * What runs inside a thread: claims tasks, runs them, says how they ended.
 *
 * Knows nothing of the pool's side but the messages. A task is claimed when all that it needs is imported, and begins
 * in that very moment: from then on it is this thread's, also if it takes the thread down. While modules are imported
 * it is only reserved, so that a thread that ends meanwhile has not begun it.
 */
import { workerData } from 'node:worker_threads';
import { type Callee, calleeOf } from './callee.js';
import { toSharedMs } from './clock.js';
import {
  assemble,
  discard,
  discardArrived,
  loadClasses,
  type Packed,
  pack,
  type Taken,
  UnpackError,
  unpack,
} from './crossing.js';
import type { Repairs } from './crossing-wire.js';
import { loadExport } from './exports-loader.js';
import { watchHeap } from './heap-limit.js';
import {
  ABORT,
  ANSWER,
  END,
  type Ending,
  type FromThread,
  type ParcelNumber,
  READY,
  REFUSED,
  RESULTS,
  RETURNED,
  type ResultNews,
  TAKEN,
  TASKS,
  type TaskNews,
  THREW,
  type ThreadStart,
  type ToThread,
  WAKE,
  WORN,
} from './messages.js';
import { packAnyway, packRefusal } from './pack-anyway.js';
import { Slots } from './slots.js';
import { TaskQueue } from './task-queue.js';
import { answer, type Kind, Run } from './task-run.js';
import { endThread, setUpThread } from './thread-set-up.js';

/** How long tasks may follow each other before timers and sockets of this thread get a turn. */
const TURN_MS = 5;

// SAFETY: worker.ts starts this module, with exactly this.
const { port, control, setUp } = (workerData as ThreadStart).netloomThreadpool;
const slots = new Slots(control);
const kinds: Kind[] = [];
const ready = new TaskQueue<TaskNews>();
/** By slot. */
const runs = new Map<number, Run>();
let unsent: { news: ResultNews; packed: Packed }[] = [];
let isPumping = false;
let isDeferred = false;

// What is posted meanwhile stays in the port, and is not begun.
await setUpThread(setUp);
const wear = setUp.heapLimitBytes === undefined ? undefined : watchHeap(setUp.heapLimitBytes, worn);

port.on('message', (message: ToThread) => {
  if (message[0] === TASKS) {
    for (const [kind, module, exportName, concurrency, isFunction, carries] of message[1]) {
      const waiting = new TaskQueue<TaskNews>();
      kinds[kind] = {
        module,
        exportName,
        concurrency,
        isFunction,
        carries,
        call: undefined,
        running: 0,
        waiting,
      };
    }
    for (const block of message[2]) slots.addBlock(block);
    for (const news of message[3]) ready.push(news);
    pump();
  } else if (message[0] === ABORT) {
    const [, slot, id, reason, repairs, parcel] = message;
    abort(slot, id, reason, repairs, takerOf(parcel));
  } else if (message[0] === ANSWER) {
    const [, request, isError, value, repairs, parcel] = message;
    answer(request, isError, value, repairs, takerOf(parcel));
  }
  if (message[0] === END) endThread();
});
// What has ended stays ended, also when another task takes the thread down in the same turn.
process.on('exit', flush);
post([READY]);

/** Starts what may start, for one turn; called whenever something came or ended. */
function pump(): void {
  if (isPumping || isDeferred) return;
  isPumping = true;
  const until = performance.now() + TURN_MS;
  for (let news = ready.shift(); news !== undefined; news = ready.shift()) {
    const kind = kinds[news[2]];
    if (kind === undefined) continue;
    if (kind.running >= kind.concurrency) kind.waiting.push(news);
    else if (begin(news, kind) > until && ready.size > 0) {
      isDeferred = true;
      setImmediate(() => {
        isDeferred = false;
        pump();
      });
      break;
    }
  }
  isPumping = false;
}

/** @returns the time when it had begun, and ended if it needed no waiting; 0 when unknown */
function begin(news: TaskNews, kind: Kind): number {
  const [id, slot, , , repairs] = news;
  const loading = loadClasses(repairs);
  if (kind.call === undefined || loading !== undefined) {
    if (slots.reserve(slot, id)) void load(news, kind, loading);
    else callNext(kind);
    return 0;
  }
  if (!slots.claim(slot, id)) {
    callNext(kind);
    return 0;
  }
  kind.running++;
  return run(news, kind, kind.call, undefined);
}

/** Imports what the task needs, then claims it, unless it was taken back meanwhile. */
async function load(
  news: TaskNews,
  kind: Kind,
  loading: Promise<unknown> | undefined,
): Promise<void> {
  const [id, slot] = news;
  kind.running++;
  let refusal: unknown;
  try {
    kind.call ??= calleeOf(kind, await loadExport(kind.module, kind.exportName));
  } catch (error) {
    refusal = error;
  }
  const failure = await loading;
  if (!slots.claimReserved(slot, id)) leave(kind);
  else if (kind.call !== undefined) run(news, kind, kind.call, failure);
  else end(new Run(slot, id, kind, post), REFUSED, refusal);
}

/** Puts the fields of a claimed task together and calls it. */
function run(
  [id, slot, , fields, repairs]: TaskNews,
  kind: Kind,
  callee: Callee,
  failure: unknown,
): number {
  const one = new Run(slot, id, kind, post);
  runs.set(slot, one);
  if (repairs === undefined) return call(one, callee, fields);
  let made: unknown;
  slots.noteInside(true);
  try {
    made = assemble(fields, repairs, failure, (begun) => slots.noteParts(slot, begun));
  } catch (error) {
    slots.noteInside(false);
    if (error instanceof UnpackError) return end(one, REFUSED, error.cause, error.left);
    return end(one, REFUSED, error);
  }
  return call(one, callee, made);
}

function call(run: Run, callee: Callee, fields: unknown): number {
  // What has ended must be known before this one begins, which may block for as long as it likes.
  if (unsent.length > 0) flush();
  run.began = performance.now();
  slots.noteBegin(run.slot, toSharedMs(run.began));
  let result: unknown;
  let later: Promise<unknown> | undefined;
  slots.noteInside(true);
  try {
    result = callee(fields, run);
    // Reading `then` may throw as well.
    if (isThenable(result)) later = Promise.resolve(result);
  } catch (error) {
    slots.noteInside(false);
    return end(run, THREW, error);
  }
  slots.noteInside(false);
  if (later === undefined) return end(run, RETURNED, result);
  later.then(
    (value) => end(run, RETURNED, value),
    (error) => end(run, THREW, error),
  );
  return run.began;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return typeof (value as { then?: unknown }).then === 'function';
}

/** @returns when it ended */
function end(run: Run, ending: Ending, value: unknown, left?: readonly number[]): number {
  const { slot, id, kind } = run;
  const now = performance.now();
  runs.delete(slot);
  slots.noteTime(slot, now - run.began);
  run.end();
  // A message is read after those before it; the ring is not: what a task asked must not come after its end.
  const mayPublish = ending === RETURNED && !run.hasAsked;
  if (!mayPublish || !slots.publish(slot, value, wake)) send(slot, id, ending, value, left);
  leave(kind);
  wear?.();
  return now;
}

/** One of this kind less: another may begin. */
function leave(kind: Kind): void {
  kind.running--;
  callNext(kind);
  if (ready.size > 0) pump();
}

/** The place of one that ended here, or that was taken back before it began, goes to the next of its kind. */
function callNext(kind: Kind): void {
  const next = kind.waiting.shift();
  if (next !== undefined) ready.pushFront(next);
}

function worn(): void {
  post([WORN]);
}

function wake(): void {
  port.postMessage(WAKE);
}

function send(
  slot: number,
  id: number,
  ending: Ending,
  value: unknown,
  left: readonly number[] | undefined,
): void {
  let packed: Packed;
  let how = ending;
  if (ending === RETURNED) {
    try {
      packed = pack(value, 'result');
    } catch (error) {
      packed = packRefusal(error, 'result');
      how = THREW;
    }
  } else packed = packAnyway(value, 'error');
  const news: ResultNews = [slot, id, how, packed.value, packed.repairs];
  if (left !== undefined) news.push(left);
  unsent.push({ news, packed });
  if (unsent.length === 1) queueMicrotask(flush);
}

function flush(): void {
  if (unsent.length === 0) return;
  const batch = unsent;
  unsent = [];
  try {
    const moved = batch.flatMap(({ packed }) => packed.transfer ?? []);
    port.postMessage([RESULTS, batch.map(({ news }) => news)] satisfies FromThread, moved);
  } catch {
    for (const one of batch) flushOne(one.news, one.packed);
  }
}

function flushOne(news: ResultNews, packed: Packed): void {
  try {
    post([RESULTS, [news]], packed);
  } catch (error) {
    discard(packed);
    const refused = packRefusal(error, 'result');
    post([RESULTS, [[news[0], news[1], THREW, refused.value, refused.repairs]]]);
  }
}

function post(message: FromThread, packed?: Packed): void {
  port.postMessage(message, packed?.transfer ?? []);
}

/** Says that a parcel is in this thread's hands; before it is opened, so that nobody else releases it. */
function takerOf(parcel: ParcelNumber): Taken | undefined {
  return parcel === undefined ? undefined : (left) => post([TAKEN, parcel, left]);
}

async function abort(
  slot: number,
  id: number,
  value: unknown,
  repairs: Repairs | undefined,
  taken: Taken | undefined,
): Promise<void> {
  if (runs.get(slot)?.id !== id) return discardArrived(repairs, taken);
  const reason = await tryUnpack(value, repairs, taken);
  const run = runs.get(slot);
  if (run?.id === id) run.abort(reason);
}

/** A reason that cannot be put together is still a reason: the error that says why. */
async function tryUnpack(
  value: unknown,
  repairs: Repairs | undefined,
  taken: Taken | undefined,
): Promise<unknown> {
  try {
    return await unpack(value, repairs, taken);
  } catch (error) {
    return error instanceof UnpackError ? error.cause : error;
  }
}
