/**
 * Whose turn it is: coroutines run one after the other, never inside one another.
 *
 * What becomes runnable while a slice runs waits in line until it has ended, first come, first served. A chain of a
 * million coroutines that wake each other therefore needs no stack, and a wake-up cannot be lost: it is a place in
 * the line. A coroutine that is *called* does run inside its caller, as a function would, up to MAX_DEPTH.
 */
import { beginSlice, mayCompleteAtOnce, yieldTurn } from './fairness.js';
import { type Schedule, thread } from './thread-state.js';

/** Something whose turn comes. */
export interface Job {
  /** Runs one slice, to the next wait. Reports errors by its own way and does not throw. */
  runSlice(): void;
}

/** Calls nested deeper than this wait in line instead: about a tenth of Node's stack. */
const MAX_DEPTH = 256;

let line: Job[] = [];
let head = 0;
let depth = 0;
let hasAskedForTurn = false;

/** Runs a job that has become runnable: now if nothing runs, else after the running slice. */
export function schedule(job: Job): void {
  if (depth > 0) {
    line.push(job);
    return;
  }
  if (thread.schedule !== undefined) {
    line.push(job);
    askForDraining();
    return;
  }
  beginSlice();
  if (head === line.length) {
    runOutermost(job);
    return;
  }
  // Others wait for their turn of the event loop: this one stands behind them.
  line.push(job);
  drain();
}

/** Runs a job that has just been made, inside its caller. */
export function runNow(job: Job): void {
  if (depth === 0) {
    runOutermost(job);
    return;
  }
  if (depth >= MAX_DEPTH) {
    line.push(job);
    return;
  }
  depth += 1;
  try {
    job.runSlice();
  } finally {
    depth -= 1;
  }
}

/** Nobody who is woken or stopped in this runs before its end. */
export function inOneSlice(work: () => void): void {
  runNow({ runSlice: work });
}

/** Throws where nobody's code stands above: an error in a handler is the program's, not the waker's. */
export function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

function runOutermost(job: Job): void {
  depth = 1;
  try {
    job.runSlice();
  } catch (error) {
    throwLater(error);
  } finally {
    depth = 0;
  }
  if (head < line.length) drain();
}

function drain(): void {
  depth = 1;
  try {
    while (head < line.length) {
      const { schedule } = thread;
      if (schedule !== undefined) {
        bringForward(schedule);
      } else if (!mayCompleteAtOnce()) {
        askForTurn();
        break;
      }
      // SAFETY: head is below the length, and only jobs are pushed.
      const job = line[head] as Job;
      head += 1;
      try {
        job.runSlice();
      } catch (error) {
        throwLater(error);
      }
    }
  } finally {
    depth = 0;
  }
  compact();
}

/** Copies at most one job for each that ran, however long the line is. */
function compact(): void {
  if (head === line.length) {
    line.length = 0;
    head = 0;
  } else if (head * 2 > line.length) {
    line = line.slice(head);
    head = 0;
  }
}

function askForTurn(): void {
  if (hasAskedForTurn) return;
  hasAskedForTurn = true;
  yieldTurn(() => {
    hasAskedForTurn = false;
    drain();
  });
}

/** In a test all that is woken together stands in line before the first is chosen. */
function askForDraining(): void {
  if (hasAskedForTurn) return;
  hasAskedForTurn = true;
  queueMicrotask(() => {
    hasAskedForTurn = false;
    drain();
  });
}

/** In a test the next one is chosen by the schedule; those it overtakes keep their order. */
function bringForward(schedule: Schedule): void {
  schedule.hasRun();
  const waiting = line.length - head;
  const chosen = waiting > 1 ? schedule.next(waiting) : 0;
  if (chosen > 0) line.splice(head, 0, ...line.splice(head + chosen, 1));
}
