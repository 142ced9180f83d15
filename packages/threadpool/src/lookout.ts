/**
 * When the threads of this environment's pools must wake it: only while it has said that it waits, in one word for all.
 *
 * After results have come the program usually hands over more. So it is looked again when all its promises have been
 * served, and only then does it wait: what ends meanwhile needs no message.
 */

/** Turns in which it looks again by itself, before it lets the event loop see to everything else. */
const LOOKS_IN_A_ROW = 8;

/** Where results come from. */
export interface Source {
  readonly hasResults: boolean;
  /** Hands on all that has come; whether there was something. */
  drain(): boolean;
}

const memory = new SharedArrayBuffer(4);
const waiting = new Int32Array(memory);
waiting[0] = 1;

const sources = new Set<Source>();
/** Its `then` costs a tenth of what Node's `queueMicrotask` does, which makes an AsyncResource. */
const settled = Promise.resolve();
let looks = 0;
let willLook = false;

/** The word, for the threads: 1 while this environment waits. */
export function waitingWord(): SharedArrayBuffer {
  return memory;
}

export function addSource(source: Source): void {
  sources.add(source);
}

export function removeSource(source: Source): void {
  sources.delete(source);
}

/** Takes all results that have come, from every thread; called when one of them says so, or has ended. */
export function look(): void {
  let isAny = false;
  for (const source of sources) isAny = source.drain() || isAny;
  if (willLook) return;
  if (!isAny && rest()) return;
  Atomics.store(waiting, 0, 0);
  willLook = true;
  // A tick queued by a microtask runs when all microtasks have run, and all that they have queued.
  if (++looks % LOOKS_IN_A_ROW === 0) setImmediate(lookAgain);
  else settled.then(lookSoon);
}

function lookSoon(): void {
  process.nextTick(lookAgain);
}

function lookAgain(): void {
  willLook = false;
  look();
}

/** From here on a thread that has something sends a message; false when one has something already. */
function rest(): boolean {
  looks = 0;
  Atomics.store(waiting, 0, 1);
  for (const source of sources) if (source.hasResults) return !mustWake(waiting);
  return true;
}

/** Inside a thread: whether the other side waits, and this is the one to wake it. */
export function mustWake(word: Int32Array): boolean {
  return Atomics.load(word, 0) === 1 && Atomics.compareExchange(word, 0, 1, 0) === 1;
}
