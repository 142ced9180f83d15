/**
 * What runs inside a thread: claims tasks, runs them, says how they ended.
 *
 * Knows nothing of the pool's side but the messages and the shared memory. A task is claimed when all that it needs is
 * imported, and begins in that very moment: from then on it is this thread's, also if it takes the thread down. While
 * modules are imported it is only reserved, so that a thread that ends meanwhile has not begun it.
 */
import { performance } from 'node:perf_hooks';
import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import { type Callee, calleeOf } from './callee.js';
import { toSharedMs } from './clock.js';
import {
  assemble,
  discardArrived,
  loadClasses,
  type Packed,
  type Taken,
  UnpackError,
  unpack,
} from './crossing.js';
import type { Repairs } from './crossing-wire.js';
import { loadExport } from './exports-loader.js';
import { watchHeap } from './heap-limit.js';
import { mustWake } from './lookout.js';
import {
  ABORT,
  ANSWER,
  type Ending,
  type FieldsNews,
  type FromThread,
  type KindNews,
  KNOCK,
  OUTPUT,
  type ParcelNumber,
  READY,
  REFUSED,
  RETURNED,
  TAKEN,
  TASKS,
  THREW,
  type ThreadStart,
  type ToThread,
  WAKE,
  WORN,
} from './messages.js';
import { ResultPost } from './result-post.js';
import { SlotReader } from './slot-reader.js';
import { Slots } from './slots.js';
import { TaskQueue } from './task-queue.js';
import { AS_TEXT, BY_MESSAGE, TaskRingReader } from './task-ring.js';
import { answer, type Kind, type Offer, Run } from './task-run.js';
import { TextCellReader } from './text-cells.js';
import { passOutput } from './thread-output.js';
import { ThreadRest } from './thread-rest.js';
import { endThread, setUpThread } from './thread-set-up.js';
import { Waiter } from './wake-up.js';

/** How long tasks may follow each other before timers and sockets of this thread get a turn. */
const TURN_MS = 5;
/** Reading the clock costs as much as all else that an empty task costs here: one that follows another begins with its end. */
const UNKNOWN = -1;

// SAFETY: worker.ts starts this module, with exactly this.
const { port, control, waiting, setUp } = (workerData as ThreadStart).netloomThreadpool;

const slots = new Slots(control);
const ring = new TaskRingReader(control);
const reader = new SlotReader();
const texts = new TextCellReader();
const waiter = new Waiter(control, () => ring.hasMore || ring.hasMessages);
const rest = new ThreadRest(waiter, {
  hasOffers,
  hasMessages: () => ring.hasMessages,
  isBusy: () => runs.size > 0 || loads > 0,
  goOn: pump,
});
const poolWaits = new Int32Array(waiting);
const results = new ResultPost(port);
const kinds: Kind[] = [];
/** Fields that came as messages, in the order of their entries in the ring. */
const fieldsByMessage = new TaskQueue<FieldsNews>();
/** What goes before the ring: its turn had come when as many as may were running. */
const ready = new TaskQueue<Offer>();
/** Those that wait for something, by slot. */
const runs = new Map<number, Run>();
/** How many import what they need. */
let loads = 0;
/** What time it is, while tasks follow each other. */
let clock = UNKNOWN;
let isPumping = false;
let isDeferred = false;

if (setUp.isHeard) passOutput((stream, text) => post([OUTPUT, stream, text]));
// What is posted meanwhile stays in the port, and is not begun.
await setUpThread(setUp);
const wear = setUp.heapLimitBytes === undefined ? undefined : watchHeap(setUp.heapLimitBytes, worn);

port.on('message', (message: ToThread) => {
  received(message);
  rest.noteTurn();
  pump();
});
// What has ended stays ended, also when another task takes the thread down in the same turn.
process.on('exit', () => results.flush());
post([READY]);
pump();

function received(message: ToThread): void {
  clock = UNKNOWN;
  ring.noteReceived();
  if (message === KNOCK) return;
  if (message[0] === TASKS) {
    const [, tail, newKinds, blocks, words, classes, fields, newTexts] = message;
    for (const kind of newKinds) addKind(kind);
    for (const block of blocks) slots.addBlock(block);
    for (const word of words) reader.words.push(word);
    for (const one of classes) reader.classes.push(one);
    for (const one of fields) fieldsByMessage.push(one);
    if (newTexts !== undefined) texts.open(newTexts);
    ring.noteTail(tail);
  } else if (message[0] === ABORT) {
    const [, slot, id, reason, repairs, parcel] = message;
    void abort(slot, id, reason, repairs, takerOf(parcel));
  } else if (message[0] === ANSWER) {
    const [, request, isError, value, repairs, parcel] = message;
    void answer(request, isError, value, repairs, takerOf(parcel));
  } else endThread();
}

/** Receives one without waiting for the event loop to bring it. */
function receiveNow(): boolean {
  const next = receiveMessageOnPort(port);
  if (next !== undefined) received(next.message);
  return next !== undefined;
}

function addKind([kind, module, exportName, concurrency, isFunction, carries]: KindNews): void {
  kinds[kind] = {
    module,
    exportName,
    concurrency,
    isFunction,
    carries,
    call: undefined,
    loading: undefined,
    loads: 0,
    running: 0,
    waiting: new TaskQueue<Offer>(),
  };
}

/** Starts what may start, for one turn; called whenever something came or ended. */
function pump(): void {
  if (isPumping || isDeferred) return;
  isPumping = true;
  clock = performance.now();
  rest.end(clock);
  const until = clock + TURN_MS;
  while (startNext()) {
    if (clock > until && hasOffers()) {
      defer();
      break;
    }
  }
  const endedMs = clock === UNKNOWN ? performance.now() : clock;
  clock = UNKNOWN;
  isPumping = false;
  if (ring.takeWish()) wake();
  if (!isDeferred) rest.begin(endedMs);
}

function hasOffers(): boolean {
  return ready.size > 0 || ring.hasMore;
}

/** Goes on after the event loop has had its turn. */
function defer(): void {
  isDeferred = true;
  setImmediate(() => {
    isDeferred = false;
    rest.noteTurn();
    pump();
  });
}

/** Begins the next task; false when there is none. */
function startNext(): boolean {
  const offer = ready.shift();
  if (offer !== undefined) {
    begin(offer);
    return true;
  }
  if (!ring.read(receiveNow)) return false;
  const { slot, id } = ring;
  const kind = kinds[ring.kind & ~(BY_MESSAGE | AS_TEXT)];
  const isText = (ring.kind & AS_TEXT) !== 0;
  const classes = isText ? 0 : ring.classes;
  const text = isText ? ring.classes : 0;
  let fields: FieldsNews | undefined;
  if ((ring.kind & BY_MESSAGE) !== 0) {
    // One that could not be posted has been taken back.
    if (fieldsByMessage.first?.[0] !== id) return true;
    fields = fieldsByMessage.shift();
  }
  if (kind === undefined) throw new RangeError(`no kind has number ${ring.kind}`);
  if (kind.running >= kind.concurrency)
    kind.waiting.push({ slot, id, kind, classes, fields, text });
  else if (kind.call !== undefined && classes === 0 && fields === undefined) {
    // HOT: plain fields in the slot, and everything is loaded.
    if (!slots.claim(slot, id)) callNext(kind);
    else {
      kind.running++;
      const plain = isText ? texts.read(text) : slots.read(slot, 0, reader);
      call(new Run(slot, id, kind, post), kind.call, plain);
    }
  } else begin({ slot, id, kind, classes, fields, text });
  return true;
}

function begin(offer: Offer): void {
  const { slot, id, kind, classes, fields } = offer;
  const loading = fields === undefined ? loadClassesOf(classes) : loadClasses(fields[2]);
  if (kind.call === undefined || loading !== undefined) {
    if (slots.reserve(slot, id)) void load(offer, loading);
    else callNext(kind);
  } else if (slots.claim(slot, id)) {
    kind.running++;
    run(offer, kind.call, undefined);
  } else callNext(kind);
}

/** As {@link loadClasses}, of instances that lie in a slot, which may not be read before it is claimed. */
function loadClassesOf(classes: number): Promise<unknown> | undefined {
  if (classes === 0) return undefined;
  const crossers = reader.classesOf(classes);
  return loadClasses({ root: -1, crossers, sites: [], collections: [] });
}

/** Imports what the task needs, then claims it, unless it was taken back meanwhile. */
async function load(offer: Offer, loading: Promise<unknown> | undefined): Promise<void> {
  const { slot, id, kind } = offer;
  kind.running++;
  kind.loads++;
  loads++;
  let callee: Callee | undefined;
  let refusal: unknown;
  kind.loading ??= loadCallee(kind);
  try {
    callee = await kind.loading;
  } catch (error) {
    kind.loading = undefined;
    refusal = error;
  }
  const failure = await loading;
  loads--;
  kind.loads--;
  if (kind.loads === 0) kind.call = callee;
  if (!slots.claimReserved(slot, id)) leave(kind);
  else if (callee !== undefined) run(offer, callee, failure);
  else end(new Run(slot, id, kind, post), REFUSED, refusal);
}

async function loadCallee(kind: Kind): Promise<Callee> {
  return calleeOf(kind, await loadExport(kind.module, kind.exportName));
}

/** Puts the fields of a claimed task together and calls it. */
function run(offer: Offer, callee: Callee, failure: unknown): void {
  const { slot, id, kind, classes, fields, text } = offer;
  const one = new Run(slot, id, kind, post);
  if (text !== 0) {
    call(one, callee, texts.read(text));
    return;
  }
  const plain = fields === undefined ? slots.read(slot, classes, reader) : fields[1];
  const repairs = fields === undefined ? reader.repairs : fields[2];
  if (repairs === undefined) {
    call(one, callee, plain);
    return;
  }
  let made: unknown;
  slots.noteInside(true);
  try {
    made = assemble(plain, repairs, failure, (begun) => slots.noteParts(slot, begun));
  } catch (error) {
    slots.noteInside(false);
    if (error instanceof UnpackError) end(one, REFUSED, error.cause, error.left);
    else end(one, REFUSED, error);
    return;
  }
  call(one, callee, made);
}

function call(run: Run, callee: Callee, fields: unknown): void {
  // What has ended must be known before this one begins, which may block for as long as it likes.
  results.flush();
  run.began = clock === UNKNOWN ? performance.now() : clock;
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
    end(run, THREW, error);
    return;
  }
  slots.noteInside(false);
  if (later === undefined) {
    end(run, RETURNED, result);
    return;
  }
  if (isPumping) clock = performance.now();
  runs.set(run.slot, run);
  later.then(
    (value) => end(run, RETURNED, value),
    (error) => end(run, THREW, error),
  );
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return typeof (value as { then?: unknown }).then === 'function';
}

function end(run: Run, ending: Ending, value: unknown, left?: readonly number[]): void {
  const { slot, id, kind } = run;
  const now = performance.now();
  if (isPumping) clock = now;
  runs.delete(slot);
  slots.noteTime(slot, now - run.began);
  run.end();
  // A message is read after those before it; the ring is not: what a task asked must not come after its end.
  const mayPublish = ending === RETURNED && !run.hasAsked;
  if (!mayPublish || !slots.publish(slot, value)) results.add(slot, id, ending, value, left);
  else if (mustWake(poolWaits)) wake();
  leave(kind);
  wear?.();
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
  if (next !== undefined) ready.push(next);
}

function worn(): void {
  post([WORN]);
}

function wake(): void {
  port.postMessage(WAKE);
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
